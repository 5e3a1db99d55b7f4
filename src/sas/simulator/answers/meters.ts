/** Polls that read meters of the whole machine (SAS.md 6.2 and 6.3). */
import * as groups from '../../codec/long-polls/meter-groups.ts';
import * as single from '../../codec/long-polls/single-meters.ts';
import { type MeterName, modulusOf } from '../../codec/meters.ts';
import type { Cabinet } from '../cabinet.ts';
import { meterOf } from '../cabinet-state.ts';
import { type Answering, on } from './answering.ts';

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

const coinMeter = (
  poll: typeof single.TRUE_COIN_IN,
  which: 'coinsIn' | 'coinsOut' | 'coinsInHopper',
): Answering => on(poll, ({ cabinet }) => ({ value: rolledOver(cabinet.state[which]) }));

export const METER_ANSWERS: readonly Answering[] = [
  ...single.SINGLE_METER_POLLS.flatMap((poll) => {
    const meter = single.METER_OF_POLL.get(poll.code);
    if (meter === undefined) return [];
    return on(poll, ({ cabinet }) => ({ value: rolledOver(cabinet.state.meters.get(meter) ?? 0n) }));
  }),
  coinMeter(single.TRUE_COIN_IN, 'coinsIn'),
  coinMeter(single.TRUE_COIN_OUT, 'coinsOut'),
  coinMeter(single.HOPPER_LEVEL, 'coinsInHopper'),
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
];
