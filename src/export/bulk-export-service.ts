import { findResourcesByIds } from '../booking/resource-store.ts';
import { once, parseKey } from '../idempotency.ts';
import { actorReference } from '../lib/actor.ts';
import { NotFoundError, NotOwnerError, PermissionDeniedError, ValidationError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import { findMachinesByIds } from '../machine/store.ts';
import { findLotsByIds } from '../parking/lot-store.ts';
import type { Work } from '../work.ts';
import { type BulkExport, type BulkExportFilter, type BulkExportKind, parseFilter } from './bulk-export.ts';
import {
  countOpenAlone,
  findExportsByIds,
  insertExport,
  lockExport,
  saveCancelled,
} from './bulk-export-store.ts';
import { snapshotOfExport } from './events.ts';
import { canCancelExport, canExport } from './policy.ts';

/** Of a venue that wait or are written: who asks again and again asks for the same. */
const MAX_OPEN = 20;

export interface StartBulkExport {
  readonly venueId: string;
  readonly kind: BulkExportKind;
  readonly filter: BulkExportFilter;
  readonly idempotencyKey: string;
}

/**
 * Asks for all rows of one kind, once by its key; they are written behind the request's back.
 *
 * @throws PermissionDeniedError, ValidationError, NotFoundError for what the filter names, IdempotencyMismatchError
 */
export async function startBulkExport(
  work: Work,
  { venueId, kind, filter: asked, idempotencyKey }: StartBulkExport,
): Promise<{ readonly export: BulkExport; readonly isReplay: boolean }> {
  const { tx, actor } = work;
  if (!canExport(actor, venueId, kind)) throw new PermissionDeniedError(`export ${kind}`);
  const filter = parseFilter(kind, asked);
  const idempotency = parseKey(actor, idempotencyKey, { what: 'bulk-export', venueId, kind, filter });
  const { outcome, isReplay } = await once(work, { venueId, idempotency }, async () => ({
    id: await request(work, { venueId, kind, filter }),
  }));
  const [found] = await findExportsByIds(tx, venueId, [outcome.id]);
  if (!found) throw new NotFoundError('bulk export');
  return { export: found, isReplay };
}

async function request(
  work: Work,
  { venueId, kind, filter }: Pick<StartBulkExport, 'venueId' | 'kind' | 'filter'>,
): Promise<string> {
  const { tx, actor, now } = work;
  await refuseUnknown(work, venueId, filter);
  if ((await countOpenAlone(tx, venueId)) >= MAX_OPEN)
    throw new ValidationError(`A venue has at most ${MAX_OPEN} exports that are not finished.`);
  const one: BulkExport = {
    id: newId(),
    venueId,
    kind,
    filter,
    status: 'PENDING',
    requestedBy: actorReference(actor),
    createdAt: now,
    rowCount: 0n,
    file: null,
    finishedAt: null,
    expiresAt: null,
    failure: null,
  };
  await insertExport(tx, one);
  work.emit({ type: 'export.started', venueId, ...snapshotOfExport(one) });
  return one.id;
}

/**
 * Nobody writes it any more, and no file comes of it. What was cancelled before stays so.
 *
 * @throws NotFoundError, NotOwnerError; ValidationError when it is over
 */
export async function cancelBulkExport(
  work: Work,
  { venueId, bulkExportId }: { readonly venueId: string; readonly bulkExportId: string },
): Promise<BulkExport> {
  const { tx, actor, now } = work;
  const known = await lockExport(tx, venueId, bulkExportId);
  if (!known || !canExport(actor, venueId, known.kind)) throw new NotFoundError('bulk export');
  if (!canCancelExport(actor, known)) throw new NotOwnerError('cancel this export');
  if (known.status === 'CANCELLED') return known;
  if (known.status !== 'PENDING' && known.status !== 'RUNNING')
    throw new ValidationError('It is over: there is nothing to cancel.');
  await saveCancelled(tx, known.id, now);
  const cancelled: BulkExport = { ...known, status: 'CANCELLED', finishedAt: now };
  work.emit({ type: 'export.cancelled', venueId, ...snapshotOfExport(cancelled) });
  return cancelled;
}

async function refuseUnknown({ tx, now }: Work, venueId: string, filter: BulkExportFilter): Promise<void> {
  const { resourceIds, machineIds, lotIds } = filter;
  const found = [
    { what: 'resource', ids: resourceIds, rows: await findResourcesByIds(tx, venueId, resourceIds ?? []) },
    { what: 'machine', ids: machineIds, rows: await findMachinesByIds(tx, venueId, machineIds ?? []) },
    { what: 'parking lot', ids: lotIds, rows: await findLotsByIds(tx, venueId, { ids: lotIds ?? [], now }) },
  ];
  for (const { what, ids, rows } of found)
    if ((ids?.length ?? 0) !== rows.length) throw new NotFoundError(what);
}
