/** What a simulated machine answers to each long poll it supports (SAS.md 6). */
import type { SasDateTime } from '../codec/date-time.ts';
import { SasDecodeError } from '../codec/decode-error.ts';
import type { LongPoll } from '../codec/long-poll.ts';
import * as control from '../codec/long-polls/control.ts';
import { HANDPAY_INFORMATION } from '../codec/long-polls/handpay.ts';
import * as identity from '../codec/long-polls/identity.ts';
import * as groups from '../codec/long-polls/meter-groups.ts';
import * as selected from '../codec/long-polls/selected-meters.ts';
import * as single from '../codec/long-polls/single-meters.ts';
import { METERS, type MeterName, modulusOf } from '../codec/meters.ts';
import type { Cabinet } from './cabinet.ts';
import { meterOf } from './cabinet-state.ts';
import { unreadHandpay } from './handpay.ts';

/** What a poll may reach. */
export interface AnsweringMachine {
  readonly cabinet: Cabinet;
  /** Whether exceptions are sent as real-time events; off after a power loss. */
  readonly realTime: boolean;
  setRealTime(enabled: boolean): void;
  setClock(time: SasDateTime): void;
}

export interface Answering {
  readonly poll: LongPoll;
  /** @throws SasDecodeError when the machine refuses the request's data. */
  answer(machine: AnsweringMachine, request: unknown): unknown;
}

/** Pairs a poll with its answer; `decodeRequest` has made the request by the poll's own layout. */
const on = <Request, Answer>(
  poll: LongPoll<Request, Answer>,
  answer: (machine: AnsweringMachine, request: Request) => Answer,
): Answering => ({ poll, answer: (machine, request) => answer(machine, request as Request) });

/** A poll that changes one setting of the cabinet and is acknowledged. */
const setting = (
  poll: LongPoll<Readonly<Record<string, never>>, null>,
  change: Partial<Pick<Cabinet['state'], 'locked' | 'soundOn' | 'billAcceptorEnabled'>>,
): Answering =>
  on(poll, ({ cabinet }) => {
    cabinet.commit({ ...cabinet.state, ...change });
    return null;
  });

const CONTROL: readonly Answering[] = [
  setting(control.SHUTDOWN, { locked: true }),
  setting(control.STARTUP, { locked: false }),
  setting(control.SOUND_OFF, { soundOn: false }),
  setting(control.SOUND_ON, { soundOn: true }),
  setting(control.BILL_ACCEPTOR_ON, { billAcceptorEnabled: true }),
  setting(control.BILL_ACCEPTOR_OFF, { billAcceptorEnabled: false }),
  on(control.REAL_TIME_EVENTS, (machine, { enabled }) => {
    machine.setRealTime(enabled);
    return null;
  }),
  on(control.DATE_TIME, (machine, time) => {
    machine.setClock(time);
    return null;
  }),
];

const SINGLE_METER_MODULUS = modulusOf(4);
const rolledOver = (value: bigint): bigint => value % SINGLE_METER_MODULUS;

/** Meters as a group poll shows them: four BCD bytes. */
function groupOf<K extends string>(
  cabinet: Cabinet,
  names: Readonly<Record<K, MeterName>>,
): Record<K, bigint> {
  const entries = Object.entries(names) as [K, MeterName][];
  const values = entries.map(([field, name]) => [field, rolledOver(meterOf(cabinet.state, name))]);
  return Object.fromEntries(values) as Record<K, bigint>;
}

const METERS_11_15 = {
  coinIn: 'COIN_IN',
  coinOut: 'COIN_OUT',
  totalDrop: 'TOTAL_DROP',
  jackpot: 'JACKPOT',
  gamesPlayed: 'GAMES_PLAYED',
} as const;

const BILLS = {
  bills1: 'BILLS_ACCEPTED_1',
  bills5: 'BILLS_ACCEPTED_5',
  bills10: 'BILLS_ACCEPTED_10',
  bills20: 'BILLS_ACCEPTED_20',
  bills50: 'BILLS_ACCEPTED_50',
  bills100: 'BILLS_ACCEPTED_100',
} as const;

const METERS_10_15 = { ...METERS_11_15, cancelledCredits: 'CANCELLED_CREDITS' } as const;

/** Two BCD bytes each. */
const SINCE_MODULUS = modulusOf(2);

const HANDPAY_MODULUS = modulusOf(5);

const METER_POLLS: readonly Answering[] = [
  ...single.SINGLE_METER_POLLS.flatMap((poll) => {
    const meter = single.METER_OF_POLL.get(poll.code);
    if (meter === undefined) return [];
    return on(poll, ({ cabinet }) => ({ value: rolledOver(cabinet.state.meters.get(meter) ?? 0n) }));
  }),
  on(single.BILLS_ACCEPTED_DOLLARS, ({ cabinet }) => ({
    value: rolledOver(cabinet.state.billsAcceptedDollars),
  })),
  on(groups.METERS_10_15, ({ cabinet }) => groupOf(cabinet, METERS_10_15)),
  on(groups.METERS_11_15, ({ cabinet }) => groupOf(cabinet, METERS_11_15)),
  on(groups.GAMES_SINCE, ({ cabinet: { state } }) => ({
    gamesSincePowerReset: meterOf(state, 'GAMES_SINCE_POWER_RESET') % SINCE_MODULUS,
    gamesSinceDoorClosed: meterOf(state, 'GAMES_SINCE_DOOR_CLOSED') % SINCE_MODULUS,
  })),
  on(groups.EIGHT_METERS, ({ cabinet }) => ({
    ...groupOf(cabinet, { ...METERS_11_15, gamesWon: 'GAMES_WON' }),
    slotDoorOpens: rolledOver(cabinet.state.slotDoorOpens),
    powerResets: rolledOver(cabinet.state.powerResets),
  })),
  on(groups.BILL_COUNTS, ({ cabinet }) => groupOf(cabinet, BILLS)),
  on(HANDPAY_INFORMATION, ({ cabinet }) => {
    const handpay = unreadHandpay(cabinet.state);
    return {
      group: 0,
      level: handpay?.level ?? 0,
      cents: (handpay?.cents ?? 0n) % HANDPAY_MODULUS,
      partialPay: 0n,
      resetId: 0,
    };
  }),
];

const IDENTITY: readonly Answering[] = [
  on(identity.MACHINE_ID, ({ cabinet }) => cabinet.settings),
  on(identity.NUMBER_OF_GAMES, () => ({ games: 0 })),
  on(identity.SAS_VERSION, ({ cabinet: { settings } }) => ({
    version: settings.sasVersion,
    serialNumber: settings.serialNumber,
  })),
  on(identity.SELECTED_GAME, () => ({ game: 0 })),
  on(identity.FEATURES, ({ cabinet }, { game }) => ({
    game: known(game),
    features: cabinet.settings.features,
  })),
];

/** The machine has one game, which is the machine itself. */
function known(game: number): number {
  if (game !== 0) throw new SasDecodeError(`no game ${game}`);
  return game;
}

/** The most codes a machine takes in one 2F, and in one 6F or AF (SAS.md 6.3). */
const SELECTED_LIMIT = 10;
const EXTENDED_LIMIT = 12;

function checked(codes: readonly number[], limit: number): readonly number[] {
  if (codes.length === 0 || codes.length > limit) throw new SasDecodeError(`${codes.length} meters at once`);
  return codes;
}

const bytesOf = (code: number): number => METERS.get(code)?.bcdBytes2F ?? 0;

/** A meter the machine does not have is left out of a 2F answer: there is no other way to say so. */
const selectedMeters = on(selected.SELECTED_METERS, ({ cabinet: { state } }, { game, codes }) => ({
  game: known(game),
  meters: checked(codes, SELECTED_LIMIT).flatMap((code) => {
    const value = state.meters.get(code);
    return value === undefined ? [] : [{ code, value: value % modulusOf(bytesOf(code)) }];
  }),
}));

/** A meter the machine does not have is answered with size 0. */
const extendedMeters = (poll: typeof selected.EXTENDED_METERS): Answering =>
  on(poll, ({ cabinet: { state } }, { game, codes }) => ({
    game: known(game),
    meters: checked(codes, EXTENDED_LIMIT).map((code) => {
      const value = state.meters.get(code);
      if (value === undefined) return { code, size: 0, value: null };
      return { code, size: bytesOf(code), value: value % modulusOf(bytesOf(code)) };
    }),
  }));

/** By poll code; a poll that is not here is met with silence. */
export const ANSWERS: ReadonlyMap<number, Answering> = new Map(
  [
    ...CONTROL,
    ...METER_POLLS,
    ...IDENTITY,
    selectedMeters,
    extendedMeters(selected.EXTENDED_METERS),
    extendedMeters(selected.EXTENDED_METERS_TWIN),
  ].map((answering) => [answering.poll.code, answering]),
);
