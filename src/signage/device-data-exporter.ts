import { sql } from 'kysely';
import { type DataExporter, MAX_EXPORTED } from '../auth/data-export.ts';

/** The devices that are a person's. */
const DEVICE_EXPORTER: DataExporter = {
  section: 'devices',
  read: async (db, userId) =>
    await db
      .selectFrom('device')
      .innerJoin('venue', 'venue.id', 'device.venue_id')
      .select(['device.id', 'venue.slug as venue', 'device.device_number as deviceNumber', 'device.kind'])
      .select(['device.name', 'device.serial_number as serialNumber', 'device.tags'])
      .where('device.owner_id', '=', userId)
      .orderBy('device.created_at', 'desc')
      .limit(MAX_EXPORTED)
      .execute(),
};

/** What he told devices to do. */
const COMMAND_EXPORTER: DataExporter = {
  section: 'deviceCommands',
  read: async (db, userId) =>
    await db
      .selectFrom('device_command as command')
      .innerJoin('venue', 'venue.id', 'command.venue_id')
      .select(['command.id', 'venue.slug as venue', 'command.device_id as deviceId', 'command.kind'])
      .select(['command.parameters', 'command.state', 'command.queued_at as queuedAt'])
      .select('command.finished_at as finishedAt')
      .where(sql<boolean>`queued_by ->> 'kind' = 'user' and queued_by ->> 'id' = ${userId}`)
      .orderBy('command.queued_at', 'desc')
      .limit(MAX_EXPORTED)
      .execute(),
};

export const DEVICE_EXPORTERS: readonly DataExporter[] = [DEVICE_EXPORTER, COMMAND_EXPORTER];
