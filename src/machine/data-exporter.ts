import { type DataExporter, MAX_EXPORTED } from '../auth/data-export.ts';
import { formatDecimal } from '../lib/money.ts';

/** What a person asked of machines. */
const COMMAND_EXPORTER: DataExporter = {
  section: 'machineCommands',
  read: async (db, userId) =>
    await db
      .selectFrom('machine_command as command')
      .innerJoin('venue', 'venue.id', 'command.venue_id')
      .select(['command.id', 'venue.slug as venue', 'command.machine_id as machineId', 'command.kind'])
      .select(['reason', 'requested_at as requestedAt', 'state', 'finished_at as finishedAt'])
      .where('requested_by', '=', userId)
      .orderBy('requested_at', 'desc')
      .limit(MAX_EXPORTED)
      .execute(),
};

/** Which events he has taken note of. */
const ACKNOWLEDGEMENT_EXPORTER: DataExporter = {
  section: 'machineEventAcknowledgements',
  read: async (db, userId) =>
    await db
      .selectFrom('machine_event_acknowledgement as noted')
      .innerJoin('machine_event as event', 'event.id', 'noted.event_id')
      .innerJoin('venue', 'venue.id', 'noted.venue_id')
      .select(['event.id as eventId', 'venue.slug as venue', 'event.machine_id as machineId', 'event.type'])
      .select(['noted.note', 'noted.acknowledged_at as acknowledgedAt'])
      .where('noted.acknowledged_by', '=', userId)
      .orderBy('noted.acknowledged_at', 'desc')
      .limit(MAX_EXPORTED)
      .execute(),
};

/** What moved between his wallets and machines, and what he moved between others' and machines, with what he said of it. */
const TRANSFER_EXPORTER: DataExporter = {
  section: 'aftTransfers',
  read: async (db, userId) => {
    const transfers = await db
      .selectFrom('aft_transfer as transfer')
      .innerJoin('venue', 'venue.id', 'transfer.venue_id')
      .select(['transfer.id', 'venue.slug as venue', 'machine_id as machineId', 'wallet_id as walletId'])
      .select([
        'direction',
        'amount',
        'moved',
        'transfer.currency',
        'state',
        'resolve_reason as resolveReason',
      ])
      .select(['requested_at as requestedAt', 'sent_at as sentAt', 'finished_at as finishedAt'])
      .where((eb) =>
        eb.or([eb('user_id', '=', userId), eb('requested_by', '=', userId), eb('resolved_by', '=', userId)]),
      )
      .orderBy('requested_at', 'desc')
      .limit(MAX_EXPORTED)
      .execute();
    return transfers.map(({ amount, moved, ...transfer }) => ({
      ...transfer,
      amount: formatDecimal({ amountMinor: amount, currency: transfer.currency }),
      moved: moved === null ? null : formatDecimal({ amountMinor: moved, currency: transfer.currency }),
    }));
  },
};

export const MACHINE_EXPORTERS: readonly DataExporter[] = [
  COMMAND_EXPORTER,
  ACKNOWLEDGEMENT_EXPORTER,
  TRANSFER_EXPORTER,
];
