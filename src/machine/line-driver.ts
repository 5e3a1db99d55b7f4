import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { system } from '../lib/actor.ts';
import type { Logger } from '../lib/logger.ts';
import type { RunWork } from '../work.ts';
import { startAftReconciler } from './aft-reconciler.ts';
import { startAftSaga } from './aft-saga.ts';
import { isOnTheWay } from './aft-transfer.ts';
import { listLiveTransfers } from './aft-transfer-store.ts';
import { startCommandRunner } from './commands.ts';
import { startDiscoveryRunner } from './discovery-runner.ts';
import { fenced } from './fenced-work.ts';
import { listHeldHandpays } from './handpay-store.ts';
import { listHeldExceptions } from './held-exception-store.ts';
import { type LineIngestOptions, type LineSignals, newLineMemory, startLineIngest } from './ingest.ts';
import { beginLine } from './line-lease-service.ts';
import type { LinePlanOptions } from './line-plan.ts';
import { findLine } from './line-store.ts';
import { configurationOf, type Machine, type SasLine } from './machine.ts';
import { startProgressives } from './progressives.ts';
import { listMachinesOfLine } from './store.ts';
import type { Tenure } from './tenure.ts';
import { startVenueClock, zoneOf } from './venue-clock.ts';

/** What drives a line for the time of one tenure, as the line is configured at its start. */
export interface LineDriver extends AsyncDisposable {
  /** A command waits for one of its machines. */
  wake(): void;
  /** Somebody wants to know which machines are on it. */
  discoveryRequested(): void;
  /** A jackpot of its venue changed. */
  jackpotsChanged(): void;
  /** A transfer with a machine of its venue was ordered, is to be cancelled, or is over. */
  transferChanged(): void;
  /**
   * Whether each answer that a machine waits to have acknowledged is on record. Known once it was
   * disposed of; where it does not hold, nobody should speak on the line for `QUIET_MS`.
   */
  readonly isSettled: boolean;
  /** Whether the line is configured differently by now, or was removed. */
  isOutdated(): Promise<boolean>;
}

export interface LineDriverOptions {
  readonly db: Kysely<Database>;
  readonly runWork: RunWork;
  /** Where a line's relative port path starts. */
  readonly portFolder: string;
  readonly profiles: LinePlanOptions['profiles'];
  /** How far the clock of a machine may be off the venue's before it is set; null leaves clocks alone. */
  readonly clockDriftMs: number | null;
  readonly signals: LineSignals;
  readonly logger: Logger;
  /** What else runs while a line is driven, started before it. */
  readonly beside?: (line: SasLine) => Promise<AsyncDisposable>;
}

/**
 * Null when the line was removed.
 *
 * @throws PortStillHeldError, LineLeaseLostError
 */
export async function startLineDriver(
  options: LineDriverOptions,
  tenure: Tenure,
): Promise<LineDriver | null> {
  const { db, portFolder, profiles, signals, clockDriftMs, logger, beside } = options;
  const runWork = fenced(options.runWork, tenure);
  const line = await runWork(DRIVER, (work) => beginLine(work, tenure.lease.lineId));
  if (!line) return null;
  const machines = await listMachinesOfLine(db, line.venueId, line.id);
  const known = await knownOf(db, line, machines);

  const timeZone = await zoneOf(db, line);

  const companion = await beside?.(line);
  const onMoved = () => ingest.host.checkClocks();
  const clock = clockDriftMs === null ? null : startVenueClock({ db, line, timeZone, onMoved, logger });
  const ingest = startLineIngest({
    line,
    machines,
    runWork,
    mayPoll: tenure.isCurrent,
    ...known,
    portFolder,
    profiles,
    localTime: clock && { at: clock.at, driftLimitSeconds: Number(clockDriftMs) / 1_000 },
    signals,
    // Nothing is on record before the runner is there: the host has only begun to open its port.
    onOnline(machineId) {
      runner.reassert(machineId);
      reconciler.returned(machineId);
      transfers.returned(machineId);
    },
    onIdentified(machineId, { assetNumber }) {
      reconciler.identified(machineId);
      transfers.identified(machineId, assetNumber);
    },
    onException: (code) => transfers.heard(code),
    onTransfer: (machine, report) => transfers.report(machine, report),
    beforeService: (address, first) => transfers.beforeService(address, first),
    logger,
  });
  const runner = startCommandRunner({ line, machines, ingest, db, runWork, logger });
  const transfers = startAftSaga({ line, machines, host: ingest.host, db, runWork, logger });
  const reconciler = startAftReconciler({ line, machines, host: ingest.host, runWork, logger });
  const discoveries = startDiscoveryRunner({ line, ingest, db, runWork, logger });
  const progressives = startProgressives({ line, host: ingest.host, db, logger });
  const { epoch } = tenure.lease;
  logger.info({ line: line.name, port: line.port, machines: machines.length, epoch }, 'driving line');
  return {
    wake: runner.wake,
    discoveryRequested: discoveries.wake,
    jackpotsChanged: progressives.wake,
    transferChanged() {
      transfers.wake();
      reconciler.wake();
    },
    get isSettled() {
      const { unsettled, fetching } = known.memory;
      return unsettled === null && fetching === null && tenure.isCurrent();
    },
    async isOutdated() {
      const now = await findLine(db, line.id);
      if (!now || now.removedAt) return true;
      const machinesNow = await listMachinesOfLine(db, now.venueId, now.id);
      return configurationOf(now, machinesNow) !== configurationOf(line, machines);
    },
    async [Symbol.asyncDispose]() {
      // The host first: a command under way then fails at once instead of waiting for its machine.
      await clock?.[Symbol.asyncDispose]();
      await progressives[Symbol.asyncDispose]();
      await ingest[Symbol.asyncDispose]();
      await runner[Symbol.asyncDispose]();
      await transfers[Symbol.asyncDispose]();
      await reconciler[Symbol.asyncDispose]();
      await discoveries[Symbol.asyncDispose]();
      await companion?.[Symbol.asyncDispose]();
      logger.info({ line: line.name, epoch }, 'line driven no longer');
    },
  };
}

const DRIVER = system('sas');
/** Poll 72. */
const AFT_TRANSFER_CODE = 0x72;

/** What whoever drove the line before has left on record. */
async function knownOf(
  db: Kysely<Database>,
  line: SasLine,
  machines: readonly Machine[],
): Promise<Pick<LineIngestOptions, 'memory' | 'held' | 'heldHandpays'>> {
  const addresses = new Map(machines.map(({ id, address }) => [id, address]));
  const exceptions = await listHeldExceptions(db, line.venueId, [...addresses.keys()]);
  const memory = newLineMemory();
  for (const { machineId, code } of exceptions) memory.stored.set(addresses.get(machineId) ?? 0, code);
  const live = await listLiveTransfers(db, line.venueId, [...addresses.keys()]);
  const sent = addresses.get(live.find(isOnTheWay)?.machineId ?? '');
  if (sent !== undefined) memory.fetching = { address: sent, code: AFT_TRANSFER_CODE };
  return {
    memory,
    held: new Map(exceptions.map(({ machineId, eventId }) => [machineId, eventId])),
    heldHandpays: await listHeldHandpays(db, line.venueId, [...addresses.keys()]),
  };
}
