/**
 * The SAS host of one line: opens the port and opens it again, polls the machines, reports what they say, and carries
 * out what it is asked to do.
 */
import { checkAddress } from '../codec/address.ts';
import { SasDecodeError } from '../codec/decode-error.ts';
import type { LongPoll } from '../codec/long-poll.ts';
import { decodeAnswer, encodeRequest } from '../codec/poll-table.ts';
import { createBackoff } from './backoff.ts';
import { Exchange } from './exchange.ts';
import { newLineMemory } from './line-memory.ts';
import { type CommandResult, forgetSession, type MachineState, newMachine } from './machine-state.ts';
import { createPace } from './pace.ts';
import { pollLine } from './poll-loop.ts';
import { type Clock, type Port, systemClock } from './port.ts';
import { DEFAULT_METERS, type HostTiming, type MeterSelection, STREAM_TIMING } from './profiles.ts';
import { wantReading } from './readings.ts';
import type { HostReport } from './report.ts';
import { ReportLane } from './report-lane.ts';
import { type LineStatistics, newCounters } from './statistics.ts';
import { goOffline } from './talk.ts';

export type { HostReport } from './report.ts';

export interface SasHostOptions {
  /** Called again, with growing waits, after a close or a failure. */
  readonly open: () => Promise<Port>;
  /** 1 to 127. */
  readonly addresses: readonly number[];
  /**
   * Takes a report; one at a time for the line and for each machine. An exception is acknowledged to its machine only
   * after the promise resolves, and reported again when it rejects. It has to settle: the host waits for it to end.
   */
  readonly report: (report: HostReport) => Promise<void>;
  /** What differs from `STREAM_TIMING`; `UART_TIMING` is for real lines. */
  readonly timing?: Partial<HostTiming>;
  /** Which meters are read instead of `DEFAULT_METERS`. */
  readonly meters?: Partial<MeterSelection>;
  readonly clock?: Clock;
  /** For jitter: from 0 to below 1. */
  readonly random?: () => number;
}

export interface SasHost extends AsyncDisposable {
  start(): void;
  /**
   * Sends a poll of type R, S or M before anything else is asked, three times at most. OFFLINE means that it may not
   * have been heard at all; SILENT that the machine answers other polls, but not this one.
   *
   * @throws HostStoppedError when the host ends before the outcome is known. RangeError for a request that does not fit.
   */
  execute<Request, Answer>(
    address: number,
    poll: LongPoll<Request, Answer>,
    request: Request,
  ): Promise<CommandResult<Answer>>;
  /** Reads all meters of a machine next; true once they are reported, false when that could not be. */
  readMeters(address: number): Promise<boolean>;
  /** The machines of the line from now on. Those that stay keep their state. */
  setAddresses(addresses: readonly number[]): void;
  statistics(): LineStatistics;
}

/** The host was disposed of before it was known what became of a command. */
export class HostStoppedError extends Error {
  override readonly name = 'HostStoppedError';
  constructor() {
    super('The SAS host of this line ended.');
  }
}

export function createSasHost(options: SasHostOptions): SasHost {
  return new LineHost(options);
}

class LineHost implements SasHost {
  readonly #options: SasHostOptions;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #timing: HostTiming;
  readonly #meters: MeterSelection;
  readonly #counters = newCounters();
  readonly #memory = newLineMemory();
  readonly #pace;
  readonly #lanes = new Map<number, ReportLane>();
  readonly #machines = new Map<number, MachineState>();
  #state: 'UP' | 'DOWN' | null = null;
  #hasBeenUp = false;
  #running: Promise<void> | null = null;
  #stopping = false;

  constructor(options: SasHostOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#timing = { ...STREAM_TIMING, ...options.timing };
    this.#meters = { ...DEFAULT_METERS, ...options.meters };
    this.#pace = createPace(this.#clock);
    this.setAddresses(options.addresses);
  }

  start(): void {
    if (!this.#stopping) this.#running ??= this.#run();
  }

  execute<Request, Answer>(
    address: number,
    poll: LongPoll<Request, Answer>,
    request: Request,
  ): Promise<CommandResult<Answer>> {
    const frame = encodeRequest(poll, address, request);
    const machine = this.#machines.get(address);
    if (this.#stopping) return Promise.reject(new HostStoppedError());
    if (!machine || machine.link === 'OFFLINE') return Promise.resolve({ outcome: 'OFFLINE', attempts: 0 });
    const result = new Promise<CommandResult<Answer>>((resolve, reject) => {
      const finish = (raw: CommandResult<Uint8Array | null>) => resolve(decodeResult(poll, raw));
      machine.commands.push({ code: poll.code, frame, finish, abort: () => reject(new HostStoppedError()) });
    });
    // Whoever does not care for the outcome must not bring the process down when the host ends.
    result.catch(() => {});
    this.#pace.wake();
    return result;
  }

  readMeters(address: number): Promise<boolean> {
    const machine = this.#machines.get(address);
    if (this.#stopping || !machine || machine.link === 'OFFLINE') return Promise.resolve(false);
    return new Promise((waiter) => {
      wantReading(machine, { scope: 'FULL', urgent: true, waiter }, this.#meters);
      this.#pace.wake();
    });
  }

  setAddresses(addresses: readonly number[]): void {
    const wanted = new Set(addresses.map(machineAddress));
    for (const machine of this.#machines.values()) {
      if (wanted.has(machine.address)) continue;
      this.#machines.delete(machine.address);
      machine.link = 'OFFLINE';
      forgetSession(machine);
    }
    for (const address of wanted) {
      if (!this.#machines.has(address)) this.#machines.set(address, newMachine(address, this.#clock.nowMs()));
    }
    this.#pace.wake();
  }

  statistics(): LineStatistics {
    const machines = Array.from(
      this.#machines.values(),
      ({ address, link, counters }) => [address, { ...counters, state: link }] as const,
    );
    return { ...this.#counters, machines: new Map(machines) };
  }

  /** Ends after the exchange under way, acknowledges what is stored, and closes the port. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping = true;
    this.#pace.wake();
    await Promise.all(Array.from(this.#lanes.values(), (lane) => lane.close()));
    await this.#running;
    for (const machine of this.#machines.values()) {
      for (const command of machine.commands.splice(0)) command.abort();
      forgetSession(machine);
    }
  }

  async #run(): Promise<void> {
    const { reopenMinMs: minMs, reopenMaxMs: maxMs } = this.#timing;
    const backoff = createBackoff({ minMs, maxMs, random: this.#random });
    while (!this.#stopping) {
      const startedAtMs = this.#clock.nowMs();
      const cause = await this.#serveOnce();
      if (this.#stopping) return;
      this.#lineIsDown(cause);
      // A port that opens only to close again is no reason to hurry.
      if (this.#clock.nowMs() - startedAtMs > maxMs) backoff.reset();
      const untilMs = this.#clock.nowMs() + backoff.next();
      while (!this.#stopping && this.#clock.nowMs() < untilMs) await this.#pace.wait(untilMs);
    }
  }

  /** Returns why the line is down again. */
  async #serveOnce(): Promise<Error | null> {
    let cause: Error | null = null;
    try {
      await using port = await this.#options.open();
      const options = { clock: this.#clock, timing: this.#timing, counters: this.#counters };
      const exchange = new Exchange(port, options, (closedBy) => {
        cause = closedBy;
        this.#pace.wake();
      });
      this.#lineIsUp();
      await this.#poll(exchange);
    } catch (error) {
      cause = error instanceof Error ? error : new Error(String(error));
    }
    return cause;
  }

  #lineIsUp(): void {
    if (this.#hasBeenUp) this.#counters.reopenings += 1;
    this.#hasBeenUp = true;
    this.#state = 'UP';
    void this.#deliver({ kind: 'line', state: 'UP', cause: null, at: this.#clock.date() });
  }

  #lineIsDown(cause: Error | null): void {
    if (this.#state !== 'DOWN') {
      const at = this.#clock.date();
      void this.#deliver({ kind: 'line', state: 'DOWN', cause: cause?.message ?? null, at });
    }
    this.#state = 'DOWN';
    for (const machine of this.#machines.values()) {
      goOffline({ clock: this.#clock, deliver: (report) => this.#deliver(report) }, machine);
    }
  }

  #poll(exchange: Exchange): Promise<void> {
    const talk = {
      exchange,
      clock: this.#clock,
      random: this.#random,
      timing: this.#timing,
      meters: this.#meters,
      counters: this.#counters,
      pace: this.#pace,
      memory: this.#memory,
      isStopping: () => this.#stopping,
      deliver: (report: HostReport) => this.#deliver(report),
    };
    return pollLine(talk, this.#machines);
  }

  #deliver(report: HostReport): Promise<boolean> {
    if (report.kind === 'line') return this.#lane(LINE).deliver(report);
    const lane = this.#lane(report.address);
    if (report.kind !== 'meters') return lane.deliver(report);
    // Meters make sense once it is known whose they are; but nothing waits for them.
    return this.#lane(METERS_OF + report.address, lane).deliver(report);
  }

  #lane(key: number, behind?: ReportLane): ReportLane {
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      const onError = () => {
        this.#counters.reportErrors += 1;
      };
      const { report } = this.#options;
      const options = { report, clock: this.#clock, random: this.#random, onError };
      lane = new ReportLane(behind ? { ...options, behind } : options);
      this.#lanes.set(key, lane);
    }
    return lane;
  }
}

/** No machine has this address, so its lane is the line's. */
const LINE = 0;
/** Added to a machine's address for the lane of its meters. */
const METERS_OF = 0x100;

function machineAddress(address: number): number {
  if (checkAddress(address) === LINE) throw new RangeError('0 is not the address of a machine');
  return address;
}

function decodeResult<Request, Answer>(
  poll: LongPoll<Request, Answer>,
  raw: CommandResult<Uint8Array | null>,
): CommandResult<Answer> {
  if (!('answer' in raw)) return raw;
  const { outcome, answer, attempts } = raw;
  // A poll that is only acknowledged has null for an answer.
  if (answer === null) return { outcome, answer: null as Answer, attempts };
  try {
    return { outcome, answer: decodeAnswer(poll, answer), attempts };
  } catch (error) {
    if (error instanceof SasDecodeError) return { outcome: 'DAMAGED', attempts };
    throw error;
  }
}
