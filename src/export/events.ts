import type { actorReference } from '../lib/actor.ts';
import type { BulkExport, BulkExportFailure, BulkExportKind, BulkExportStatus } from './bulk-export.ts';

/** An export as it was then. Times are ISO 8601 in UTC, counts are texts. */
export interface BulkExportSnapshot {
  readonly bulkExportId: string;
  readonly kind: BulkExportKind;
  readonly from: string | null;
  readonly to: string | null;
  readonly resourceIds: readonly string[] | null;
  readonly machineIds: readonly string[] | null;
  readonly lotIds: readonly string[] | null;
  readonly status: BulkExportStatus;
  readonly requestedBy: ReturnType<typeof actorReference>;
  readonly createdAt: string;
  readonly rowCount: string;
  readonly byteCount: string | null;
  readonly sha256: string | null;
  readonly finishedAt: string | null;
  readonly expiresAt: string | null;
  readonly failure: BulkExportFailure | null;
}

declare module '../events/events.ts' {
  interface EventMap {
    /** Somebody asked for it. */
    'export.started': BulkExportSnapshot;
    /** Its file can be fetched, or none came of it: `status` says which. */
    'export.finished': BulkExportSnapshot;
    'export.cancelled': BulkExportSnapshot;
    /** Its file is gone. */
    'export.expired': BulkExportSnapshot;
    /** Somebody fetched its file, or a part of it. */
    'export.file-read': { readonly bulkExportId: string; readonly kind: BulkExportKind };
  }
}

export const EXPORT_EVENTS = [
  'export.started',
  'export.finished',
  'export.cancelled',
  'export.expired',
] as const;
export type ExportEventType = (typeof EXPORT_EVENTS)[number];

export const snapshotOfExport = (one: BulkExport): BulkExportSnapshot => ({
  bulkExportId: one.id,
  kind: one.kind,
  from: one.filter.from?.toISOString() ?? null,
  to: one.filter.to?.toISOString() ?? null,
  resourceIds: one.filter.resourceIds,
  machineIds: one.filter.machineIds,
  lotIds: one.filter.lotIds,
  status: one.status,
  requestedBy: one.requestedBy,
  createdAt: one.createdAt.toISOString(),
  rowCount: String(one.rowCount),
  byteCount: one.file ? String(one.file.byteCount) : null,
  sha256: one.file?.sha256.toString('hex') ?? null,
  finishedAt: one.finishedAt?.toISOString() ?? null,
  expiresAt: one.expiresAt?.toISOString() ?? null,
  failure: one.failure,
});

/** The export that an event tells of, as it was then. */
export function exportOfSnapshot(venueId: string, told: BulkExportSnapshot): BulkExport {
  const { byteCount, sha256 } = told;
  return {
    id: told.bulkExportId,
    venueId,
    kind: told.kind,
    filter: {
      from: timeOf(told.from),
      to: timeOf(told.to),
      resourceIds: told.resourceIds,
      machineIds: told.machineIds,
      lotIds: told.lotIds,
    },
    status: told.status,
    requestedBy: told.requestedBy,
    createdAt: new Date(told.createdAt),
    rowCount: BigInt(told.rowCount),
    file:
      byteCount === null || sha256 === null
        ? null
        : { byteCount: BigInt(byteCount), sha256: Buffer.from(sha256, 'hex') },
    finishedAt: timeOf(told.finishedAt),
    expiresAt: timeOf(told.expiresAt),
    failure: told.failure,
  };
}

const timeOf = (text: string | null): Date | null => (text === null ? null : new Date(text));
