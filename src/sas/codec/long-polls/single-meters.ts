/** Polls that read one meter: `A cmd` out, four BCD bytes back (SAS.md 6.2). */
import { type NoFields, record } from '../fields.ts';
import { fixed, type LongPoll, type Mark, readPoll } from '../long-poll.ts';
import { amountOf } from '../number-fields.ts';

/** The meter's raw value; null when the machine sent something that is not BCD. */
export interface SingleMeter {
  readonly value: bigint | null;
}

type SingleMeterPoll = LongPoll<NoFields, SingleMeter>;
type Unit = 'credits' | 'games' | 'dollars' | 'coins' | 'bills';

const BYTES = 4;

function singleMeter(
  code: number,
  name: string,
  { summary, unit = 'credits', mark = '●' }: { summary: string; unit?: Unit; mark?: Mark },
): SingleMeterPoll {
  const answer = fixed(record({ value: amountOf(unit, BYTES) }));
  return readPoll(code, name, { chapter: '6.2', summary, mark, answer });
}

const gamesMeter = (code: number, name: string, summary: string): SingleMeterPoll =>
  singleMeter(code, name, { summary, unit: 'games' });

const coinsMeter = (code: number, name: string, summary: string): SingleMeterPoll =>
  singleMeter(code, name, { summary, unit: 'coins' });

const billsMeter = (code: number, dollars: number, mark: Mark = '●'): SingleMeterPoll =>
  singleMeter(code, `BILLS_ACCEPTED_${dollars}`, { summary: `$${dollars} bills in`, unit: 'bills', mark });

export const CANCELLED_CREDITS = singleMeter(0x10, 'CANCELLED_CREDITS', { summary: 'Cancelled credits' });
export const COIN_IN = singleMeter(0x11, 'COIN_IN', { summary: 'Coin in' });
export const COIN_OUT = singleMeter(0x12, 'COIN_OUT', { summary: 'Coin out' });
export const TOTAL_DROP = singleMeter(0x13, 'TOTAL_DROP', { summary: 'Drop' });
export const JACKPOT = singleMeter(0x14, 'JACKPOT', { summary: 'Jackpot' });
export const GAMES_PLAYED = gamesMeter(0x15, 'GAMES_PLAYED', 'Games played');
export const GAMES_WON = gamesMeter(0x16, 'GAMES_WON', 'Games won');
export const GAMES_LOST = gamesMeter(0x17, 'GAMES_LOST', 'Games lost');
export const CURRENT_CREDITS = singleMeter(0x1a, 'CURRENT_CREDITS', { summary: 'Current credits' });
/** The value of all bills accepted, in whole dollars; it has no meter code in chapter 8. */
export const BILLS_ACCEPTED_DOLLARS = singleMeter(0x20, 'BILLS_ACCEPTED_DOLLARS', {
  summary: 'Value of all bills accepted',
  unit: 'dollars',
});
export const TRUE_COIN_IN = coinsMeter(0x2a, 'TRUE_COIN_IN', 'True coin in');
export const TRUE_COIN_OUT = coinsMeter(0x2b, 'TRUE_COIN_OUT', 'True coin out');
export const HOPPER_LEVEL = coinsMeter(0x2c, 'HOPPER_LEVEL', 'Coins in the hopper');
/** By the meter code of chapter 8, the same name there. */
export const BILL_METER_POLLS: ReadonlyMap<number, SingleMeterPoll> = new Map([
  [0x40, billsMeter(0x31, 1)],
  [0x41, billsMeter(0x32, 2)],
  [0x42, billsMeter(0x33, 5)],
  [0x43, billsMeter(0x34, 10)],
  [0x44, billsMeter(0x35, 20)],
  [0x46, billsMeter(0x36, 50)],
  [0x47, billsMeter(0x37, 100)],
  [0x4a, billsMeter(0x38, 500)],
  [0x4b, billsMeter(0x39, 1000)],
  [0x48, billsMeter(0x3a, 200)],
  [0x45, billsMeter(0x3b, 25)],
  [0x4c, billsMeter(0x3c, 2000)],
  [0x4d, billsMeter(0x3e, 2500, '◐')],
  [0x4e, billsMeter(0x3f, 5000, '◐')],
  [0x4f, billsMeter(0x40, 10000, '◐')],
  [0x50, billsMeter(0x41, 20000, '◐')],
  [0x51, billsMeter(0x42, 25000, '◐')],
  [0x52, billsMeter(0x43, 50000, '◐')],
  [0x53, billsMeter(0x44, 100000, '◐')],
  [0x49, billsMeter(0x45, 250, '◐')],
]);
export const BILLS_ACCEPTED_CREDITS = singleMeter(0x46, 'BILLS_ACCEPTED_CREDITS', {
  summary: 'Credits from bills',
});
export const EXTERNAL_COIN_ACCEPTOR_CREDITS = singleMeter(0x47, 'EXTERNAL_COIN_ACCEPTOR_CREDITS', {
  summary: 'Credits from the external coin acceptor',
});
export const BILLS_IN_STACKER = singleMeter(0x49, 'BILLS_IN_STACKER', {
  summary: 'Bills in the stacker',
  unit: 'bills',
});
export const BILLS_IN_STACKER_CREDITS = singleMeter(0x4a, 'BILLS_IN_STACKER_CREDITS', {
  summary: 'Value of the bills in the stacker',
});

/** Which meter of chapter 8 a single-meter poll reads, by poll code. The coin meters and 20 have none there. */
export const METER_OF_POLL: ReadonlyMap<number, number> = new Map([
  [CANCELLED_CREDITS.code, 0x0004],
  [COIN_IN.code, 0x0000],
  [COIN_OUT.code, 0x0001],
  [TOTAL_DROP.code, 0x0024],
  [JACKPOT.code, 0x0002],
  [GAMES_PLAYED.code, 0x0005],
  [GAMES_WON.code, 0x0006],
  [GAMES_LOST.code, 0x0007],
  [CURRENT_CREDITS.code, 0x000c],
  ...Array.from(BILL_METER_POLLS, ([meter, poll]) => [poll.code, meter] as const),
  [BILLS_ACCEPTED_CREDITS.code, 0x000b],
  [EXTERNAL_COIN_ACCEPTOR_CREDITS.code, 0x0027],
  [BILLS_IN_STACKER.code, 0x003e],
  [BILLS_IN_STACKER_CREDITS.code, 0x003f],
]);

export const SINGLE_METER_POLLS: readonly SingleMeterPoll[] = [
  CANCELLED_CREDITS,
  COIN_IN,
  COIN_OUT,
  TOTAL_DROP,
  JACKPOT,
  GAMES_PLAYED,
  GAMES_WON,
  GAMES_LOST,
  CURRENT_CREDITS,
  BILLS_ACCEPTED_DOLLARS,
  TRUE_COIN_IN,
  TRUE_COIN_OUT,
  HOPPER_LEVEL,
  ...BILL_METER_POLLS.values(),
  BILLS_ACCEPTED_CREDITS,
  EXTERNAL_COIN_ACCEPTOR_CREDITS,
  BILLS_IN_STACKER,
  BILLS_IN_STACKER_CREDITS,
];
