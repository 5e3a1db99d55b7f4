import type { ReservationSnapshot, SessionSnapshot, SettlementSnapshot } from './events.ts';
import type { ParkingReservation } from './reservation.ts';
import type { ParkingSession, Settlement } from './session.ts';

export const snapshotOfReservation = (reservation: ParkingReservation): ReservationSnapshot => ({
  parkingReservationId: reservation.id,
  lotId: reservation.lotId,
  spaceId: reservation.spaceId,
  userId: reservation.userId,
  startsAt: reservation.startsAt.toISOString(),
  endsAt: reservation.endsAt.toISOString(),
  status: reservation.status,
  noShowAt: reservation.noShowAt?.toISOString() ?? null,
  reservedAt: reservation.reservedAt.toISOString(),
  checkedInAt: reservation.checkedInAt?.toISOString() ?? null,
  endedAt: reservation.endedAt?.toISOString() ?? null,
  cancelReason: reservation.cancelReason,
  changedAt: reservation.changedAt.toISOString(),
  version: reservation.version,
});

export function reservationOfSnapshot(venueId: string, snapshot: ReservationSnapshot): ParkingReservation {
  const { parkingReservationId, ...facts } = snapshot;
  return {
    ...facts,
    id: parkingReservationId,
    venueId,
    startsAt: new Date(facts.startsAt),
    endsAt: new Date(facts.endsAt),
    noShowAt: timeOf(facts.noShowAt),
    reservedAt: new Date(facts.reservedAt),
    checkedInAt: timeOf(facts.checkedInAt),
    endedAt: timeOf(facts.endedAt),
    changedAt: new Date(facts.changedAt),
  };
}

export const snapshotOfSession = (session: ParkingSession): SessionSnapshot => ({
  parkingSessionId: session.id,
  lotId: session.lotId,
  spaceId: session.spaceId,
  userId: session.userId,
  parkingReservationId: session.reservationId,
  startedAt: session.startedAt.toISOString(),
  until: session.until.toISOString(),
  overdueAt: session.overdueAt?.toISOString() ?? null,
  endedAt: session.endedAt?.toISOString() ?? null,
  chargeMinor: session.chargeMinor?.toString() ?? null,
  paidMinor: session.paidMinor?.toString() ?? null,
  currency: session.currency,
  version: session.version,
});

export const snapshotOfSettlement = (
  session: ParkingSession & { readonly settlement: Settlement },
): SettlementSnapshot => ({
  ...snapshotOfSession(session),
  settledMinor: session.settlement.amountMinor.toString(),
  settledHow: session.settlement.how,
  settledAt: session.settlement.at.toISOString(),
  settledNote: session.settlement.note,
});

const timeOf = (text: string | null): Date | null => (text === null ? null : new Date(text));
