import { waitingExports } from '../export/attempt-store.ts';
import { expiredExports, startDraftSweep, startExportExpiry, startExportRetention } from '../export/jobs.ts';
import { startExportRunner } from '../export/runner.ts';
import { createLines } from '../graphql/bulk-export-lines.ts';
import type { Services } from '../graphql/context.ts';
import { buildSchema } from '../graphql/schema.ts';
import type { Storage } from '../signage/storage.ts';
import type { Ground } from './ground.ts';

/** So many are written at a time in a process: behind one that takes an hour another venue's does not wait. */
const AT_ONCE = 2;

/** What writes exports, and deletes them when their time is over. */
export function startExports(
  { config, db, dues, log, openPool, runWork, onError, running }: Ground,
  { services, storage }: { readonly services: Services; readonly storage: Storage },
): void {
  const { folder, perVenue, maxBytes, retentionMs } = config.bulkExports;
  // An export holds its connection for as long as it reads.
  const reads = openPool({ purpose: 'bulk exports', poolSize: AT_ONCE });
  const runner = running.add(
    startExportRunner({
      db: reads.db,
      runWork,
      storage,
      toLines: createLines(buildSchema(), services),
      folder,
      maxBytes,
      atOnce: AT_ONCE,
      perVenue,
      retentionMs,
      onError,
    }),
  );
  dues.add((from, { now }) => waitingExports(from, { now, perVenue }), runner);
  log.events.add(runner.hear);
  dues.add(expiredExports, running.add(startExportExpiry({ runWork, onError })));
  running.add(startExportRetention({ runWork, onError }));
  running.add(startDraftSweep({ db, folder, onError }));
}
