import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import { isViolationOf } from '../db/errors.ts';
import { type KeysetRange, keysetPage } from '../db/keyset.ts';
import type { Database } from '../db/schema.ts';
import type { DeploymentTable, FirmwareUpdateTable } from '../db/tables/firmware.ts';
import type { Actor } from '../lib/actor.ts';
import type { Deployment, FirmwareUpdate, UpdateState } from './deployment.ts';
import { DeviceUpdatingError } from './errors.ts';

/** @throws DeviceUpdatingError when one of the devices is being given another firmware */
export async function insertDeployment(
  tx: Transaction<Database>,
  deployment: Deployment,
  updates: readonly Pick<FirmwareUpdate, 'id' | 'deviceId' | 'batch'>[],
): Promise<void> {
  const { id, venueId, createdAt } = deployment;
  await tx
    .insertInto('deployment')
    .values({
      id,
      venue_id: venueId,
      firmware_id: deployment.firmwareId,
      batch_size: deployment.batchSize,
      max_failures: deployment.maxFailures,
      timeout_seconds: deployment.timeoutSeconds,
      created_at: createdAt,
      created_by: JSON.stringify(deployment.createdBy),
    })
    .execute();
  const rows = updates.map((update) => ({
    id: update.id,
    venue_id: venueId,
    deployment_id: id,
    device_id: update.deviceId,
    batch: update.batch,
    created_at: createdAt,
  }));
  try {
    await tx.insertInto('firmware_update').values(rows).execute();
  } catch (error) {
    if (isViolationOf(error, 'firmware_update_one_at_a_time'))
      throw new DeviceUpdatingError({ cause: error });
    throw error;
  }
}

export async function findDeploymentsByIds(
  db: Kysely<Database>,
  venueId: string,
  ids: readonly string[],
): Promise<readonly Deployment[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom('deployment')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('id', 'in', ids)
    .execute();
  return rows.map(toDeployment);
}

/** Which of these go to one of the devices. */
export async function findDeploymentsOfDevices(
  db: Kysely<Database>,
  ids: readonly string[],
  deviceIds: readonly string[],
): Promise<ReadonlySet<string>> {
  if (ids.length === 0 || deviceIds.length === 0) return new Set();
  const rows = await db
    .selectFrom('firmware_update')
    .select('deployment_id')
    .distinct()
    .where('deployment_id', 'in', ids)
    .where('device_id', 'in', deviceIds)
    .execute();
  return new Set(rows.map(({ deployment_id }) => deployment_id));
}

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

/** A deployment of which nobody else changes anything until the transaction ends. */
export async function lockDeployment(
  tx: Transaction<Database>,
  venueId: string,
  id: string,
): Promise<Deployment | null> {
  const row = await tx
    .selectFrom('deployment')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('id', '=', id)
    .forNoKeyUpdate()
    .executeTakeFirst();
  return row ? toDeployment(row) : null;
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

/** Which deployment gives a device another firmware. */
export async function findDeploymentUnderWay(
  tx: Transaction<Database>,
  venueId: string,
  deviceId: string,
): Promise<string | null> {
  const row = await tx
    .selectFrom('firmware_update')
    .select('deployment_id')
    .where('venue_id', '=', venueId)
    .where('device_id', '=', deviceId)
    .where('finished_at', 'is', null)
    .executeTakeFirst();
  return row?.deployment_id ?? null;
}

/** Deployments of which devices have been silent for too long, of whatever venue; at most so many. */
export async function findOverdue(
  tx: Transaction<Database>,
  { now, limit }: { readonly now: Date; readonly limit: number },
): Promise<readonly Pick<Deployment, 'id' | 'venueId'>[]> {
  const rows = await tx
    .selectFrom('firmware_update')
    .select(['deployment_id', 'venue_id'])
    .distinct()
    .where('due_at', '<=', now)
    .orderBy('deployment_id')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ id: row.deployment_id, venueId: row.venue_id }));
}

export async function saveDeployment(
  tx: Transaction<Database>,
  { id, state, finishedAt }: Pick<Deployment, 'id' | 'state' | 'finishedAt'>,
): Promise<void> {
  await tx.updateTable('deployment').set({ state, finished_at: finishedAt }).where('id', '=', id).execute();
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

const toDeployment = (row: Selectable<DeploymentTable>): Deployment => ({
  id: row.id,
  venueId: row.venue_id,
  firmwareId: row.firmware_id,
  batchSize: row.batch_size,
  maxFailures: row.max_failures,
  timeoutSeconds: row.timeout_seconds,
  state: row.state,
  createdAt: row.created_at,
  // Written by `insertDeployment` alone.
  createdBy: row.created_by as { kind: Actor['kind']; id: string | null },
  finishedAt: row.finished_at,
});

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
