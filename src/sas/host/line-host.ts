/** The one implementation of `SasHost`. */
import { checkAddress } from '../codec/address.ts';
import type { LongPoll } from '../codec/long-poll.ts';
import { ROM_SIGNATURE } from '../codec/long-polls/authentication.ts';
import { DATE_TIME } from '../codec/long-polls/control.ts';
import { Broadcasts, type ProgressiveLevel } from './broadcasts.ts';
import { Chirps, isMachineAddress } from './chirps.ts';
import type { Exchange } from './exchange.ts';
import { type GameMeters, type GameMetersRequest, wantGameMeters } from './game-meters.ts';
import type { SasHost, SasHostOptions } from './host.ts';
import { LineLink } from './line-link.ts';
import { type LineMemory, newLineMemory } from './line-memory.ts';
import { dateTimeFrame, utcTime } from './machine-clock.ts';
import {
  type CommandResult,
  forgetSession,
  type MachineState,
  type MetersRead,
  newMachine,
} from './machine-state.ts';
import { createPace } from './pace.ts';
import { pollLine } from './poll-loop.ts';
import { type Clock, systemClock } from './port.ts';
import { DEFAULT_METERS, type HostTiming, type MeterSelection, STREAM_TIMING } from './profiles.ts';
import { HostStoppedError, queueCommand, type Sending, sendingOf } from './queued-command.ts';
import { wantReading } from './readings.ts';
import type { DiscoveryReport } from './report.ts';
import { createReporter, type Reporter } from './reporter.ts';
import { Scan, type ScanOptions } from './scan.ts';
import { createServices, type Services } from './service.ts';
import { type LineStatistics, newCounters } from './statistics.ts';
import { goOffline } from './talk.ts';

const EVERYBODY = 0;

export class LineHost implements SasHost {
  readonly #options: SasHostOptions;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #timing: HostTiming;
  readonly #meters: MeterSelection;
  readonly #counters = newCounters();
  readonly #memory: LineMemory;
  readonly #pace;
  readonly #reporter: Reporter;
  readonly #services: Services | null;
  readonly #machines = new Map<number, MachineState>();
  readonly #broadcasts: Broadcasts;
  readonly #scan = new Scan();
  readonly #chirps: Chirps;
  readonly #link: LineLink;
  #running: Promise<void> | null = null;
  #stopping = false;

  constructor(options: SasHostOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#timing = { ...STREAM_TIMING, ...options.timing };
    this.#meters = { ...DEFAULT_METERS, ...options.meters };
    this.#memory = options.memory ?? newLineMemory();
    this.#broadcasts = new Broadcasts(this.#timing.progressiveIntervalMs);
    this.#pace = createPace(this.#clock);
    const common = {
      clock: this.#clock,
      random: this.#random,
      onError: () => {
        this.#counters.reportErrors += 1;
      },
    };
    this.#reporter = createReporter({ report: options.report, ...common });
    const { deliver } = this.#reporter;
    this.#chirps = new Chirps({ clock: this.#clock, pace: this.#pace, machines: this.#machines, deliver });
    this.#link = new LineLink({
      open: options.open,
      exchange: {
        clock: this.#clock,
        timing: this.#timing,
        counters: this.#counters,
        onChirp: (address) => this.#chirps.hear(address),
      },
      random: this.#random,
      pace: this.#pace,
      deliver,
      isStopping: () => this.#stopping,
      speak: (exchange) => this.#poll(exchange),
      onDown: () => this.#portClosed(),
    });
    const { beforeService } = options;
    this.#services = beforeService
      ? createServices({
          beforeService,
          executeFirst: (address, poll, request) =>
            this.#command(address, poll, sendingOf(address, { poll, request, goesFirst: true })),
          onServed: () => this.#pace.wake(),
          ...common,
        })
      : null;
    this.setAddresses(options.addresses);
  }

  start(): void {
    if (!this.#stopping) this.#running ??= this.#link.run();
  }

  execute<Request, Answer>(
    address: number,
    poll: LongPoll<Request, Answer>,
    request: Request,
  ): Promise<CommandResult<Answer>> {
    return this.#command(address, poll, sendingOf(address, { poll, request, goesFirst: false }));
  }

  setClock(address: number): Promise<CommandResult<null>> {
    const frame = () => this.#clockFrame(address);
    return this.#command(address, DATE_TIME, { frame, reportOf: null, goesFirst: false });
  }

  checkClocks(address?: number): void {
    for (const machine of this.#machines.values())
      if (machine.address === (address ?? machine.address)) machine.clockAtMs = this.#clock.nowMs();
    this.#pace.wake();
  }

  broadcastClock(): Promise<boolean> {
    if (this.#stopping || !this.#link.isUp) return Promise.resolve(false);
    return new Promise((done) => {
      this.#broadcasts.once({ frame: () => this.#clockFrame(EVERYBODY), done });
      this.#pace.wake();
    });
  }

  startRomSignature(address: number, seed: number): Promise<CommandResult<null>> {
    const result = this.execute(address, ROM_SIGNATURE, { seed });
    const machine = this.#machines.get(address);
    if (machine) machine.signatureSeed = seed;
    return result;
  }

  setProgressives(group: number, levels: readonly ProgressiveLevel[]): void {
    this.#broadcasts.setProgressives(group, levels, this.#clock.nowMs());
    this.#pace.wake();
  }

  discover(options?: ScanOptions): Promise<readonly DiscoveryReport[]> {
    if (this.#stopping) return Promise.reject(new HostStoppedError());
    const found = this.#scan.begin(this.#clock.nowMs(), options);
    // Whoever does not care for what is found must not bring the process down when the host ends.
    found.catch(() => {});
    this.#pace.wake();
    return found;
  }

  readGameMeters(address: number, request: GameMetersRequest): Promise<GameMeters> {
    const machine = this.#machines.get(address);
    if (this.#stopping || machine?.link !== 'ONLINE') return Promise.resolve(null);
    return new Promise((done) => {
      wantGameMeters(machine, request, done);
      this.#pace.wake();
    });
  }

  readMeters(address: number): Promise<MetersRead> {
    const machine = this.#machines.get(address);
    if (this.#stopping || !machine || machine.link === 'OFFLINE') return Promise.resolve('OFFLINE');
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
      this.#memory.stored.delete(machine.address);
      machine.link = 'OFFLINE';
      forgetSession(machine);
    }
    this.#chirps.forget();
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
    await this.#reporter.close();
    await this.#running;
    this.#broadcasts.giveUp();
    this.#scan.end(new HostStoppedError());
    for (const machine of this.#machines.values()) {
      for (const command of machine.commands.splice(0)) command.abort();
      forgetSession(machine);
    }
    await this.#services?.close();
  }

  #portClosed(): void {
    this.#broadcasts.giveUp();
    for (const machine of this.#machines.values()) {
      goOffline({ clock: this.#clock, deliver: this.#reporter.deliver }, machine, 'LINE_DOWN');
    }
  }

  #clockFrame(address: number): Uint8Array {
    const localTime = this.#options.localTime?.at ?? utcTime;
    return dateTimeFrame(address, localTime(this.#clock.date()));
  }

  #command<Request, Answer>(
    address: number,
    poll: LongPoll<Request, Answer>,
    sending: Sending,
  ): Promise<CommandResult<Answer>> {
    const result: Promise<CommandResult<Answer>> = this.#stopping
      ? Promise.reject(new HostStoppedError())
      : queueCommand(this.#machines.get(address), poll, sending);
    // Whoever does not care for the outcome must not bring the process down when the host ends.
    result.catch(() => {});
    this.#pace.wake();
    return result;
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
      broadcasts: this.#broadcasts,
      scan: this.#scan,
      localTime: this.#options.localTime ?? null,
      isStopping: () => this.#stopping,
      deliver: this.#reporter.deliver,
      online: (machine: MachineState) => this.#services?.begin(machine),
      acknowledged: this.#options.onAcknowledged ?? (() => {}),
      fetched: this.#options.onFetched ?? (() => {}),
    };
    return pollLine(talk, this.#machines);
  }
}

function machineAddress(address: number): number {
  checkAddress(address);
  if (!isMachineAddress(address)) throw new RangeError('0 is not the address of a machine');
  return address;
}
