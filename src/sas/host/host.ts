/**
 * The SAS host of one line: opens the port and opens it again, polls the machines, reports what they say, and carries
 * out what it is asked to do.
 */
import type { LongPoll } from '../codec/long-poll.ts';
import type { ProgressiveLevel } from './broadcasts.ts';
import type { GameMeters, GameMetersRequest } from './game-meters.ts';
import { LineHost } from './line-host.ts';
import type { LineMemory } from './line-memory.ts';
import type { LocalTime } from './machine-clock.ts';
import type { CommandResult, MetersRead } from './machine-state.ts';
import type { Clock, Port } from './port.ts';
import type { HostTiming, MeterSelection } from './profiles.ts';
import type { DiscoveryReport, HostReport } from './report.ts';
import type { ScanOptions } from './scan.ts';
import type { BeforeService } from './service.ts';
import type { LineStatistics } from './statistics.ts';

export type { HostReport } from './report.ts';

export interface SasHostOptions {
  /** Called again, with growing waits, after a close or a failure. */
  readonly open: () => Promise<Port>;
  /** 1 to 127. */
  readonly addresses: readonly number[];
  /**
   * Takes a report; one at a time for the line and for each machine. An exception, and an answer about a transfer, is
   * acknowledged to its machine only after the promise resolves, and reported again when it rejects. It has to settle:
   * the host waits for it to end.
   */
  readonly report: (report: HostReport) => Promise<void>;
  /**
   * Called each time a machine comes online: until the promise resolves it hears general polls only, and what `first`
   * executes. No command reaches it, and nothing is read. Called again when it rejects. It has to settle: what it wants
   * of `first` is answered even when the machine goes away, and is then called anew once that call has ended.
   */
  readonly beforeService?: BeforeService;
  /** The machine at this address was told that its exception is stored. */
  readonly onAcknowledged?: (address: number) => void;
  /** The machine at this address was told that its answer to this poll, which it would have kept, is stored. */
  readonly onFetched?: (address: number, poll: number) => void;
  /** What an earlier host of this line left; a new one without. */
  readonly memory?: LineMemory;
  /** What differs from `STREAM_TIMING`; `UART_TIMING` is for real lines. */
  readonly timing?: Partial<HostTiming>;
  /** What machines' clocks should show: they are looked at, and set when they are too far off. Without it they are not. */
  readonly localTime?: LocalTime;
  /** Which meters are read instead of `DEFAULT_METERS`. */
  readonly meters?: Partial<MeterSelection>;
  readonly clock?: Clock;
  /** For jitter: from 0 to below 1. */
  readonly random?: () => number;
}

export interface SasHost extends AsyncDisposable {
  start(): void;
  /**
   * Sends a poll of type R, S or M before anything else is asked, three times at most. Before the first contact with
   * the machine it waits for that. OFFLINE means that it may not have been heard at all, and after 0 attempts that it
   * was not sent; SILENT that the machine answers other polls, but not this one.
   *
   * The answer to poll 72 is reported (kind 'transfer') before it is acknowledged, and then returned.
   *
   * @throws HostStoppedError when the host ends before the outcome is known. RangeError for a request that does not fit.
   */
  execute<Request, Answer>(
    address: number,
    poll: LongPoll<Request, Answer>,
    request: Request,
  ): Promise<CommandResult<Answer>>;
  /** Reads all meters of a machine next, and resolves once they are reported or that could not be. */
  readMeters(address: number): Promise<MetersRead>;
  /** Reads meters of one game. Null when the machine is not there, or tells none of them. */
  readGameMeters(address: number, request: GameMetersRequest): Promise<GameMeters>;
  /** Sets the machine's clock to the local time of the moment it is sent; UTC where none was given. */
  setClock(address: number): Promise<CommandResult<null>>;
  /** Looks at the clocks of all machines, or of this one, now: what they should show has changed. */
  checkClocks(address?: number): void;
  /** The same as `setClock` for all machines of the line, none of which answers; false when the line is down. */
  broadcastClock(): Promise<boolean>;
  /**
   * Has the machine compute its ROM signature, which comes as a report of kind 'signature'.
   *
   * @param seed 16 bits
   */
  startRomSignature(address: number, seed: number): Promise<CommandResult<null>>;
  /**
   * What the levels of a progressive group stand at: said to all machines now and every second from now on. No levels
   * end it. @throws RangeError
   */
  setProgressives(group: number, levels: readonly ProgressiveLevel[]): void;
  /**
   * Looks for machines at all other addresses, or some of them, with a twentieth of the line's time: some minutes. They
   * are reported as well. Who calls while it looks gets the same.
   *
   * @throws HostStoppedError when the host ends before it is done
   */
  discover(options?: ScanOptions): Promise<readonly DiscoveryReport[]>;
  /** The machines of the line from now on. Those that stay keep their state. */
  setAddresses(addresses: readonly number[]): void;
  statistics(): LineStatistics;
}

export function createSasHost(options: SasHostOptions): SasHost {
  return new LineHost(options);
}
