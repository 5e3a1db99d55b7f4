/** Everything a simulated machine keeps in its non-volatile memory. */
import type { EventData } from '../codec/event-data.ts';
import { type MeterName, meterCode } from '../codec/meters.ts';
import { type AftState, NEW_AFT } from './aft-state.ts';
import { type AwardState, NEW_AWARDS } from './award-state.ts';
import { NEW_TICKETS, type TicketState } from './ticket-state.ts';

/** An exception the host has not acknowledged yet. */
export interface StoredException {
  /** Tells two exceptions of the same code apart. */
  readonly id: number;
  readonly code: number;
  readonly data: EventData | null;
}

/** In credits. What a game wins is decided when it starts. */
export interface Game {
  readonly wager: bigint;
  readonly win: bigint;
  /** A progressive level of the game's group that is hit besides. */
  readonly progressiveLevel?: number;
}

/** Doors besides the main one. */
export type OtherDoor = 'DROP' | 'CARD_CAGE' | 'CASHBOX' | 'BELLY';

/** All the player can take, or what the last game won. */
export type CashOutOf = 'CREDITS' | 'WIN';

/** Money an attendant has to pay by hand; it is forgotten once it is both paid and read by the host. */
export interface Handpay {
  readonly cents: bigint;
  /** As poll 1B tells it: 80 cancelled credits, 00 a win, 01 to 20 a progressive level. */
  readonly level: number;
  /** Of the progressive level; 0 otherwise. */
  readonly group: number;
  readonly paid: boolean;
  readonly read: boolean;
  /** Where the host wants it to go when it is reset (poll A8); only wins can go to the credit meter. */
  readonly method: 'STANDARD' | 'CREDIT_METER';
}

/** Which bills are taken (poll 08). */
export interface BillRules {
  /** In whole dollars; null takes every bill the machine knows. */
  readonly dollars: readonly number[] | null;
  /** Whether the acceptor stays on after a bill. */
  readonly staysOn: boolean;
  readonly last: { readonly denomination: number; readonly count: bigint } | null;
}

export interface CabinetState {
  /** By code of SAS.md 8, in the meter's unit; never rolled over here, only on the wire. */
  readonly meters: ReadonlyMap<number, bigint>;
  /** Counters without a meter code. */
  readonly slotDoorOpens: bigint;
  readonly powerResets: bigint;
  readonly billsAcceptedDollars: bigint;
  readonly locked: boolean;
  readonly billAcceptorEnabled: boolean;
  readonly soundOn: boolean;
  readonly slotDoorOpen: boolean;
  readonly otherOpenDoors: readonly OtherDoor[];
  /** Codes of tilts that hold up play. */
  readonly tilts: readonly number[];
  readonly gameSoundsOn: boolean;
  readonly inMaintenance: boolean;
  readonly autoRebet: boolean;
  /** What the next game end adds as a pause, once, in tenths of a second (poll 2E). */
  readonly delayTenths: number;
  /** No game starts before; milliseconds of the epoch. */
  readonly playableAtMs: number;
  readonly bills: BillRules;
  /** Pieces of the token denomination. */
  readonly coinsIn: bigint;
  readonly coinsOut: bigint;
  readonly coinsInHopper: bigint;
  /** Included in the meter of current credits. */
  readonly restrictedCredits: bigint;
  readonly nonrestrictedCredits: bigint;
  readonly restrictedPool: number;
  /** What the last game won, as far as it went to the credit meter; nothing once some of that was wagered or paid. */
  readonly lastWin: bigint;
  /** Of the cash-out under way. */
  readonly cashOutOf: CashOutOf;
  /** Wins that went to the credit meter though a jackpot was metered (poll A8). */
  readonly jackpotsToCreditMeter: bigint;
  /** Meters by game and denomination: `1/4` is game 1 with denomination code 04. */
  readonly tallies: ReadonlyMap<string, ReadonlyMap<number, bigint>>;
  /** Coin in by game and wager category: `1/2`. */
  readonly categories: ReadonlyMap<string, bigint>;
  /** The same keys as `tallies`. */
  readonly disabledGames: readonly string[];
  /** 0 is the menu, or the only game. */
  readonly selectedGame: number;
  /** Chosen by the player; null is the first there is. */
  readonly denomination: number | null;
  /** Where the reels stand; empty before the first game. */
  readonly reelStops: readonly number[];
  /** Given by the host (SAS 6.03); null is what the settings say. */
  readonly location: string | null;
  readonly tickets: TicketState;
  readonly aft: AftState;
  readonly awards: AwardState;
  readonly game: Game | null;
  readonly handpays: readonly Handpay[];
  readonly priorityExceptions: readonly StoredException[];
  readonly queuedExceptions: readonly StoredException[];
  readonly nextExceptionId: number;
  /** What the machine's clock shows, less the real time. */
  readonly clockOffsetMs: number;
}

/** A machine fresh from the factory: ready to play, nothing ever happened. */
export function newCabinetState(): CabinetState {
  return {
    meters: new Map(),
    slotDoorOpens: 0n,
    powerResets: 0n,
    billsAcceptedDollars: 0n,
    locked: false,
    billAcceptorEnabled: true,
    soundOn: true,
    slotDoorOpen: false,
    otherOpenDoors: [],
    tilts: [],
    gameSoundsOn: true,
    inMaintenance: false,
    autoRebet: false,
    delayTenths: 0,
    playableAtMs: 0,
    bills: { dollars: null, staysOn: true, last: null },
    coinsIn: 0n,
    coinsOut: 0n,
    coinsInHopper: 0n,
    restrictedCredits: 0n,
    nonrestrictedCredits: 0n,
    restrictedPool: 0,
    lastWin: 0n,
    cashOutOf: 'CREDITS',
    jackpotsToCreditMeter: 0n,
    tallies: new Map(),
    categories: new Map(),
    disabledGames: [],
    selectedGame: 0,
    denomination: null,
    reelStops: [],
    location: null,
    tickets: NEW_TICKETS,
    aft: NEW_AFT,
    awards: NEW_AWARDS,
    game: null,
    handpays: [],
    priorityExceptions: [],
    queuedExceptions: [],
    nextExceptionId: 1,
    clockOffsetMs: 0,
  };
}

/** The state with meters changed by these amounts. @throws RangeError when a meter would go below zero. */
export function addToMeters(
  state: CabinetState,
  changes: Readonly<Partial<Record<MeterName, bigint>>>,
): CabinetState {
  const meters = new Map(state.meters);
  for (const [name, change] of Object.entries(changes) as [MeterName, bigint][]) {
    const value = meterOf(state, name) + change;
    if (value < 0n) throw new RangeError(`${name} would be ${value}`);
    meters.set(meterCode(name), value);
  }
  return { ...state, meters };
}

export const meterOf = (state: CabinetState, name: MeterName): bigint =>
  state.meters.get(meterCode(name)) ?? 0n;
