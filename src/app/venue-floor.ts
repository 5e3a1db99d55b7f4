import { simulateDemoLine } from '../demo/simulated-line.ts';
import type { DriverSettings } from '../driver-settings.ts';
import { newId } from '../lib/ids.ts';
import type { AftTransferSnapshot } from '../machine/aft-snapshot.ts';
import { overdueTransfers } from '../machine/aft-transfer-store.ts';
import { overdueCommands } from '../machine/command-store.ts';
import { type Floor, startFloor } from '../machine/floor.ts';
import { startCommandExpiry, startLineWatch, startTransferSweep } from '../machine/jobs.ts';
import { startLineLeases } from '../machine/line-leases.ts';
import type { SasLine } from '../machine/machine.ts';
import { newsOf } from '../machine/meter.ts';
import { undriven } from '../machine/undriven-line-store.ts';
import type { Ground } from './ground.ts';

/**
 * The serial lines: this process drives those it is to drive, and looks after those that nobody does.
 * In the demo it has the machines at their other end, too.
 */
export function startVenueFloor(
  ground: Ground<{ readonly dataDir: string; readonly driver: DriverSettings }>,
  { isDemo }: { readonly isDemo: boolean },
): Floor {
  const { config, db, dues, runWork, log, logger, onError, running } = ground;
  const { name, drives, profiles, clockDriftMs, ...times } = config.driver;
  const driver = { processId: newId(), name, drives };
  const connectionChanged = ({ id: lineId, venueId }: SasLine) =>
    log.signal({ type: 'machine.connection-changed', venueId, subject: lineId, payload: { lineId } });

  // A lease must not be lost because the pool is busy.
  const renewing = ground.openPool({ purpose: 'leases', poolSize: 1, statementTimeoutMs: times.renewalMs });
  const leases = running.add(startLineLeases({ runWork, db: renewing.db, driver, times, onError }));
  const floor = running.add(
    startFloor({
      db,
      runWork,
      logger,
      driver,
      leases,
      portFolder: config.dataDir,
      profiles,
      clockDriftMs,
      signals: {
        metersChanged: (snapshot) =>
          log.signal({
            type: 'machine.meters-changed',
            venueId: snapshot.venueId,
            subject: newsOf(snapshot),
            payload: snapshot,
          }),
        connectionChanged,
      },
      ...(isDemo && { beside: (line: SasLine) => simulateDemoLine(line, config.dataDir) }),
    }),
  );
  dues.add(
    (from) => undriven(from),
    running.add(startLineWatch({ runWork, db, onError, onUndriven: connectionChanged })),
  );
  dues.add(overdueCommands, running.add(startCommandExpiry({ runWork, onError })));
  dues.add(overdueTransfers, running.add(startTransferSweep({ runWork, onError })));
  log.events.add((event) => {
    if (event.type === 'machine.command-queued') floor.commandQueued(event.payload.command.lineId);
    if (event.type === 'machine.discovery-requested') floor.discoveryRequested(event.payload.lineId);
    if (event.type === 'machine.jackpot-changed') floor.jackpotsChanged(event.venueId);
    if (event.type === 'machine.aft-transfer-changed' && waitsForDriver(event.payload.transfer))
      floor.transferChanged(event.venueId);
    if (event.type === 'machine.line-configured') floor.lineConfigured(event.payload.lineId);
    if (FREEING.has(event.type)) floor.lineFreed();
  });
  return floor;
}

const FREEING: ReadonlySet<string> = new Set([
  'machine.line-released',
  'machine.driver-lost',
  'machine.line-removed',
]);

/** It was just ordered, is to be cancelled, or is over: then the machine is held against the books. */
const waitsForDriver = ({ state, cancelRequestedAt, finishedAt }: AftTransferSnapshot): boolean =>
  state === 'CREATED' || state === 'FUNDS_HELD' || cancelRequestedAt !== null || finishedAt !== null;
