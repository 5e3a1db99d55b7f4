import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import type { Instant } from '../db/instant.ts';
import { type KeysetRange, keysetPage } from '../db/keyset.ts';
import type { Database } from '../db/schema.ts';
import type { DeviceCommandTable } from '../db/tables/device.ts';
import type { Actor } from '../lib/actor.ts';
import type { CommandParameters, CommandState, DeviceCommand } from './command.ts';

export async function insertCommands(
  tx: Transaction<Database>,
  commands: readonly DeviceCommand[],
): Promise<void> {
  if (commands.length === 0) return;
  await tx
    .insertInto('device_command')
    .values(
      commands.map((command) => ({
        id: command.id,
        venue_id: command.venueId,
        device_id: command.deviceId,
        kind: command.kind,
        parameters: JSON.stringify(command.parameters),
        queued_at: command.queuedAt,
        queued_by: JSON.stringify(command.queuedBy),
        expires_at: command.expiresAt,
      })),
    )
    .execute();
}

export async function findCommandsByIds(
  db: Kysely<Database>,
  venueId: string,
  ids: readonly string[],
): Promise<readonly DeviceCommand[]> {
  if (ids.length === 0) return [];
  const rows = await commandsAt(db, venueId).where('id', 'in', ids).orderBy('id').execute();
  return rows.map(toCommand);
}

/** What a device was told and has not yet said it has, the oldest first; what is too late is left out. */
export async function findOpenCommands(
  db: Kysely<Database>,
  venueId: string,
  { deviceId, now }: { readonly deviceId: string; readonly now: Date },
): Promise<readonly DeviceCommand[]> {
  const rows = await commandsAt(db, venueId)
    .where('device_id', '=', deviceId)
    .where('state', 'in', ['QUEUED', 'DELIVERED'])
    .where('expires_at', '>', now)
    .orderBy('id')
    .execute();
  return rows.map(toCommand);
}

interface OfDevice {
  readonly deviceId: string;
  /** Null: however they stand. */
  readonly states: readonly CommandState[] | null;
}

/** The newest first, or in reverse when read backward. */
export async function listCommands(
  db: Kysely<Database>,
  venueId: string,
  { range, ...of }: OfDevice & { readonly range: KeysetRange },
): Promise<readonly DeviceCommand[]> {
  const query = filtered(commandsAt(db, venueId), of);
  return (await keysetPage(query, { time: 'queued_at', newestFirst: true }, range).execute()).map(toCommand);
}

export async function countCommands(db: Kysely<Database>, venueId: string, of: OfDevice): Promise<number> {
  const { count } = await db
    .selectFrom(filtered(commandsAt(db, venueId), of).as('found'))
    .select((found) => found.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** A command of which nobody else says anything until the transaction ends. */
export async function lockCommand(
  tx: Transaction<Database>,
  venueId: string,
  { id, deviceId }: { readonly id: string; readonly deviceId: string },
): Promise<DeviceCommand | null> {
  const row = await commandsAt(tx, venueId)
    .where('id', '=', id)
    .where('device_id', '=', deviceId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  return row ? toCommand(row) : null;
}

/** How a command stands from now on. */
export async function saveCommand(tx: Transaction<Database>, command: DeviceCommand): Promise<void> {
  await tx
    .updateTable('device_command')
    .set({
      state: command.state,
      delivered_at: command.deliveredAt,
      acknowledged_at: command.acknowledgedAt,
      finished_at: command.finishedAt,
      message: command.message,
      result: command.result === null ? null : JSON.stringify(command.result),
    })
    .where('id', '=', command.id)
    .where('venue_id', '=', command.venueId)
    .execute();
}

/** Those of them that were waiting to be sent. */
export async function markDelivered(
  tx: Transaction<Database>,
  ids: readonly string[],
  at: Date,
): Promise<readonly DeviceCommand[]> {
  const rows = await tx
    .updateTable('device_command')
    .set({ state: 'DELIVERED', delivered_at: at })
    .where('id', 'in', inOrder(tx, ids))
    .where('state', '=', 'QUEUED')
    .returningAll()
    .execute();
  return rows.map(toCommand);
}

/** In one order, whoever else changes them. */
const inOrder = (tx: Transaction<Database>, ids: readonly string[]) =>
  tx
    .selectFrom('device_command')
    .select('id')
    .where('id', '=', sql<string>`any(${ids}::uuid[])`)
    .orderBy('id')
    .forNoKeyUpdate();

const OPEN = ['QUEUED', 'DELIVERED', 'ACKNOWLEDGED'] as const;

/** One of these devices that has so many commands it has not done; null: none has. */
export async function findBusyDevice(
  db: Kysely<Database>,
  deviceIds: readonly string[],
  { limit }: { readonly limit: number },
): Promise<string | null> {
  const row = await db
    .selectFrom('device_command')
    .select('device_id')
    .where('device_id', '=', sql<string>`any(${deviceIds}::uuid[])`)
    .where('state', 'in', OPEN)
    .groupBy('device_id')
    .having((found) => found(found.fn.countAll<string>(), '>=', String(limit)))
    .limit(1)
    .executeTakeFirst();
  return row?.device_id ?? null;
}

/** Those that were not done in time. */
export const overdueDeviceCommands = (db: Kysely<Database>, { now }: { readonly now: Instant }) =>
  db.selectFrom('device_command').where('state', 'in', OPEN).where('expires_at', '<=', now);

/** Ends commands that were not done in time, of whatever venue; at most so many. */
export async function expireCommands(
  tx: Transaction<Database>,
  { now, limit }: { readonly now: Date; readonly limit: number },
): Promise<readonly DeviceCommand[]> {
  const overdue = overdueDeviceCommands(tx, { now })
    .select('id')
    .orderBy('expires_at')
    .limit(limit)
    .forNoKeyUpdate()
    .skipLocked();
  return await expire(tx, overdue, now);
}

/** Ends whatever a device has not done. */
export async function expireCommandsOf(
  tx: Transaction<Database>,
  deviceId: string,
  now: Date,
): Promise<readonly DeviceCommand[]> {
  const open = tx
    .selectFrom('device_command')
    .select('id')
    .where('device_id', '=', deviceId)
    .where('state', 'in', OPEN)
    .orderBy('id')
    .forNoKeyUpdate();
  return await expire(tx, open, now);
}

async function expire(
  tx: Transaction<Database>,
  ids: ReturnType<typeof inOrder>,
  now: Date,
): Promise<readonly DeviceCommand[]> {
  const rows = await tx
    .updateTable('device_command')
    .set({ state: 'EXPIRED', finished_at: now })
    .where('id', 'in', ids)
    .returningAll()
    .execute();
  return rows.map(toCommand);
}

/** Forgets what ended before; at most so many. Gives how many. */
export async function pruneCommands(
  tx: Transaction<Database>,
  { before, limit }: { readonly before: Date; readonly limit: number },
): Promise<number> {
  const { numDeletedRows } = await tx
    .deleteFrom('device_command')
    .where(
      'id',
      'in',
      tx.selectFrom('device_command').select('id').where('finished_at', '<', before).limit(limit),
    )
    .executeTakeFirst();
  return Number(numDeletedRows);
}

const commandsAt = (db: Kysely<Database>, venueId: string) =>
  db.selectFrom('device_command').selectAll().where('venue_id', '=', venueId);

function filtered(query: ReturnType<typeof commandsAt>, { deviceId, states }: OfDevice) {
  const found = query.where('device_id', '=', deviceId);
  return states === null ? found : found.where('state', '=', sql<CommandState>`any(${states}::text[])`);
}

const toCommand = (row: Selectable<DeviceCommandTable>): DeviceCommand => ({
  id: row.id,
  venueId: row.venue_id,
  deviceId: row.device_id,
  kind: row.kind,
  // Written by `insertCommands` alone.
  parameters: row.parameters as CommandParameters,
  state: row.state,
  queuedAt: row.queued_at,
  queuedBy: row.queued_by as { kind: Actor['kind']; id: string | null },
  expiresAt: row.expires_at,
  deliveredAt: row.delivered_at,
  acknowledgedAt: row.acknowledged_at,
  finishedAt: row.finished_at,
  message: row.message,
  result: row.result,
});
