import { join } from 'node:path';
import type { Kysely, Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { discard } from '../signage/discarding.ts';
import type { LocalFile, Storage } from '../signage/storage.ts';
import { ARRIVING_MS } from '../signage/stored-file.ts';
import { insertArriving } from '../signage/stored-file-store.ts';
import type { RunWork, Work } from '../work.ts';
import type { Attempt, WrittenFile } from './attempt-store.ts';
import { type BulkExportKind, EXPORTS } from './bulk-export.ts';
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
  /** Told of what keeps a file that comes to nothing from being deleted at once. */
  readonly onError: (error: unknown) => void;
}

/** What a file is called in its folder while it is written. */
const draftName = (attemptId: string): string => `${attemptId}${DRAFT}`;
export const DRAFT = '.export';

export const CONTENT_TYPE = 'application/jsonl';

interface Writing {
  readonly signal: AbortSignal;
  readonly onProgress: (rowCount: number) => void;
  /** Has something lead to the file, which it keeps. */
  readonly publish: (work: Work, file: WrittenFile) => Promise<void>;
}

/**
 * Writes all rows of an export as one state of the database has them, has the storage keep the file, under the id of the
 * attempt, and publishes it. Whoever dies before leaves a file that is deleted.
 *
 * @throws TooLargeError, what the signal was aborted for, and what else is in the way
 */
export async function writeExport(
  parts: WritingParts,
  attempt: Attempt,
  { signal, onProgress, publish }: Writing,
): Promise<void> {
  const { folder, maxBytes, runWork } = parts;
  await using draft = await openDraft(join(folder, draftName(attempt.attemptId)), maxBytes);
  await writeRows(parts, attempt, { draft, signal, onProgress });
  const file = { path: draft.path, contentType: CONTENT_TYPE, ...(await draft.finish()) };
  await announce(parts, attempt, file);
  const { byteSize, sha256 } = file;
  const written = { fileId: attempt.attemptId, rowCount: draft.rowCount, byteSize, sha256 };
  try {
    await parts.storage.put(written.fileId, file, signal);
    await runWork(EXPORTS, (work) => publish(work, written));
  } catch (error) {
    await discard(parts, { id: written.fileId, actor: EXPORTS, signal }).catch(parts.onError);
    throw error;
  }
}

/** From here on its attempt says that it is on its way, and whoever does not is dead. */
async function announce(
  { runWork }: WritingParts,
  { attemptId, export: { venueId, kind, createdAt } }: Attempt,
  { contentType, byteSize, sha256 }: LocalFile,
): Promise<void> {
  const fileName = fileNameOf(kind, createdAt);
  const arriving = { id: attemptId, venueId, fileName, contentType, byteSize: BigInt(byteSize), sha256 };
  await runWork(EXPORTS, (work) =>
    insertArriving(work, { ...arriving, purpose: 'EXPORT' }, new Date(work.now.getTime() + ARRIVING_MS)),
  );
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
