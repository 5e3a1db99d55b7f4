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

/** What firmware he uploaded for devices. */
const FIRMWARE_EXPORTER: DataExporter = {
  section: 'firmware',
  read: async (db, userId) =>
    await db
      .selectFrom('firmware')
      .innerJoin('venue', 'venue.id', 'firmware.venue_id')
      .select(['firmware.id', 'venue.slug as venue', 'firmware.name', 'firmware.version', 'firmware.notes'])
      .select(['firmware.device_id as deviceId', 'firmware.uploaded_at as uploadedAt'])
      .where(sql<boolean>`uploaded_by ->> 'kind' = 'user' and uploaded_by ->> 'id' = ${userId}`)
      .orderBy('firmware.uploaded_at', 'desc')
      .limit(MAX_EXPORTED)
      .execute(),
};

/** What of it he gave to devices. */
const DEPLOYMENT_EXPORTER: DataExporter = {
  section: 'firmwareDeployments',
  read: async (db, userId) =>
    await db
      .selectFrom('deployment')
      .innerJoin('venue', 'venue.id', 'deployment.venue_id')
      .select(['deployment.id', 'venue.slug as venue', 'deployment.firmware_id as firmwareId'])
      .select(['deployment.state', 'deployment.created_at as createdAt'])
      .select('deployment.finished_at as finishedAt')
      .where(sql<boolean>`created_by ->> 'kind' = 'user' and created_by ->> 'id' = ${userId}`)
      .orderBy('deployment.created_at', 'desc')
      .limit(MAX_EXPORTED)
      .execute(),
};

export const DEVICE_EXPORTERS: readonly DataExporter[] = [
  DEVICE_EXPORTER,
  COMMAND_EXPORTER,
  FIRMWARE_EXPORTER,
  DEPLOYMENT_EXPORTER,
];
