import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { DeviceStatusTable } from '../db/tables/device.ts';
import type { DeviceHealth, DeviceStanding, DeviceStatus } from './device-status.ts';

interface OfDevice {
  readonly deviceId: string;
  readonly venueId: string;
}

/** What devices say that are ONLINE, and when they are missed next. Gives those: of the others nothing is kept. */
export async function keepHeartbeats(
  tx: Transaction<Database>,
  said: readonly (OfDevice & { readonly health: DeviceHealth })[],
  { now, dueAt }: { readonly now: Date; readonly dueAt: Date | null },
): Promise<ReadonlySet<string>> {
  if (said.length === 0) return new Set();
  const healths = said.map(({ health }) => health);
  const { rows } = await sql<{ id: string }>`
    update device_status set seen_at = ${now}, due_at = ${dueAt}, uptime_seconds = said.uptime,
      free_bytes = said.free, temperature_celsius = said.celsius, software_version = said.software,
      firmware_version = said.firmware, message = said.message
    from unnest(${said.map(({ deviceId }) => deviceId)}::uuid[], ${said.map(({ venueId }) => venueId)}::uuid[],
      ${healths.map(({ uptimeSeconds }) => uptimeSeconds)}::bigint[], ${healths.map(({ freeBytes }) => freeBytes)}::bigint[],
      ${healths.map(({ temperatureCelsius }) => temperatureCelsius)}::double precision[],
      ${healths.map(({ softwareVersion }) => softwareVersion)}::text[],
      ${healths.map(({ firmwareVersion }) => firmwareVersion)}::text[], ${healths.map(({ message }) => message)}::text[])
      as said (device_id, venue_id, uptime, free, celsius, software, firmware, message)
    where device_status.device_id = said.device_id and device_status.venue_id = said.venue_id
      and device_status.status = 'ONLINE'
    returning device_status.device_id as id`.execute(tx);
  return new Set(rows.map(({ id }) => id));
}

/** How devices in use are, which nobody else changes until the transaction ends. */
export async function lockStandings(
  tx: Transaction<Database>,
  devices: readonly OfDevice[],
  { now }: { readonly now: Date },
): Promise<ReadonlyMap<string, DeviceStanding>> {
  const ids = devices.map(({ deviceId }) => deviceId);
  await sql`
    insert into device_status (device_id, venue_id, status, since, seen_at, version)
    select id, venue_id, 'OFFLINE', created_at, ${now}, 0 from device
    where id = any(${ids}::uuid[]) and status = 'ACTIVE' order by id
    on conflict do nothing`.execute(tx);
  await sql`select 1 from device_status where device_id = any(${ids}::uuid[]) order by device_id for no key update`.execute(
    tx,
  );
  // What the locks had waited for is seen by the next statement alone.
  const found = new Map<string, DeviceStanding>();
  for (const venueId of new Set(devices.map((device) => device.venueId)))
    for (const standing of await findStandings(tx, venueId, { deviceIds: ids }))
      found.set(standing.deviceId, standing);
  return found;
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

/** How many devices in use have reported once, and do not any more. */
export async function countSilentDevices(db: Kysely<Database>, venueId: string): Promise<number> {
  const { count } = await db
    .selectFrom('device_status as said')
    .innerJoin('device', 'device.id', 'said.device_id')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('said.venue_id', '=', venueId)
    .where('said.status', '=', 'OFFLINE')
    .where('said.version', '>', 0n)
    .where('device.status', '=', 'ACTIVE')
    .executeTakeFirstOrThrow();
  return count;
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

type HealthRow = Pick<
  Selectable<DeviceStatusTable>,
  | 'uptime_seconds'
  | 'free_bytes'
  | 'temperature_celsius'
  | 'software_version'
  | 'firmware_version'
  | 'message'
>;

const healthOf = (row: HealthRow): DeviceHealth => ({
  uptimeSeconds: row.uptime_seconds === null ? null : Number(row.uptime_seconds),
  freeBytes: row.free_bytes,
  temperatureCelsius: row.temperature_celsius,
  softwareVersion: row.software_version,
  firmwareVersion: row.firmware_version,
  message: row.message,
});
