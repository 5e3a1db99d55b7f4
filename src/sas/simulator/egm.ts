/** A simulated machine (EGM): a cabinet to play on, and its end of a SAS line. */
import { HIGHEST_ADDRESS } from '../codec/address.ts';
import type { SasDateTime } from '../codec/date-time.ts';
import type { EventData } from '../codec/event-data.ts';
import type { LineSymbol } from '../codec/symbol.ts';
import { type Clock, systemClock } from '../host/port.ts';
import type { AnsweringMachine } from './answers.ts';
import { type Cabinet, createCabinet } from './cabinet.ts';
import type { CabinetState, Game } from './cabinet-state.ts';
import {
  type BillRefusal,
  billAccepted,
  billRefusal,
  billRejected,
  type CashOutRefusal,
  cashedOut,
  cashOutRefusal,
} from './cash.ts';
import { createEgmLink, type EgmLink, type LinkOptions } from './egm-link.ts';
import { raise } from './exception-queue.ts';
import { gameEnded, gameStarted, type PlayRefusal, playRefusal } from './game.ts';
import { handpayPaid, isHandpayOpen } from './handpay.ts';
import { offsetFor, shownTime } from './machine-clock.ts';
import { DEFAULT_SETTINGS, type MachineSettings } from './machine-settings.ts';
import { type MachineMemory, volatileMemory } from './memory.ts';
import { doorClosed, doorOpened } from './power.ts';

export interface EgmOptions extends Partial<Omit<LinkOptions, 'address'>> {
  /** 1 to 127. */
  readonly address: number;
  /** Forgets with the process unless given. */
  readonly memory?: MachineMemory;
  readonly settings?: Partial<MachineSettings>;
}

/** Null when it was done; otherwise why it was refused. */
export type Refused<Reason> = Reason | null;

/** What a machine shows of itself. */
export interface EgmState extends CabinetState {
  /** Whether exceptions are sent as real-time events. */
  readonly realTime: boolean;
  /** Whether the machine answers polls to itself. */
  readonly synchronised: boolean;
  readonly handpayPending: boolean;
  /** What the machine's clock shows. */
  readonly clock: SasDateTime;
}

export interface Egm extends Disposable {
  readonly address: number;
  readonly settings: MachineSettings;
  /** By meter code of SAS.md 8, in the meter's unit, not rolled over. */
  meters(): ReadonlyMap<number, bigint>;
  state(): EgmState;
  readonly locked: boolean;
  readonly billAcceptorEnabled: boolean;

  /** Plays one game from start to end, in credits. @throws RangeError on an impossible win */
  play(game: Game): Refused<PlayRefusal>;
  startGame(game: Game): Refused<PlayRefusal>;
  /** Ends the game under way, locked or not; without one nothing happens. */
  endGame(): void;
  /** A bill by its value in whole units of the currency. A refused bill raises 2B. */
  insertBill(dollars: bigint): Refused<BillRefusal>;
  /** Presses the cash-out button: the credits are cancelled and wait for an attendant. */
  cashOut(): Refused<CashOutRefusal>;
  /** The attendant pays the oldest handpay. */
  resetHandpay(): void;
  openDoor(): void;
  closeDoor(): void;
  raise(exceptionCode: number, data?: EventData | null): void;
  /** Called after each change of what is in memory, until disposed. */
  onChange(listener: (state: CabinetState) => void): Disposable;

  /** A symbol of the host. */
  hear(symbol: LineSymbol | 'error'): void;
  /** Where the answers go; one listener. */
  onReply(listener: (reply: Uint8Array) => void): void;
}

/** Exceptions that exist in real-time mode only (SAS.md 9.1). */
const REAL_TIME_ONLY: ReadonlySet<number> = new Set([0x87, 0x88, 0x89, 0x8b]);

/**
 * Switches a machine on.
 *
 * @throws MachineMemoryError when its memory is damaged or not one of ours
 */
export function createEgm(options: EgmOptions): Egm {
  const { address, clock = systemClock } = options;
  if (!Number.isInteger(address) || address < 1 || address > HIGHEST_ADDRESS) {
    throw new RangeError(`${address} is not the address of a machine`);
  }
  const settings = { ...DEFAULT_SETTINGS, ...options.settings };
  const cabinet = createCabinet(options.memory ?? volatileMemory(), settings);
  const machine = createMachine(cabinet, clock);
  const link = createEgmLink(machine, {
    address,
    clock,
    responseDelayMs: options.responseDelayMs ?? 0,
    isBusy: options.isBusy ?? (() => false),
    unsupportedPolls: options.unsupportedPolls ?? new Set(),
    reportsIdleInRealTime: options.reportsIdleInRealTime ?? true,
  });
  return new SimulatedEgm({ address, cabinet, clock, machine, link });
}

/** The part of the machine its link may reach. */
function createMachine(cabinet: Cabinet, clock: Clock): AnsweringMachine {
  let realTime = false;
  return {
    cabinet,
    get realTime() {
      return realTime;
    },
    setRealTime(enabled) {
      realTime = enabled;
    },
    setClock(time) {
      cabinet.commit({ ...cabinet.state, clockOffsetMs: offsetFor(time, clock.date()) });
    },
  };
}

interface Parts {
  readonly address: number;
  readonly cabinet: Cabinet;
  readonly clock: Clock;
  readonly machine: AnsweringMachine;
  readonly link: EgmLink;
}

class SimulatedEgm implements Egm {
  readonly #parts: Parts;
  readonly #cabinet: Cabinet;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#cabinet = parts.cabinet;
  }

  get address(): number {
    return this.#parts.address;
  }

  get settings(): MachineSettings {
    return this.#cabinet.settings;
  }

  get locked(): boolean {
    return this.#cabinet.state.locked;
  }

  get billAcceptorEnabled(): boolean {
    return this.#cabinet.state.billAcceptorEnabled;
  }

  meters(): ReadonlyMap<number, bigint> {
    return this.#cabinet.state.meters;
  }

  state(): EgmState {
    const { state } = this.#cabinet;
    const { clock, link, machine } = this.#parts;
    return {
      ...state,
      realTime: machine.realTime,
      synchronised: link.synchronised,
      handpayPending: isHandpayOpen(state),
      clock: shownTime(clock.date(), state.clockOffsetMs),
    };
  }

  play(game: Game): Refused<PlayRefusal> {
    const refusal = this.startGame(game);
    if (refusal === null) this.endGame();
    return refusal;
  }

  startGame(game: Game): Refused<PlayRefusal> {
    const { state, settings } = this.#cabinet;
    const refusal = playRefusal(state, game.wager, settings);
    if (refusal === null) this.#cabinet.commit(gameStarted(state, game, settings));
    return refusal;
  }

  endGame(): void {
    this.#cabinet.commit(gameEnded(this.#cabinet.state, this.settings));
  }

  insertBill(dollars: bigint): Refused<BillRefusal> {
    const { state, settings } = this.#cabinet;
    const refusal = billRefusal(state, dollars, settings);
    this.#cabinet.commit(refusal === null ? billAccepted(state, dollars, settings) : billRejected(state));
    return refusal;
  }

  cashOut(): Refused<CashOutRefusal> {
    const { state, settings } = this.#cabinet;
    const refusal = cashOutRefusal(state, settings);
    if (refusal === null) this.#cabinet.commit(cashedOut(state, settings));
    return refusal;
  }

  resetHandpay(): void {
    this.#cabinet.commit(handpayPaid(this.#cabinet.state));
  }

  openDoor(): void {
    this.#cabinet.commit(doorOpened(this.#cabinet.state));
  }

  closeDoor(): void {
    this.#cabinet.commit(doorClosed(this.#cabinet.state));
  }

  raise(code: number, data: EventData | null = null): void {
    if (REAL_TIME_ONLY.has(code) && !this.#parts.machine.realTime) return;
    this.#cabinet.commit(raise(this.#cabinet.state, code, data));
  }

  onChange(listener: (state: CabinetState) => void): Disposable {
    return this.#cabinet.onChange(listener);
  }

  hear(symbol: LineSymbol | 'error'): void {
    this.#parts.link.hear(symbol);
  }

  onReply(listener: (reply: Uint8Array) => void): void {
    this.#parts.link.onReply(listener);
  }

  [Symbol.dispose](): void {
    this.#parts.link[Symbol.dispose]();
  }
}
