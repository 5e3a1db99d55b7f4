import type {
  BulkExport,
  BulkExportFailure,
  BulkExportFilter,
  BulkExportKind,
  BulkExportStatus,
} from '../export/bulk-export.ts';
import { findExportsByIds } from '../export/bulk-export-store.ts';
import { canExport } from '../export/policy.ts';
import { NotFoundError } from '../lib/errors.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { encodeGlobalId } from './ids.ts';
import { EventActorType } from './log-event.ts';

export const BulkExportKindEnum = builder.enumType('BulkExportKind', {
  description:
    'What is exported: all rows of a list, the oldest first. Needs what the list needs to show all of the venue (AUTH_004). Clients must survive values they do not know.',
  values: {
    SLOTS: {
      description:
        'Every `Slot` that begins from `from` on and before `to`, with its state and its bookings, resource by resource. Needs `from` and `to`, 400 days apart at most (ValidationError), BOOKINGS_READ and to oversee bookings.',
    },
    BOOKINGS: {
      description:
        'Each `Booking` that ends after `from` and begins before `to`. Needs BOOKINGS_READ and to oversee bookings.',
    },
    LEDGER_ENTRIES: {
      description:
        'Each `LedgerEntry` of the transactions posted from `from` on and before `to`; those of one transaction follow each other. Needs WALLETS_READ and to oversee wallets.',
    },
    MACHINE_EVENTS: {
      description: 'Each `MachineEvent` that happened from `from` on and before `to`. Needs MACHINES_READ.',
    },
    METER_READINGS: {
      description:
        'Each reading that changed a meter from `from` on and before `to`: a `MeterHistoryPoint` with its `machine`, machine by machine and meter by meter. Needs MACHINES_READ.',
    },
    PARKING_SESSIONS: {
      description:
        'Each `ParkingSession` that ended after `from`, or has not ended, and began before `to`. Needs PARKING_READ and to oversee parking.',
    },
    AUDIT_ENTRIES: {
      description: 'Each `AuditEntry` from `from` on and before `to`. Needs AUDIT_READ.',
    },
  } satisfies Record<BulkExportKind, { description: string }>,
});

export const BulkExportStatusEnum = builder.enumType('BulkExportStatus', {
  description: 'How an export stands. Clients must survive values they do not know.',
  values: {
    PENDING: { description: 'It waits for its turn.' },
    RUNNING: { description: 'It is written.' },
    DONE: { description: 'Its file can be fetched.' },
    FAILED: { description: 'None came of it; `failure` says why.' },
    CANCELLED: { description: 'Somebody gave it up.' },
    EXPIRED: { description: 'Its file was deleted when its time was over.' },
  } satisfies Record<BulkExportStatus, { description: string }>,
});

const BulkExportFailureEnum = builder.enumType('BulkExportFailure', {
  description: 'Why no file came of an export. Clients must survive values they do not know.',
  values: {
    TOO_LARGE: { description: 'It would have more than BULK_EXPORT_MAX_BYTES: ask for a shorter time.' },
    TOO_LONG: { description: 'It was not read within an hour: ask for a shorter time.' },
    INTERNAL: { description: 'Three tries failed; the server’s log says why.' },
  } satisfies Record<BulkExportFailure, { description: string }>,
});

const BulkExportFilterType = builder.objectRef<BulkExportFilter>('BulkExportFilter').implement({
  description: 'Which rows are meant; null: all there are.',
  fields: (t) => ({
    from: t.expose('from', { type: 'DateTime', nullable: true, description: 'Since when.' }),
    to: t.expose('to', { type: 'DateTime', nullable: true, description: 'Until when.' }),
    resourceIds: t.idList({
      nullable: true,
      description: 'Of which resources.',
      resolve: ({ resourceIds }) => resourceIds?.map((id) => encodeGlobalId('Resource', id)),
    }),
    machineIds: t.idList({
      nullable: true,
      description: 'Of which machines.',
      resolve: ({ machineIds }) => machineIds?.map((id) => encodeGlobalId('Machine', id)),
    }),
    lotIds: t.idList({
      nullable: true,
      description: 'On which parking lots.',
      resolve: ({ lotIds }) => lotIds?.map((id) => encodeGlobalId('ParkingLot', id)),
    }),
  }),
});

/** An export of a query, or of a frame of the stream. */
export type ShownExport = BulkExport & { readonly cursor?: string };

export const BulkExportType = builder.loadableNodeRef<ShownExport, never, string, string>('BulkExport', {
  id: { resolve: ({ id }: ShownExport) => id },
  load: loadExports,
});

BulkExportType.implement({
  description:
    'All rows of one kind of the venue as they were at one instant, in a file of one JSON object a line (JSONL): the fields are named and written as in the type of the row, people are told by id only. Seen, and fetched, by whoever may see all of that list now.',
  fields: (t) => ({
    kind: t.expose('kind', { type: BulkExportKindEnum, description: 'What is exported.' }),
    filter: t.expose('filter', { type: BulkExportFilterType, description: 'Which of it.' }),
    status: t.expose('status', { type: BulkExportStatusEnum, description: 'How it stands.' }),
    rowCount: t.expose('rowCount', {
      type: 'BigInt',
      description: 'How many lines it has; so far, while it is RUNNING.',
    }),
    byteCount: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'How many bytes its file has; null before it is DONE.',
      resolve: ({ file }) => file?.byteCount,
    }),
    sha256: t.string({
      nullable: true,
      description: 'Of its file, 64 hexadecimal digits; null before it is DONE.',
      resolve: ({ file }) => file?.sha256.toString('hex'),
    }),
    url: t.field({
      type: 'URL',
      nullable: true,
      description:
        'Where its file is fetched, also in parts (`Range`), with the same `Authorization` header as any request; null unless it is DONE. Whoever may not see the list any more gets 404 there, and each time somebody fetches it is on the audit record (`export.file-read`).',
      resolve: ({ id, status }, _args, { info }) => (status === 'DONE' ? `${info.url}/exports/${id}` : null),
    }),
    requestedBy: t.expose('requestedBy', { type: EventActorType, description: 'Who asked for it.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was asked for.' }),
    finishedAt: t.expose('finishedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was DONE, FAILED or CANCELLED; null before.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When its file is deleted: BULK_EXPORT_RETENTION after it was DONE; null before.',
    }),
    failure: t.expose('failure', {
      type: BulkExportFailureEnum,
      nullable: true,
      description: 'Why none came of it; null unless it is FAILED.',
    }),
    cursor: t.field({
      type: 'Cursor',
      nullable: true,
      description: 'On a frame of `bulkExports`: resume behind it with `after`. Null elsewhere.',
      resolve: ({ cursor }) => cursor ?? null,
    }),
  }),
});

async function loadExports(
  ids: readonly string[],
  context: Context,
): Promise<(ShownExport | NotFoundError)[]> {
  const venueId = venueIdOf(context);
  const found = await findExportsByIds(context.db, venueId, ids);
  const byId = new Map(
    found.filter(({ kind }) => canExport(context.viewer, venueId, kind)).map((each) => [each.id, each]),
  );
  return ids.map((id) => byId.get(id) ?? new NotFoundError('bulk export'));
}
