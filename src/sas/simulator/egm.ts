/** A simulated machine (EGM): a cabinet to play on, and its end of a SAS line. */
import { HIGHEST_ADDRESS } from '../codec/address.ts';
import type { SasDateTime } from '../codec/date-time.ts';
import type { EventData } from '../codec/event-data.ts';
import type { LineSymbol } from '../codec/symbol.ts';
import { systemClock } from '../host/port.ts';
import { createCabinet } from './cabinet.ts';
import type { CabinetState, Game, OtherDoor } from './cabinet-state.ts';
import type { BillRefusal, CoinRefusal } from './cash.ts';
import type { CashOutRefusal } from './cash-out.ts';
import { createEgmLink, type LinkOptions } from './egm-link.ts';
import type { PlayRefusal } from './game.ts';
import { createLinkedMachine } from './linked-machine.ts';
import { shownTime } from './machine-clock.ts';
import { DEFAULT_SETTINGS, type MachineSettings } from './machine-settings.ts';
import { type MachineMemory, volatileMemory } from './memory.ts';
import type { TicketRefusal } from './redemption.ts';
import { SimulatedEgm } from './simulated-egm.ts';
import { keepTime } from './timekeeper.ts';

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
  /** A coin or token. */
  insertCoin(): Refused<CoinRefusal>;
  /** A ticket by the 18 digits of its barcode. A refused ticket comes out again; nobody hears of it. */
  insertTicket(barcode: string): Refused<TicketRefusal>;
  /** Presses the cash-out button: the credits go to the host, the hopper, a ticket or an attendant. */
  cashOut(): Refused<CashOutRefusal>;
  /** The same for what the last game won alone. */
  cashOutWin(): Refused<CashOutRefusal>;
  /** The attendant pays the oldest handpay. */
  resetHandpay(): void;
  /** The main door unless another is named. */
  openDoor(door?: OtherDoor): void;
  closeDoor(door?: OtherDoor): void;
  /** Something breaks: the exception is raised, and nobody plays until it is cleared. */
  tilt(exceptionCode: number): void;
  clearTilt(exceptionCode: number): void;
  /** The player chooses a game, 0 for the menu, and a denomination. False for one that is not there, or not now. */
  selectGame(game: number, denomination?: number): boolean;
  /** The operator's part of AFT registration. */
  requestRegistration(): void;
  acknowledgeRegistration(): void;
  cancelRegistration(): void;
  raise(exceptionCode: number, data?: EventData | null): void;
  /** Called after each change of what is in memory, until disposed. */
  onChange(listener: (state: CabinetState) => void): Disposable;

  /** A symbol of the host. */
  hear(symbol: LineSymbol | 'error'): void;
  /** Where the answers go; one listener. */
  onReply(listener: (reply: Uint8Array) => void): void;
  /** Called for each chirp: the machine's address with the ninth bit; one listener. */
  onChirp(listener: () => void): void;
}

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
  const now = (clockOffsetMs: number) => {
    const date = clock.date();
    return { ms: date.getTime(), shown: shownTime(date, clockOffsetMs) };
  };
  const cabinet = createCabinet({ memory: options.memory ?? volatileMemory(), settings, now });
  const machine = createLinkedMachine({ address, cabinet, clock });
  const link = createEgmLink(machine, {
    address,
    clock,
    responseDelayMs: options.responseDelayMs ?? 0,
    isBusy: options.isBusy ?? (() => false),
    unsupportedPolls: options.unsupportedPolls ?? new Set(),
    reportsIdleInRealTime: options.reportsIdleInRealTime ?? true,
  });
  const time = keepTime(cabinet, clock, machine.now);
  return new SimulatedEgm({ cabinet, machine, link, time });
}
