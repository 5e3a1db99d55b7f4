import { type DataExporter, MAX_EXPORTED } from '../auth/data-export.ts';

/** What a person asked of machines. */
export const MACHINE_EXPORTER: DataExporter = {
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
