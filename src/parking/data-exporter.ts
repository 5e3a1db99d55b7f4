import { type DataExporter, MAX_EXPORTED } from '../auth/data-export.ts';
import { formatDecimal } from '../lib/money.ts';

/** What a person had reserved, and for which car. */
const RESERVATION_EXPORTER: DataExporter = {
  section: 'parkingReservations',
  read: async (db, userId) =>
    await db
      .selectFrom('parking_reservation as reservation')
      .innerJoin('parking_lot as lot', 'lot.id', 'reservation.lot_id')
      .innerJoin('venue', 'venue.id', 'reservation.venue_id')
      .leftJoin('parking_space as space', 'space.id', 'reservation.space_id')
      .select(['reservation.id', 'venue.slug as venue', 'lot.name as lot', 'space.label as space'])
      .select(['reservation.plate', 'reservation.status'])
      .select(['reservation.starts_at as startsAt', 'reservation.ends_at as endsAt'])
      .select(['reservation.reserved_at as reservedAt', 'reservation.checked_in_at as checkedInAt'])
      .select(['reservation.ended_at as endedAt', 'reservation.cancel_reason as cancelReason'])
      .where('reservation.user_id', '=', userId)
      .orderBy('reservation.starts_at', 'desc')
      .orderBy('reservation.id')
      .limit(MAX_EXPORTED)
      .execute(),
};

/** Where his cars stood. Amounts are decimal texts in the currency. */
const SESSION_EXPORTER: DataExporter = {
  section: 'parkingSessions',
  read: async (db, userId) => {
    const stays = await db
      .selectFrom('parking_session as stay')
      .innerJoin('parking_lot as lot', 'lot.id', 'stay.lot_id')
      .innerJoin('venue', 'venue.id', 'stay.venue_id')
      .leftJoin('parking_space as space', 'space.id', 'stay.space_id')
      .select(['stay.id', 'venue.slug as venue', 'lot.name as lot', 'space.label as space', 'stay.plate'])
      .select(['stay.started_at as startedAt', 'stay.until', 'stay.ended_at as endedAt'])
      .select(['stay.charge', 'stay.paid', 'stay.currency'])
      .select(['stay.settled', 'stay.settled_how as settledHow', 'stay.settled_at as settledAt'])
      .select('stay.settled_note as settledNote')
      .where('stay.user_id', '=', userId)
      .orderBy('stay.started_at', 'desc')
      .orderBy('stay.id')
      .limit(MAX_EXPORTED)
      .execute();
    return stays.map(({ charge, paid, settled, currency, ...stay }) => {
      const textOf = (amountMinor: bigint | null) =>
        amountMinor === null ? null : formatDecimal({ amountMinor, currency });
      return {
        ...stay,
        currency,
        charge: textOf(charge),
        paid: textOf(paid),
        settled: textOf(settled),
      };
    });
  },
};

export const PARKING_EXPORTERS: readonly DataExporter[] = [RESERVATION_EXPORTER, SESSION_EXPORTER];
