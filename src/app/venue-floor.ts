import { holdLock } from '../db/advisory-lock.ts';
import type { Connection } from '../db/database.ts';
import { simulateDemoLine } from '../demo/simulated-line.ts';
import { Running } from '../lib/running.ts';
import { type Floor, startFloor } from '../machine/floor.ts';
import { newsOf } from '../machine/meter.ts';
import type { Ground } from './ground.ts';

/** The serial lines, and in the demo the machines at their other end. */
export function startVenueFloor(
  { config, connection, db, runWork, log, logger, onError }: Ground,
  { isDemo }: { readonly isDemo: boolean },
): Promise<Floor> {
  return startFloor({
    db,
    runWork,
    logger,
    portFolder: config.dataDir,
    signals: {
      metersChanged: (snapshot) =>
        log.signal({
          type: 'machine.meters-changed',
          venueId: snapshot.venueId,
          subject: newsOf(snapshot),
          payload: snapshot,
        }),
      connectionChanged: ({ id: lineId, venueId }) =>
        log.signal({ type: 'machine.connection-changed', venueId, subject: lineId, payload: { lineId } }),
    },
    own: (line, drive) =>
      ownLine({ connection, lineId: line.id, onError }, async () => {
        const together = new Running();
        try {
          if (isDemo) together.add(await simulateDemoLine(line, config.dataDir));
          together.add(await drive());
          return together;
        } catch (error) {
          // The next try starts machines of its own.
          await together[Symbol.asyncDispose]();
          throw error;
        }
      }),
  });
}

/** Drives a line for as long as this process, of all that share the database, is the one to do it. */
function ownLine(
  {
    connection,
    lineId,
    onError,
  }: { connection: Connection; lineId: string; onError: (error: unknown) => void },
  start: () => Promise<AsyncDisposable>,
): AsyncDisposable {
  let driving: AsyncDisposable | null = null;
  return holdLock({
    connection,
    name: `sas-line:${lineId}`,
    async onAcquired() {
      driving = await start();
    },
    async onLost() {
      await driving?.[Symbol.asyncDispose]();
      driving = null;
    },
    onError,
  });
}
