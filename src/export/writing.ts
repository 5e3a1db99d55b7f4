import { join } from 'node:path';
import type { Kysely, Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { newId } from '../lib/ids.ts';
import type { LocalFile, Storage } from '../signage/storage.ts';
import { condemn, insertArriving } from '../signage/stored-file-store.ts';
import type { RunWork } from '../work.ts';
import type { Attempt, WrittenFile } from './attempt-store.ts';
import { type BulkExport, type BulkExportKind, EXPORTS } from './bulk-export.ts';
import { type Draft, openDraft } from './draft.ts';
import { ROWS } from './rows.ts';

/** Rows as they are written, each without a line feed, read in the transaction that read them. */
export type ToLines = (
  kind: BulkExportKind,
  rows: readonly object[],
  of: { readonly tx: Transaction<Database>; readonly venueId: string },
) => Promise<readonly string[]>;

export interface WritingParts {
  /** Its connections are held for as long as an export is read. */
  readonly db: Kysely<Database>;
  readonly runWork: RunWork;
  readonly storage: Storage;
  readonly toLines: ToLines;
  /** Where files are while they are written: on this computer. */
  readonly folder: string;
  readonly maxBytes: number;
}

/** What a file is called in its folder while it is written. */
const draftName = (attemptId: string): string => `${attemptId}${DRAFT}`;
export const DRAFT = '.export';

export const CONTENT_TYPE = 'application/jsonl';

/**
 * Writes all rows of an export as one state of the database has them, and has the storage keep the file. Nothing leads
 * to it yet: whoever dies leaves a file that is deleted.
 *
 * @throws TooLargeError, what the signal was aborted for, and what else is in the way
 */
export async function writeExport(
  parts: WritingParts,
  attempt: Attempt,
  { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress: (rowCount: number) => void },
): Promise<WrittenFile> {
  const { folder, maxBytes } = parts;
  await using draft = await openDraft(join(folder, draftName(attempt.attemptId)), maxBytes);
  await writeRows(parts, attempt, { draft, signal, onProgress });
  const file = { path: draft.path, contentType: CONTENT_TYPE, ...(await draft.finish()) };
  const fileId = await store(parts, attempt.export, { file, signal });
  return { fileId, rowCount: draft.rowCount, byteSize: file.byteSize, sha256: file.sha256 };
}

/** What the storage does not take, or not whole, is deleted there by who sweeps it. */
async function store(
  { storage, runWork }: WritingParts,
  { venueId, kind, createdAt }: BulkExport,
  { file, signal }: { readonly file: LocalFile; readonly signal: AbortSignal },
): Promise<string> {
  const id = newId();
  const { contentType, byteSize, sha256 } = file;
  const fileName = fileNameOf(kind, createdAt);
  const arriving = { id, venueId, fileName, contentType, byteSize: BigInt(byteSize), sha256 };
  await runWork(EXPORTS, (work) => insertArriving(work, { ...arriving, purpose: 'EXPORT' }));
  try {
    await storage.put(id, file, signal);
    return id;
  } catch (error) {
    await runWork(EXPORTS, ({ tx, now }) => condemn(tx, id, now));
    throw error;
  }
}

/** Each batch is on its way to the disk before the next is read. */
async function writeRows(
  { db, toLines }: WritingParts,
  { export: { kind, venueId, filter, createdAt } }: Attempt,
  {
    draft,
    signal,
    onProgress,
  }: {
    readonly draft: Draft;
    readonly signal: AbortSignal;
    readonly onProgress: (rowCount: number) => void;
  },
): Promise<void> {
  await db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => {
      for await (const rows of ROWS[kind]({ tx, venueId, filter, now: createdAt })) {
        signal.throwIfAborted();
        await draft.add(await toLines(kind, rows, { tx, venueId }));
        onProgress(draft.rowCount);
      }
      signal.throwIfAborted();
    });
}

/** `ledger-entries-2026-11-22.jsonl`. */
export const fileNameOf = (kind: BulkExportKind, createdAt: Date): string =>
  `${kind.toLowerCase().replaceAll('_', '-')}-${createdAt.toISOString().slice(0, 10)}.jsonl`;
