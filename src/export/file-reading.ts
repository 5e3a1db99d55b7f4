import type { Readable } from 'node:stream';
import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { Origin, SignedInActor } from '../lib/actor.ts';
import type { ByteRange, Storage } from '../signage/storage.ts';
import type { RunWork } from '../work.ts';
import { findExportFile } from './bulk-export-store.ts';
import './events.ts';
import { canExport } from './policy.ts';
import { CONTENT_TYPE, fileNameOf } from './writing.ts';

/** The file of an export as it is sent. */
export interface ExportFile {
  readonly contentType: string;
  readonly fileName: string;
  readonly byteSize: number;
  readonly sha256: Buffer;
  /** All of it, or a part; null when it has just been deleted. That somebody had it goes on record. */
  open(range?: ByteRange): Promise<Readable | null>;
}

/**
 * The file of an export for who may have such rows now, whoever asked for it and whatever that one might then. Null: there
 * is none, none any more, or he may not know that there is.
 */
export async function readExportFile(
  {
    db,
    runWork,
    storage,
  }: { readonly db: Kysely<Database>; readonly runWork: RunWork; readonly storage: Storage },
  {
    actor,
    origin,
    bulkExportId,
    now,
  }: {
    readonly actor: SignedInActor;
    readonly origin: Origin | null;
    readonly bulkExportId: string;
    readonly now: Date;
  },
): Promise<ExportFile | null> {
  const { venueId } = actor;
  const found = await findExportFile(db, venueId, { id: bulkExportId, now });
  if (!found || !canExport(actor, venueId, found.of.kind)) return null;
  const { kind, createdAt, file } = found.of;
  if (!file) return null;
  return {
    contentType: CONTENT_TYPE,
    fileName: fileNameOf(kind, createdAt),
    byteSize: Number(file.byteCount),
    sha256: file.sha256,
    async open(range) {
      await runWork(
        actor,
        async (work) => work.emit({ type: 'export.file-read', venueId, bulkExportId, kind }),
        origin,
      );
      return await storage.read(found.fileId, range);
    },
  };
}
