/** Everything a simulated machine keeps in its non-volatile memory. */
import type { EventData } from '../codec/event-data.ts';
import { type MeterName, meterCode } from '../codec/meters.ts';

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
}

/** Money an attendant has to pay by hand; it is forgotten once it is both paid and read by the host. */
export interface Handpay {
  readonly cents: bigint;
  /** As poll 1B tells it: 80 cancelled credits, 00 a win. */
  readonly level: number;
  readonly paid: boolean;
  readonly read: boolean;
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
  readonly game: Game | null;
  readonly handpays: readonly Handpay[];
  readonly priorityExceptions: readonly StoredException[];
  readonly queuedExceptions: readonly StoredException[];
  readonly nextExceptionId: number;
  /** What the machine's clock shows, less the real time. */
  readonly clockOffsetMs: number;
}

/** The meters this machine has; every other one is "unsupported" on the wire. */
const KEPT_METERS: readonly MeterName[] = [
  'COIN_IN',
  'COIN_OUT',
  'JACKPOT',
  'HAND_PAID_CANCELLED_CREDITS',
  'CANCELLED_CREDITS',
  'GAMES_PLAYED',
  'GAMES_WON',
  'GAMES_LOST',
  'BILLS_ACCEPTED_CREDITS',
  'CURRENT_CREDITS',
  'MACHINE_PAID_PAYTABLE_WIN',
  'ATTENDANT_PAID_PAYTABLE_WIN',
  'TOTAL_WON',
  'TOTAL_HAND_PAID',
  'TOTAL_DROP',
  'GAMES_SINCE_POWER_RESET',
  'GAMES_SINCE_DOOR_CLOSED',
  'BILLS_IN_STACKER',
  'BILLS_IN_STACKER_CREDITS',
  'BILLS_ACCEPTED_1',
  'BILLS_ACCEPTED_2',
  'BILLS_ACCEPTED_5',
  'BILLS_ACCEPTED_10',
  'BILLS_ACCEPTED_20',
  'BILLS_ACCEPTED_50',
  'BILLS_ACCEPTED_100',
  'BILLS_TO_DROP_CREDITS',
];

/** A machine fresh from the factory: ready to play, nothing ever happened. */
export function newCabinetState(): CabinetState {
  return {
    meters: new Map(KEPT_METERS.map((name) => [meterCode(name), 0n])),
    slotDoorOpens: 0n,
    powerResets: 0n,
    billsAcceptedDollars: 0n,
    locked: false,
    billAcceptorEnabled: true,
    soundOn: true,
    slotDoorOpen: false,
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
