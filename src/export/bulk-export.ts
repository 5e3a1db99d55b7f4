import { type actorReference, system } from '../lib/actor.ts';
import { ValidationError } from '../lib/errors.ts';

/** What can be exported: each is the rows of one list. */
export const BULK_EXPORT_KINDS = [
  'SLOTS',
  'BOOKINGS',
  'LEDGER_ENTRIES',
  'MACHINE_EVENTS',
  'METER_READINGS',
  'PARKING_SESSIONS',
  'AUDIT_ENTRIES',
] as const;

export type BulkExportKind = (typeof BULK_EXPORT_KINDS)[number];

export type BulkExportStatus = 'PENDING' | 'RUNNING' | 'DONE' | 'FAILED' | 'CANCELLED' | 'EXPIRED';

/** Why none came of it. */
export type BulkExportFailure = 'TOO_LARGE' | 'TOO_LONG' | 'INTERNAL';

/** Which rows are meant; null: all there are. */
export interface BulkExportFilter {
  readonly from: Date | null;
  readonly to: Date | null;
  readonly resourceIds: readonly string[] | null;
  readonly machineIds: readonly string[] | null;
  readonly lotIds: readonly string[] | null;
}

/** All rows of one kind of a venue as they were at one instant, in a file of one JSON object a line. */
export interface BulkExport {
  readonly id: string;
  readonly venueId: string;
  readonly kind: BulkExportKind;
  readonly filter: BulkExportFilter;
  readonly status: BulkExportStatus;
  readonly requestedBy: ReturnType<typeof actorReference>;
  readonly createdAt: Date;
  /** So far while it is written. */
  readonly rowCount: bigint;
  /** What was written; null before, and of what came to nothing. */
  readonly file: { readonly byteCount: bigint; readonly sha256: Buffer } | null;
  /** When it was done, or given up. */
  readonly finishedAt: Date | null;
  /** When its file is deleted. */
  readonly expiresAt: Date | null;
  readonly failure: BulkExportFailure | null;
}

/** Who writes them. */
export const EXPORTS = system('bulk-exports');

/** What of the filter goes with which kinds. */
const FILTERED_BY: Readonly<Record<'resourceIds' | 'machineIds' | 'lotIds', readonly BulkExportKind[]>> = {
  resourceIds: ['SLOTS', 'BOOKINGS'],
  machineIds: ['MACHINE_EVENTS', 'METER_READINGS'],
  lotIds: ['PARKING_SESSIONS'],
};

const MAX_IDS = 100;
const DAY_MS = 86_400_000;
/** Every slot of a day is a line, whether anything was ever booked or not. */
const MAX_SLOT_DAYS = 400;

/** What can be asked of a kind, each thing named once. @throws ValidationError */
export function parseFilter(kind: BulkExportKind, filter: BulkExportFilter): BulkExportFilter {
  const { from, to, resourceIds, machineIds, lotIds } = filter;
  for (const name of ['resourceIds', 'machineIds', 'lotIds'] as const) {
    const ids = filter[name];
    if (ids === null) continue;
    if (!FILTERED_BY[name].includes(kind))
      throw new ValidationError(`${name} goes with ${FILTERED_BY[name].join(' and ')} alone.`, {
        field: ['filter', name],
      });
    if (ids.length === 0 || ids.length > MAX_IDS)
      throw new ValidationError(`${name} takes 1 to ${MAX_IDS} entries.`, { field: ['filter', name] });
  }
  if (from && to && from >= to)
    throw new ValidationError('from takes an instant before to.', { field: ['filter', 'from'] });
  if (kind === 'SLOTS') checkSlots(filter);
  return {
    from,
    to,
    resourceIds: resourceIds && [...new Set(resourceIds)],
    machineIds: machineIds && [...new Set(machineIds)],
    lotIds: lotIds && [...new Set(lotIds)],
  };
}

function checkSlots({ from, to }: BulkExportFilter): void {
  if (!from || !to)
    throw new ValidationError('SLOTS have no end: give from and to.', {
      field: ['filter', from ? 'to' : 'from'],
    });
  if (to.getTime() - from.getTime() > MAX_SLOT_DAYS * DAY_MS)
    throw new ValidationError(`to lies at most ${MAX_SLOT_DAYS} days behind from, for SLOTS.`, {
      field: ['filter', 'to'],
    });
}
