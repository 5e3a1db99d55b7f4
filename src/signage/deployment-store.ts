import type { Kysely, Selectable, Transaction } from 'kysely';
import { isViolationOf } from '../db/errors.ts';
import { type KeysetRange, keysetPage } from '../db/keyset.ts';
import type { Database } from '../db/schema.ts';
import type { DeploymentTable } from '../db/tables/firmware.ts';
import type { Actor } from '../lib/actor.ts';
import type { Deployment, DeploymentState, FirmwareUpdate } from './deployment.ts';
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

/** Null: whichever. */
export interface DeploymentFilter {
  readonly state: DeploymentState | null;
  readonly firmwareId: string | null;
}

/** The newest first, or in reverse when read backward. */
export async function listDeployments(
  db: Kysely<Database>,
  venueId: string,
  { filter, range }: { readonly filter: DeploymentFilter; readonly range: KeysetRange },
): Promise<readonly Deployment[]> {
  const order = { time: 'created_at', newestFirst: true };
  const page = keysetPage(filtered(db, venueId, filter).selectAll(), order, range);
  return (await page.execute()).map(toDeployment);
}

export async function countDeployments(
  db: Kysely<Database>,
  venueId: string,
  filter: DeploymentFilter,
): Promise<number> {
  const { count } = await filtered(db, venueId, filter)
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

function filtered(db: Kysely<Database>, venueId: string, { state, firmwareId }: DeploymentFilter) {
  let query = db.selectFrom('deployment').where('venue_id', '=', venueId);
  if (state !== null) query = query.where('state', '=', state);
  if (firmwareId !== null) query = query.where('firmware_id', '=', firmwareId);
  return query;
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
