import type { Kysely, Transaction } from 'kysely';
import type { Instant } from '../db/instant.ts';
import type { Database } from '../db/schema.ts';
import { type JobOptions, startJob, startRetention } from '../job.ts';
import { sweepOrphans } from '../lib/orphans.ts';
import { startWakeable, type Wakeable } from '../lib/wakeable.ts';
import { releaseFiles } from '../signage/stored-file-store.ts';
import type { Work } from '../work.ts';
import { findAttempts } from './attempt-store.ts';
import { EXPORTS } from './bulk-export.ts';
import { exportOf } from './bulk-export-store.ts';
import { snapshotOfExport } from './events.ts';
import { DRAFT } from './writing.ts';

const BATCH = 100;
const SWEEP_MS = 15_000;
/** What was exported, and by whom, is on the audit record for much longer. */
const KNOWN_MS = 90 * 86_400_000;

/** Those whose file has been there for as long as it may. */
export const expiredExports = (db: Kysely<Database>, { now }: { readonly now: Instant }) =>
  db.selectFrom('bulk_export').where('status', '=', 'DONE').where('expires_at', '<=', now);

/** Deletes files whose time is over: nobody can fetch them from then on. */
export const startExportExpiry = (options: JobOptions): Wakeable =>
  startJob(options, { actor: EXPORTS, act: async (work) => (await expire(work)) === BATCH });

async function expire(work: Work): Promise<number> {
  const { tx, now } = work;
  const rows = await tx
    .updateTable('bulk_export')
    .set({ status: 'EXPIRED' })
    .where('id', 'in', () =>
      expiredExports(tx, { now }).select('id').orderBy('expires_at').limit(BATCH).forUpdate().skipLocked(),
    )
    .returningAll()
    .execute();
  for (const row of rows) {
    if (row.file_id) await releaseFiles(tx, row.venue_id, { ids: [row.file_id], at: now });
    work.emit({ type: 'export.expired', venueId: row.venue_id, ...snapshotOfExport(exportOf(row)) });
  }
  return rows.length;
}

/** Forgets exports that have been over for long. */
export const startExportRetention = (options: JobOptions): Wakeable =>
  startRetention({ ...options, retentionMs: KNOWN_MS }, { actor: EXPORTS, forget: pruneExports });

export async function pruneExports(
  tx: Transaction<Database>,
  { before, limit }: { readonly before: Date; readonly limit: number },
): Promise<number> {
  const old = tx
    .selectFrom('bulk_export')
    .select('id')
    .where('status', 'not in', ['PENDING', 'RUNNING', 'DONE'])
    .where('finished_at', '<', before)
    .limit(limit);
  const { numDeletedRows } = await tx.deleteFrom('bulk_export').where('id', 'in', old).executeTakeFirst();
  return Number(numDeletedRows);
}

interface SweepOptions {
  readonly db: Kysely<Database>;
  /** Where files are while they are written: on this computer. */
  readonly folder: string;
}

/** Deletes what processes that died have left of what they wrote. */
export const startDraftSweep = ({
  onError,
  ...options
}: SweepOptions & { readonly onError: (error: unknown) => void }): Wakeable =>
  startWakeable({
    idleMs: SWEEP_MS,
    onError,
    async run() {
      await sweepDrafts(options);
      return 'idle';
    },
  });

/** A draft is written only while its export says by which attempt, so that any other is left over. */
export const sweepDrafts = ({ db, folder }: SweepOptions): Promise<void> =>
  sweepOrphans(folder, { suffix: DRAFT, findLiving: (ids) => findAttempts(db, ids) });
