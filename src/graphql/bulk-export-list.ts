import type { StreamedEvent } from '../events/source.ts';
import type { BulkExport, BulkExportKind } from '../export/bulk-export.ts';
import { countExports, listExports } from '../export/bulk-export-store.ts';
import { EXPORT_EVENTS, type ExportEventType, exportOfSnapshot } from '../export/events.ts';
import { EXPORT_SCOPES, exportableKinds, sightOfExport } from '../export/policy.ts';
import { PermissionDeniedError } from '../lib/errors.ts';
import { builder } from './builder.ts';
import {
  BulkExportKindEnum,
  BulkExportStatusEnum,
  BulkExportType,
  type ShownExport,
} from './bulk-export-type.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { decodeIdOf } from './ids.ts';
import { cursorOf, resolveLivePage } from './live-page.ts';
import { AFTER } from './machine-event.ts';

const NEEDS = 'Needs what `BulkExportKind` says of a kind, for one of them at least (AUTH_004).';

builder.queryField('bulkExport', (t) =>
  t.field({
    type: BulkExportType,
    nullable: true,
    authScopes: { anyScope: EXPORT_SCOPES },
    description: `One export. ${NEEDS}`,
    args: { id: t.arg.id({ required: true, description: 'Which; one that does not exist gives API_002.' }) },
    resolve: (_root, { id }) => decodeIdOf('BulkExport', id),
  }),
);

const BulkExportConnection = builder.connectionObject(
  {
    type: BulkExportType,
    name: 'BulkExportConnection',
    description: 'One page of exports, the newest first.',
    fields: (t) => ({
      cursor: t.field({
        type: 'Cursor',
        description:
          'A subscription `bulkExports(after:)` behind it is shown all that this list could not, and nothing that it did.',
        resolve: cursorOf,
      }),
    }),
  },
  { name: 'BulkExportEdge' },
);

builder.queryField('bulkExports', (t) =>
  t.connection(
    {
      type: BulkExportType,
      nullable: true,
      authScopes: { anyScope: EXPORT_SCOPES },
      description: `The exports of the venue whose rows the caller may see, the newest first; each is known for 90 days after it is over. ${NEEDS}`,
      args: {
        kinds: t.arg({
          type: [BulkExportKindEnum],
          description: 'Only of these kinds, at least one (API_001).',
        }),
        statuses: t.arg({
          type: [BulkExportStatusEnum],
          description: 'Only those that stand like one of these, at least one (API_001).',
        }),
      },
      resolve: (_root, { kinds, statuses, ...args }, context) => {
        const { db } = context;
        const venueId = venueIdOf(context);
        const seen = kindsOf(context);
        const filter = {
          kinds: kinds ? seen.filter((kind) => kinds.includes(kind)) : seen,
          statuses: statuses ?? null,
        };
        return resolveLivePage(db, args, (tx) => ({
          keyOf: ({ createdAt, id }: BulkExport) => ({ at: createdAt, id }),
          load: (range) => listExports(tx, venueId, { filter, range }),
          count: () => countExports(db, venueId, filter),
        }));
      },
    },
    BulkExportConnection,
  ),
);

builder.subscriptionField('bulkExports', (t) =>
  t.field({
    type: BulkExportType,
    authScopes: { anyScope: EXPORT_SCOPES },
    description: `Each export whose rows the caller may see when it is asked for, finished, cancelled, and when its file is gone, once and in order, as it was then, from \`after\` or from now on: nobody has to ask again and again whether it is DONE. A reader that is too slow is told so (WS_004) and resumes behind its last cursor. ${NEEDS}`,
    args: {
      bulkExportId: t.arg.id({ description: 'Only of this one. One that does not exist gives API_002.' }),
      after: t.arg({ type: 'Cursor', description: AFTER }),
    },
    subscribe: async (_root, { bulkExportId, after }, context) => {
      kindsOf(context);
      const id = bulkExportId == null ? null : await idOf(bulkExportId, context);
      return context.streams.events<ExportEventType>({
        types: EXPORT_EVENTS,
        venueId: venueIdOf(context),
        after,
        ...(id !== null && { subjects: { of: ({ payload }) => payload.bulkExportId, among: [id] } }),
        sightOf: sightOfExport,
      });
    },
    resolve: ({ payload, venueId, cursor }: StreamedEvent<ExportEventType>): ShownExport => ({
      cursor,
      ...exportOfSnapshot(venueId, payload),
    }),
  }),
);

/** What of exports the caller may see. @throws PermissionDeniedError when it is none */
function kindsOf(context: Context): readonly BulkExportKind[] {
  const kinds = exportableKinds(context.actor, venueIdOf(context));
  if (kinds.length === 0) throw new PermissionDeniedError('export anything');
  return kinds;
}

/** @throws NotFoundError */
async function idOf(globalId: string, context: Context): Promise<string> {
  const { id } = await BulkExportType.getDataloader(context).load(decodeIdOf('BulkExport', globalId));
  return id;
}
