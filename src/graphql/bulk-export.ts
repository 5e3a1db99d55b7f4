import type { BulkExport } from '../export/bulk-export.ts';
import { cancelBulkExport, startBulkExport } from '../export/bulk-export-service.ts';
import { EXPORT_SCOPES } from '../export/policy.ts';
import { IdempotencyMismatchError, NotFoundError, NotOwnerError, ValidationError } from '../lib/errors.ts';
import { builder } from './builder.ts';
import { BulkExportKindEnum, BulkExportType } from './bulk-export-type.ts';
import { venueIdOf } from './caller.ts';
import './domain-errors.ts';
import { decodeIdOf } from './ids.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';

interface Started {
  readonly export: BulkExport;
  readonly isReplay: boolean;
}

const StartBulkExportSuccess = builder.objectRef<Started>('StartBulkExportSuccess').implement({
  description: 'It was asked for, and is written in the background.',
  fields: (t) => ({
    success: t.boolean({ description: successDescription, resolve: () => true }),
    message: t.string({ description: messageDescription, resolve: () => 'The export was started.' }),
    bulkExport: t.field({
      type: BulkExportType,
      description: 'The export as it is now; the subscription `bulkExports` tells when it is finished.',
      resolve: (started) => started.export,
    }),
    replayed: t.exposeBoolean('isReplay', {
      description: 'Whether it was asked for before by this idempotency key, and nothing was started now.',
    }),
  }),
});

const BulkExportFilterInput = builder.inputType('BulkExportFilterInput', {
  description: 'Which rows are meant; without a field all there are.',
  fields: (t) => ({
    from: t.field({ type: 'DateTime', description: 'Since when, before `to` (ValidationError).' }),
    to: t.field({ type: 'DateTime', description: 'Until when.' }),
    resourceIds: t.idList({
      description:
        'With SLOTS and BOOKINGS: of these resources, 1 to 100 (ValidationError). One that does not exist gives NotFoundError.',
    }),
    machineIds: t.idList({
      description:
        'With MACHINE_EVENTS and METER_READINGS: of these machines, 1 to 100 (ValidationError). One that does not exist gives NotFoundError.',
    }),
    lotIds: t.idList({
      description:
        'With PARKING_SESSIONS: on these parking lots, 1 to 100 (ValidationError). One that does not exist gives NotFoundError.',
    }),
  }),
});

const StartBulkExportInput = builder.inputType('StartBulkExportInput', {
  description: 'What is exported.',
  fields: (t) => ({
    kind: t.field({ type: BulkExportKindEnum, required: true, description: 'Rows of which list.' }),
    filter: t.field({ type: BulkExportFilterInput, description: 'Which of them; all without it.' }),
    idempotencyKey: t.string({
      required: true,
      description:
        'The caller’s own name for it, 1 to 200 printable ASCII characters without spaces (ValidationError): the same again starts nothing and gives the same export.',
    }),
  }),
});

builder.mutationField('startBulkExport', (t) =>
  t.field({
    type: StartBulkExportSuccess,
    nullable: true,
    authScopes: { anyScope: EXPORT_SCOPES },
    description:
      'Has all rows of one kind written into a file. They are read as they are at one instant, whatever changes meanwhile. A venue has at most 20 exports that are not finished (ValidationError), and BULK_EXPORTS_PER_VENUE that are written at a time. Needs what `BulkExportKind` says of the kind (AUTH_004).',
    args: { input: t.arg({ type: StartBulkExportInput, required: true, description: 'What.' }) },
    errors: { types: [NotFoundError, ValidationError, IdempotencyMismatchError], directResult: true },
    resolve: (_root, { input: { kind, filter, idempotencyKey } }, context) => {
      const idsOf = (typename: string, ids: readonly string[] | null | undefined) =>
        ids?.map((id) => decodeIdOf(typename, id)) ?? null;
      const wanted = {
        venueId: venueIdOf(context),
        kind,
        filter: {
          from: filter?.from ?? null,
          to: filter?.to ?? null,
          resourceIds: idsOf('Resource', filter?.resourceIds),
          machineIds: idsOf('Machine', filter?.machineIds),
          lotIds: idsOf('ParkingLot', filter?.lotIds),
        },
        idempotencyKey,
      };
      return context.runWork(context.actor, (work) => startBulkExport(work, wanted));
    },
  }),
);

const CancelBulkExportSuccess = builder.objectRef<BulkExport>('CancelBulkExportSuccess').implement({
  description: 'Nobody writes it any more.',
  fields: (t) => ({
    success: t.boolean({ description: successDescription, resolve: () => true }),
    message: t.string({ description: messageDescription, resolve: () => 'The export was cancelled.' }),
    bulkExport: t.field({ type: BulkExportType, description: 'The export.', resolve: (one) => one }),
  }),
});

const CancelBulkExportInput = builder.inputType('CancelBulkExportInput', {
  description: 'Which export is given up.',
  fields: (t) => ({ bulkExportId: t.id({ required: true, description: 'Which (NotFoundError).' }) }),
});

builder.mutationField('cancelBulkExport', (t) =>
  t.field({
    type: CancelBulkExportSuccess,
    nullable: true,
    authScopes: { anyScope: EXPORT_SCOPES },
    description:
      'Gives up an export that is not finished (ValidationError); one that was cancelled stays so. Whoever started it may, and ADMIN (NotOwnerError). Needs what `BulkExportKind` says of the kind (NotFoundError).',
    args: { input: t.arg({ type: CancelBulkExportInput, required: true, description: 'Which.' }) },
    errors: { types: [NotFoundError, NotOwnerError, ValidationError], directResult: true },
    resolve: (_root, { input }, context) => {
      const bulkExportId = decodeIdOf('BulkExport', input.bulkExportId);
      return context.runWork(context.actor, (work) =>
        cancelBulkExport(work, { venueId: venueIdOf(context), bulkExportId }),
      );
    },
  }),
);
