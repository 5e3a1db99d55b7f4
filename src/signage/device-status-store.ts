import { type Kysely, sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { DeviceHealth, DeviceStanding, DeviceStatus } from './device-status.ts';

/** A report, and when the next one is missed. */
interface Report {
  readonly deviceId: string;
  readonly health: DeviceHealth;
  readonly now: Date;
  readonly dueAt: Date | null;
}

/** What a device says that is ONLINE. False when it is not, and nothing is kept. */
export async function keepHeartbeat(
  tx: Transaction<Database>,
  { deviceId, health, now, dueAt }: Report,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('device_status')
    .set({ seen_at: now, due_at: dueAt, ...healthColumns(health) })
    .where('device_id', '=', deviceId)
    .where('status', '=', 'ONLINE')
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** How a device is, which nobody else changes until the transaction ends. Null: the venue has no such device any more. */
export async function lockStanding(
  tx: Transaction<Database>,
  venueId: string,
  { deviceId, now }: { readonly deviceId: string; readonly now: Date },
): Promise<DeviceStanding | null> {
  await sql`
    insert into device_status (device_id, venue_id, status, since, seen_at, version)
    select id, venue_id, 'OFFLINE', created_at, ${now}, 0 from device
    where id = ${deviceId} and venue_id = ${venueId} and status = 'ACTIVE'
    on conflict do nothing`.execute(tx);
  await sql`select 1 from device_status where device_id = ${deviceId} for no key update`.execute(tx);
  // What the lock had waited for is seen by the next statement alone.
  const [standing] = await findStandings(tx, venueId, { deviceIds: [deviceId] });
  return standing ?? null;
}

/** A status, since when it is so if it was another before, and when silence changes it. */
export interface NewStatus {
  readonly deviceId: string;
  readonly status: DeviceStatus;
  readonly since: Date;
  readonly dueAt: Date | null;
}

/** Gives the version that each has then. */
export async function saveStatuses(
  tx: Transaction<Database>,
  statuses: readonly NewStatus[],
): Promise<ReadonlyMap<string, bigint>> {
  if (statuses.length === 0) return new Map();
  const { rows } = await sql<{ id: string; version: bigint }>`
    update device_status set status = changed.status, due_at = changed.due_at,
      since = case when device_status.status = changed.status then device_status.since else changed.since end,
      version = device_status.version + (device_status.status <> changed.status)::integer
    from unnest(${statuses.map(({ deviceId }) => deviceId)}::uuid[], ${statuses.map(({ status }) => status)}::text[],
      ${statuses.map(({ since }) => since)}::timestamptz[], ${statuses.map(({ dueAt }) => dueAt)}::timestamptz[])
      as changed (device_id, status, since, due_at)
    where device_status.device_id = changed.device_id
    returning device_status.device_id as id, device_status.version`.execute(tx);
  return new Map(rows.map(({ id, version }) => [id, version]));
}

/** A device that was silent for so long that its status is another. */
export interface Silent {
  readonly deviceId: string;
  readonly venueId: string;
  readonly status: DeviceStatus;
  readonly seenAt: Date;
}

/** Of whatever venue, at most so many; nobody else judges them until the transaction ends. */
export async function lockSilent(
  tx: Transaction<Database>,
  { now, limit }: { readonly now: Date; readonly limit: number },
): Promise<readonly Silent[]> {
  const rows = await tx
    .selectFrom('device_status')
    .select(['device_id as deviceId', 'venue_id as venueId', 'status', 'seen_at as seenAt'])
    .where('due_at', '<=', now)
    .orderBy('due_at')
    .limit(limit)
    .forNoKeyUpdate()
    .skipLocked()
    .execute();
  return rows;
}

/** Of all devices of a venue, or of these; the oldest first. Those that were removed are left out. */
export async function findStandings(
  db: Kysely<Database>,
  venueId: string,
  { deviceIds }: { readonly deviceIds: readonly string[] | null },
): Promise<readonly DeviceStanding[]> {
  const rows = await db
    .selectFrom('device')
    .leftJoin('device_status as said', 'said.device_id', 'device.id')
    .selectAll('said')
    .select(['device.id', 'device.venue_id', 'device.created_at'])
    .where('device.venue_id', '=', venueId)
    .where('device.status', '=', 'ACTIVE')
    .$if(deviceIds !== null, (query) => query.where('device.id', '=', sql<string>`any(${deviceIds}::uuid[])`))
    .orderBy('device.created_at')
    .orderBy('device.id')
    .execute();
  return rows.map((row) => ({
    deviceId: row.id,
    venueId: row.venue_id,
    status: row.status ?? 'OFFLINE',
    since: row.since ?? row.created_at,
    // It has a row before it has reported for the length of one transaction.
    seenAt: row.version === null || row.version === 0n ? null : row.seen_at,
    version: row.version ?? 0n,
    health: row.version === null || row.version === 0n ? null : healthOf(row),
  }));
}

type HealthRow = {
  readonly [Column in keyof ReturnType<typeof healthColumns>]: ReturnType<typeof healthColumns>[Column];
};

const healthOf = (row: HealthRow): DeviceHealth => ({
  uptimeSeconds: row.uptime_seconds === null ? null : Number(row.uptime_seconds),
  freeBytes: row.free_bytes,
  temperatureCelsius: row.temperature_celsius,
  softwareVersion: row.software_version,
  firmwareVersion: row.firmware_version,
  message: row.message,
});

const healthColumns = (health: DeviceHealth) => ({
  uptime_seconds: health.uptimeSeconds === null ? null : BigInt(health.uptimeSeconds),
  free_bytes: health.freeBytes,
  temperature_celsius: health.temperatureCelsius,
  software_version: health.softwareVersion,
  firmware_version: health.firmwareVersion,
  message: health.message,
});
