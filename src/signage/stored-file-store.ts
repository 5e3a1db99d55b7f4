import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { StoredFileTable } from '../db/tables/media.ts';
import { type Actor, actorReference } from '../lib/actor.ts';
import type { Work } from '../work.ts';
import type { Pixels, StagedFile, StoredFile, UploadPurpose } from './stored-file.ts';

export async function insertStaged(
  tx: Transaction<Database>,
  file: StagedFile,
  staging: {
    readonly tokenHash: Buffer;
    readonly by: Actor;
    readonly stagedAt: Date;
    readonly expiresAt: Date;
  },
): Promise<void> {
  await tx
    .insertInto('stored_file')
    .values({
      ...rowOf(file),
      token_hash: staging.tokenHash,
      staged_by: JSON.stringify(actorReference(staging.by)),
      staged_at: staging.stagedAt,
      expires_at: staging.expiresAt,
    })
    .execute();
}

/** A file that is written here, on its way to the storage until then, unless that is renewed. Nobody uploads it. */
export async function insertArriving(
  { tx, now, actor }: Pick<Work, 'tx' | 'now' | 'actor'>,
  file: Omit<StagedFile, 'purpose'> & { readonly purpose: 'EXPORT' },
  until: Date,
): Promise<void> {
  await tx
    .insertInto('stored_file')
    .values({
      ...rowOf(file),
      status: 'ARRIVING',
      staged_by: JSON.stringify(actorReference(actor)),
      staged_at: now,
      expires_at: until,
    })
    .execute();
}

const rowOf = (file: Omit<StagedFile, 'purpose'> & Pick<Selectable<StoredFileTable>, 'purpose'>) => ({
  id: file.id,
  venue_id: file.venueId,
  purpose: file.purpose,
  file_name: file.fileName,
  content_type: file.contentType,
  byte_size: file.byteSize,
  sha256: file.sha256,
});

/** How many files of a venue, all or one's, are announced by who uploads them, on their way, or wait for what they were sent for. */
export async function countStaged(
  db: Kysely<Database>,
  venueId: string,
  by: Actor | null = null,
): Promise<number> {
  let staged = db
    .selectFrom('stored_file')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where('venue_id', '=', venueId)
    .where('purpose', '<>', 'EXPORT')
    .where('status', 'in', ['STAGED', 'ARRIVING', 'STORED']);
  if (by) staged = staged.where(sql<boolean>`staged_by = ${JSON.stringify(actorReference(by))}::jsonb`);
  const { count } = await staged.executeTakeFirstOrThrow();
  return Number(count);
}

/** Whose upload token this is: nobody else begins to send the file. Null when it is nobody's, over, or was used. */
export async function beginArrival(
  tx: Transaction<Database>,
  { tokenHash, now, until }: { readonly tokenHash: Buffer; readonly now: Date; readonly until: Date },
): Promise<StagedFile | null> {
  const row = await tx
    .updateTable('stored_file')
    .set({ status: 'ARRIVING', expires_at: until })
    .where('token_hash', '=', tokenHash)
    .where('status', '=', 'STAGED')
    .where('expires_at', '>', now)
    .returningAll()
    .executeTakeFirst();
  return row ? stagedOf(row) : null;
}

/** Answers whether it still arrives: if not, it was given up for lost. */
export async function renewArrival(tx: Transaction<Database>, id: string, until: Date): Promise<boolean> {
  const row = await tx
    .updateTable('stored_file')
    .set({ expires_at: until })
    .where('id', '=', id)
    .where('status', '=', 'ARRIVING')
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** One that did not come to its storage may be sent once more with its token. */
export async function expectAgain(tx: Transaction<Database>, id: string, until: Date): Promise<void> {
  await tx
    .updateTable('stored_file')
    .set({ status: 'STAGED', expires_at: until })
    .where('id', '=', id)
    .where('status', '=', 'ARRIVING')
    .execute();
}

/** It is in the storage. Answers whether it still arrived: if not, it was given up for lost. */
export async function endArrival(
  tx: Transaction<Database>,
  id: string,
  { pixels, until }: { readonly pixels: Pixels | null; readonly until: Date },
): Promise<boolean> {
  const row = await tx
    .updateTable('stored_file')
    .set({
      status: 'STORED',
      expires_at: until,
      width: pixels?.width ?? null,
      height: pixels?.height ?? null,
    })
    .where('id', '=', id)
    .where('status', '=', 'ARRIVING')
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** The file of an upload token, which nobody else takes until the transaction ends. */
export async function lockStaged(
  tx: Transaction<Database>,
  venueId: string,
  {
    tokenHash,
    purpose,
    now,
  }: { readonly tokenHash: Buffer; readonly purpose: UploadPurpose; readonly now: Date },
): Promise<{ readonly file: StoredFile; readonly isStored: boolean } | null> {
  const row = await tx
    .selectFrom('stored_file')
    .selectAll()
    .where('token_hash', '=', tokenHash)
    .where('venue_id', '=', venueId)
    .where('purpose', '=', purpose)
    .where('status', 'in', ['STAGED', 'ARRIVING', 'STORED'])
    .where('expires_at', '>', now)
    .forUpdate()
    .executeTakeFirst();
  return row ? { file: storedFileOf(row), isStored: row.status === 'STORED' } : null;
}

/** From now on it belongs to something, and its token is worth nothing. */
export async function keepFile(tx: Transaction<Database>, id: string): Promise<void> {
  await tx
    .updateTable('stored_file')
    .set({ status: 'TAKEN', token_hash: null, expires_at: null })
    .where('id', '=', id)
    .execute();
}

/** Files of a venue that something held are deleted at this time. */
export async function releaseFiles(
  tx: Transaction<Database>,
  venueId: string,
  { ids, at }: { readonly ids: readonly string[]; readonly at: Date },
): Promise<void> {
  await tx
    .updateTable('stored_file')
    .set({ expires_at: at })
    .where('venue_id', '=', venueId)
    .where('id', '=', sql<string>`any(${ids}::uuid[])`)
    .where('status', '=', 'TAKEN')
    .execute();
}

/** Files whose time is over, which nobody can use from then on; those too of which that was said before. */
export async function condemnDue(
  tx: Transaction<Database>,
  { now, limit }: { readonly now: Date; readonly limit: number },
): Promise<readonly string[]> {
  const rows = await tx
    .updateTable('stored_file')
    .set({ status: 'GONE', token_hash: null })
    .where('id', 'in', (due) =>
      due
        .selectFrom('stored_file')
        .select('id')
        .where('expires_at', '<=', now)
        .orderBy('expires_at')
        .limit(limit)
        .forUpdate()
        .skipLocked(),
    )
    .returning('id')
    .execute();
  return rows.map(({ id }) => id);
}

/**
 * One that is refused while it arrives. Answers whether it is nobody's: a commit that kept it may have been taken for
 * one that failed.
 */
export async function condemn(tx: Transaction<Database>, id: string, now: Date): Promise<boolean> {
  await tx
    .updateTable('stored_file')
    .set({ status: 'GONE', token_hash: null, expires_at: now })
    .where('id', '=', id)
    .where('status', '=', 'ARRIVING')
    .execute();
  const row = await tx.selectFrom('stored_file').select('status').where('id', '=', id).executeTakeFirst();
  return row === undefined || row.status === 'GONE';
}

export async function deleteCondemned(tx: Transaction<Database>, ids: readonly string[]): Promise<void> {
  await tx
    .deleteFrom('stored_file')
    .where('id', '=', sql<string>`any(${ids}::uuid[])`)
    .where('status', '=', 'GONE')
    .execute();
}

/** Which of these are arriving now, at whichever server. */
export async function findArriving(
  db: Kysely<Database>,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await db
    .selectFrom('stored_file')
    .select('id')
    .where('id', '=', sql<string>`any(${ids}::uuid[])`)
    .where('status', '=', 'ARRIVING')
    .execute();
  return new Set(rows.map(({ id }) => id));
}

const stagedOf = (row: Selectable<StoredFileTable>): StagedFile => ({
  id: row.id,
  venueId: row.venue_id,
  // What is uploaded or taken by a token; an export has none.
  purpose: row.purpose as UploadPurpose,
  fileName: row.file_name,
  contentType: row.content_type,
  byteSize: row.byte_size,
  sha256: row.sha256,
});

export const storedFileOf = (row: Selectable<StoredFileTable>): StoredFile => ({
  ...stagedOf(row),
  pixels: row.width !== null && row.height !== null ? { width: row.width, height: row.height } : null,
});
