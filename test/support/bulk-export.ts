import { createHash } from 'node:crypto';
import type { BulkExport, BulkExportFilter, BulkExportKind } from '../../src/export/bulk-export.ts';
import { startBulkExport } from '../../src/export/bulk-export-service.ts';
import { newId } from '../../src/lib/ids.ts';
import type { RunWork } from '../../src/work.ts';
import type { Asker, FloorApp } from './app.ts';
import { DESK } from './booking.ts';

const ALL: BulkExportFilter = { from: null, to: null, resourceIds: null, machineIds: null, lotIds: null };

/** Asked for by floorwire itself: of what happened at machines, unless another kind is given. */
export async function aBulkExport(
  runWork: RunWork,
  {
    venueId,
    kind = 'MACHINE_EVENTS',
    filter = {},
  }: {
    readonly venueId: string;
    readonly kind?: BulkExportKind;
    readonly filter?: Partial<BulkExportFilter>;
  },
): Promise<BulkExport> {
  const wanted = { venueId, kind, filter: { ...ALL, ...filter }, idempotencyKey: newId() };
  return (await runWork(DESK, (work) => startBulkExport(work, wanted))).export;
}

export const START_EXPORT = `mutation ($input: StartBulkExportInput!) { startBulkExport(input: $input) { __typename
  ... on StartBulkExportSuccess { replayed bulkExport { id status url } } ... on Error { code message } } }`;

const FOLLOW = `subscription ($bulkExportId: ID, $after: Cursor) { bulkExports(bulkExportId: $bulkExportId, after: $after) {
  id status rowCount byteCount sha256 url createdAt finishedAt expiresAt failure requestedBy { kind id } cursor } }`;

export interface ExportFrame {
  readonly bulkExports: {
    readonly id: string;
    readonly status: string;
    readonly rowCount: string;
    readonly byteCount: string | null;
    readonly sha256: string | null;
    readonly url: string | null;
    readonly createdAt: string;
    readonly failure: string | null;
  };
}

/** What becomes of exports from now on. */
export const followExports = (
  floor: FloorApp,
  {
    as = 'OPERATOR',
    ...variables
  }: { readonly as?: Asker; readonly after?: string; readonly bulkExportId?: string },
) => floor.follow<ExportFrame>(FOLLOW, { as, variables });

/** Starts an export and waits for its end by the event that tells it. */
export async function exported(
  floor: FloorApp,
  {
    as = 'OPERATOR',
    ...input
  }: { readonly as?: Asker; readonly kind: BulkExportKind; readonly filter?: object },
): Promise<ExportFrame['bulkExports']> {
  const frames = followExports(floor, { as, after: (await floor.ask('{ cursor }', { as })).data.cursor });
  const variables = { input: { ...input, idempotencyKey: newId() } };
  const { data } = await floor.ask(START_EXPORT, { as, variables });
  const { id } = data.startBulkExport.bulkExport;
  const isOver = ({ bulkExports }: ExportFrame) => bulkExports.id === id && bulkExports.status !== 'PENDING';
  const { bulkExports } = await frames.until(isOver);
  await frames.end();
  return bulkExports;
}

/** Fetches what was exported. */
export async function fetchExport(
  floor: FloorApp,
  url: string,
  {
    as = 'OPERATOR',
    headers = {},
  }: { readonly as?: Asker | null; readonly headers?: Record<string, string> } = {},
): Promise<Response> {
  const authorization = as === null ? {} : { authorization: `Bearer ${await floor.token(as)}` };
  return await fetch(url, { headers: { ...authorization, ...headers } });
}

/** The objects of a file of one a line. */
export const linesOf = (text: string): readonly Record<string, unknown>[] =>
  text === ''
    ? []
    : text
        .replace(/\n$/, '')
        .split('\n')
        .map((line) => JSON.parse(line));

export const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex');
