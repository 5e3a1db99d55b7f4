import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import { type KeysetRange, keysetPage } from '../db/keyset.ts';
import type { Database } from '../db/schema.ts';
import type { FirmwareUpdateTable } from '../db/tables/firmware.ts';
import type { FirmwareUpdate, UpdateState } from './deployment.ts';

/** Which updates are meant: all that match. */
export type OfUpdates =
  | { readonly deviceId: string }
  /** Null: of all its devices. */
  | { readonly deploymentId: string; readonly deviceIds: readonly string[] | null };

/** The newest first, or in reverse when read backward. */
export async function listUpdates(
  db: Kysely<Database>,
  venueId: string,
  { of, range }: { readonly of: OfUpdates; readonly range: KeysetRange },
): Promise<readonly FirmwareUpdate[]> {
  const query = updatesAt(db, venueId, of).selectAll();
  return (await keysetPage(query, { time: 'created_at', newestFirst: true }, range).execute()).map(toUpdate);
}

export async function countUpdates(db: Kysely<Database>, venueId: string, of: OfUpdates): Promise<number> {
  const { count } = await updatesAt(db, venueId, of)
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** What each of these devices was offered and is not through with. */
export async function findOpenOffers(
  db: Kysely<Database>,
  venueId: string,
  deviceIds: readonly string[],
): Promise<ReadonlyMap<string, FirmwareUpdate>> {
  if (deviceIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('firmware_update')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('device_id', 'in', deviceIds)
    .where('finished_at', 'is', null)
    .where('state', '<>', 'PENDING')
    .execute();
  return new Map(rows.map((row) => [row.device_id, toUpdate(row)]));
}

/** Of how many devices it stands how. */
export async function countStates(
  db: Kysely<Database>,
  deploymentId: string,
): Promise<ReadonlyMap<UpdateState, number>> {
  const rows = await db
    .selectFrom('firmware_update')
    .select(({ fn }) => ['state', fn.countAll<string>().as('count')])
    .where('deployment_id', '=', deploymentId)
    .groupBy('state')
    .execute();
  return new Map(rows.map(({ state, count }) => [state, Number(count)]));
}

/** What a deployment that is locked is to a device. */
export async function findUpdate(
  tx: Transaction<Database>,
  deploymentId: string,
  deviceId: string,
): Promise<FirmwareUpdate | null> {
  const row = await tx
    .selectFrom('firmware_update')
    .selectAll()
    .where('deployment_id', '=', deploymentId)
    .where('device_id', '=', deviceId)
    .executeTakeFirst();
  return row ? toUpdate(row) : null;
}

export async function saveUpdate(tx: Transaction<Database>, update: FirmwareUpdate): Promise<void> {
  await tx
    .updateTable('firmware_update')
    .set({
      state: update.state,
      percent: update.percent,
      failure: update.failure,
      message: update.message,
      progressed_at: update.progressedAt,
      finished_at: update.finishedAt,
      due_at: update.dueAt,
    })
    .where('id', '=', update.id)
    .execute();
}

/** Offers the next batch of a deployment. Gives what is offered now: nothing, when all of it was. */
export async function offerNextBatch(
  tx: Transaction<Database>,
  deploymentId: string,
  { now, dueAt }: { readonly now: Date; readonly dueAt: Date },
): Promise<readonly FirmwareUpdate[]> {
  const rows = await tx
    .updateTable('firmware_update')
    .set({ state: 'OFFERED', offered_at: now, due_at: dueAt })
    .where('deployment_id', '=', deploymentId)
    .where('state', '=', 'PENDING')
    .where('batch', '=', (next) =>
      next
        .selectFrom('firmware_update')
        .select(({ fn }) => fn.min('batch').as('batch'))
        .where('deployment_id', '=', deploymentId)
        .where('state', '=', 'PENDING'),
    )
    .returningAll()
    .execute();
  return rows.map(toUpdate);
}

/** Ends what no device has begun. */
export async function cancelUnbegun(
  tx: Transaction<Database>,
  deploymentId: string,
  now: Date,
): Promise<readonly FirmwareUpdate[]> {
  const rows = await tx
    .updateTable('firmware_update')
    .set({ state: 'CANCELLED', finished_at: now, due_at: null })
    .where('deployment_id', '=', deploymentId)
    .where('state', 'in', ['PENDING', 'OFFERED'])
    .returningAll()
    .execute();
  return rows.map(toUpdate);
}

/** Ends what devices of a deployment were silent about for too long. */
export async function failOverdue(
  tx: Transaction<Database>,
  deploymentId: string,
  now: Date,
): Promise<readonly FirmwareUpdate[]> {
  const rows = await tx
    .updateTable('firmware_update')
    .set({ state: 'FAILED', failure: 'TIMED_OUT', finished_at: now, due_at: null })
    .where('deployment_id', '=', deploymentId)
    .where('due_at', '<=', now)
    .returningAll()
    .execute();
  return rows.map(toUpdate);
}

function updatesAt(db: Kysely<Database>, venueId: string, of: OfUpdates) {
  const found = db.selectFrom('firmware_update').where('venue_id', '=', venueId);
  if ('deviceId' in of) return found.where('device_id', '=', of.deviceId);
  const within = found.where('deployment_id', '=', of.deploymentId);
  return of.deviceIds === null
    ? within
    : within.where('device_id', '=', sql<string>`any(${of.deviceIds}::uuid[])`);
}

const toUpdate = (row: Selectable<FirmwareUpdateTable>): FirmwareUpdate => ({
  id: row.id,
  venueId: row.venue_id,
  deploymentId: row.deployment_id,
  deviceId: row.device_id,
  batch: row.batch,
  state: row.state,
  percent: row.percent,
  failure: row.failure,
  message: row.message,
  createdAt: row.created_at,
  offeredAt: row.offered_at,
  progressedAt: row.progressed_at,
  finishedAt: row.finished_at,
  dueAt: row.due_at,
});
