import { system } from '../lib/actor.ts';
import { newId } from '../lib/ids.ts';
import type { Logger } from '../lib/logger.ts';
import { startWakeable } from '../lib/wakeable.ts';
import { guardPort } from '../sas/host/guarded-port.ts';
import { createSasHost, type SasHost } from '../sas/host/host.ts';
import { type LineMemory, newLineMemory } from '../sas/host/line-memory.ts';
import type { LocalTime } from '../sas/host/machine-clock.ts';
import type { MachineProfiles } from '../sas/host/machine-profile.ts';
import type { HostReport, MachineReport, MetersReport, TransferReport } from '../sas/host/report.ts';
import type { BeforeService } from '../sas/host/service.ts';
import type { RunWork } from '../work.ts';
import { recordSighting } from './discovery-service.ts';
import { LineLeaseLostError } from './errors.ts';
import { startHandpayWriter } from './handpay-writer.ts';
import { startHeldAnswers } from './held-answers.ts';
import { releaseExceptions } from './held-exception-store.ts';
import { planLine } from './line-plan.ts';
import { saveLineCounts } from './line-store.ts';
import type { LineCounts, Machine, MachineIdentity, SasLine } from './machine.ts';
import type { MeterSnapshot } from './meter.ts';
import type { MeterReading } from './meter-service.ts';
import { startMeterWriter } from './meter-writer.ts';
import { recordSaid } from './said.ts';
import { recordConnection, recordLineState } from './service.ts';

export { type LineMemory, newLineMemory };

/** What the rest of the process is told besides the log: state signals of this line. */
export interface LineSignals {
  readonly metersChanged: (snapshot: MeterSnapshot) => void;
  readonly connectionChanged: (line: SasLine) => void;
}

export interface LineIngestOptions {
  readonly line: SasLine;
  readonly machines: readonly Machine[];
  /** Refuses what this process may not write about the line any more. */
  readonly runWork: RunWork;
  /** Whether this process may speak on the line. */
  readonly mayPoll: () => boolean;
  /** What is known of the line from before; kept up, so that the next ingest of it goes on there. */
  readonly memory: LineMemory;
  /** By machine, the exceptions on record that their machines may still hold. */
  readonly held: ReadonlyMap<string, string>;
  /** Likewise of the handpays on record. */
  readonly heldHandpays: ReadonlyMap<string, string>;
  /** Where a line's relative port path starts. */
  readonly portFolder: string;
  readonly profiles: MachineProfiles;
  /** What the machines' clocks should show, and how far they may be off; null leaves them alone. */
  readonly localTime: LocalTime | null;
  readonly signals: LineSignals;
  /** A machine answers, at first or again, and that is on record. */
  readonly onOnline?: (machineId: string) => void;
  /** What a machine says of itself is on record. */
  readonly onIdentified?: (machineId: string, identity: Pick<MachineIdentity, 'assetNumber'>) => void;
  /** An exception is on record. */
  readonly onException?: (code: number) => void;
  /** Puts on record what a machine says of a transfer. */
  readonly onTransfer?: (machine: Machine, report: TransferReport) => Promise<void>;
  /** What comes before anything else is asked of a machine that answers, at first or again. */
  readonly beforeService?: BeforeService;
  readonly logger: Logger;
}

const INGEST = system('sas');
const COUNTS_MS = 2_000;

/**
 * Polls one line and puts on record what its machines say.
 *
 * An exception is acknowledged to the machine only after it is committed: while PostgreSQL is
 * away the machine keeps it, and one whose commit was not heard of is not recorded twice. Meters are read again anyway, so of those only the newest waits.
 */
export function startLineIngest(options: LineIngestOptions): LineIngest {
  const { line, runWork, signals, logger } = options;
  const machines = new Map(options.machines.map((machine) => [machine.address, machine]));
  const meters = startMeterWriter({ line, runWork, onChanged: signals.metersChanged, logger });
  const held = startHeldAnswers({ ...options, release: releaseExceptions });
  const handpays = startHandpayWriter(options);
  /** The host repeats a report it could not deliver as the same object. */
  const eventIds = new WeakMap<HostReport, string>();

  const { open, timing, restarting, unknownProfiles } = planLine(options);
  if (unknownProfiles.length > 0) {
    logger.warn({ line: line.name, profiles: unknownProfiles }, 'no such machine profiles: doing without');
  }
  const host: SasHost = createSasHost({
    open: async () => {
      // To open it could take it away from whoever drives the line by now.
      if (!options.mayPoll()) throw new LineLeaseLostError();
      return guardPort(await open(), options.mayPoll);
    },
    timing,
    addresses: [...machines.keys()],
    memory: options.memory,
    ...(options.localTime && { localTime: options.localTime }),
    ...(options.beforeService && { beforeService: options.beforeService }),
    onAcknowledged(address) {
      const machine = machines.get(address);
      if (machine) held.acknowledged(machine.id);
    },
    onFetched(address, poll) {
      const machine = machines.get(address);
      if (machine) handpays.fetched(machine.id, poll);
    },
    async report(report) {
      try {
        await record(report);
      } catch (error) {
        logger.warn({ err: error, line: line.name, report: report.kind }, 'not on record yet');
        throw error;
      }
    },
  });

  /** Whatever rejects is reported again by the host; an exception holds its line meanwhile. */
  async function record(report: HostReport): Promise<void> {
    if (report.kind === 'line') {
      await runWork(INGEST, (work) => recordLineState(work, line, report));
      return signals.connectionChanged(line);
    }
    if (report.kind === 'discovery') {
      const place = { venueId: line.venueId, lineId: line.id };
      return await runWork(INGEST, (work) => recordSighting(work, place, report));
    }
    if (!isRecorded(report)) return;
    const machine = machines.get(report.address);
    if (!machine) return;
    if (report.kind === 'transfer') return await options.onTransfer?.(machine, report);
    if (report.kind === 'meters') return meters.add(readingOf(machine, report));
    if (report.kind !== 'link') {
      const eventId = eventIds.get(report) ?? newId();
      eventIds.set(report, eventId);
      if (report.kind === 'handpay') return await handpays.record(machine, report, eventId);
      await runWork(INGEST, (work) => recordSaid(work, { machine, report, eventId }));
      if (report.kind === 'identity') return options.onIdentified?.(machine.id, report.identity);
      if (report.kind !== 'exception') return;
      held.add(machine.id, eventId);
      return options.onException?.(report.code);
    }
    const { venueId, id: machineId } = machine;
    const subject = { venueId, machineId, lineId: line.id };
    await runWork(INGEST, (work) => recordConnection(work, { ...subject, ...report }));
    signals.connectionChanged(line);
    if (report.state === 'ONLINE') options.onOnline?.(machineId);
  }

  const counts = startWakeable({
    idleMs: COUNTS_MS,
    onError: (error) => logger.warn({ err: error, line: line.name }, 'line statistics not saved'),
    async run() {
      await runWork(INGEST, (work) =>
        saveLineCounts(work.tx, line, { counts: countsOf(host), at: work.now }),
      );
      return 'idle';
    },
  });

  host.start();
  return {
    host,
    restarting,
    askAnew(address) {
      host.setAddresses([...machines.keys()].filter((other) => other !== address));
      host.setAddresses([...machines.keys()]);
    },
    metersWritten: meters.written,
    async [Symbol.asyncDispose]() {
      await host[Symbol.asyncDispose]();
      await held[Symbol.asyncDispose]();
      await handpays[Symbol.asyncDispose]();
      await meters[Symbol.asyncDispose]();
      await counts[Symbol.asyncDispose]();
    },
  };
}

export interface LineIngest extends AsyncDisposable {
  readonly host: SasHost;
  /** The addresses whose machines restart by entering and leaving maintenance mode. */
  readonly restarting: ReadonlySet<number>;
  /** Takes the machine at this address for one that was never heard. */
  readonly askAnew: (address: number) => void;
  /** Resolves once every meter the host has reported is on record. Rejects when the line ends before. */
  metersWritten(): Promise<void>;
}

/** What else a host tells is not put on record: that a loop is broken is known by its machines, all of them OFFLINE. */
const isRecorded = (report: HostReport): report is Exclude<MachineReport, { kind: 'discovery' }> =>
  report.kind !== 'loop' && report.kind !== 'discovery';

const readingOf = (machine: Machine, report: MetersReport): MeterReading => ({
  machineId: machine.id,
  venueId: machine.venueId,
  readAt: report.at,
  values: report.values,
});

function countsOf(host: SasHost): LineCounts {
  const { machines: _machines, reportErrors: _reportErrors, ...counts } = host.statistics();
  return counts;
}
