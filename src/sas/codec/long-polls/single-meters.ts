/** Polls that read one meter: `A cmd` out, four BCD bytes back (SAS.md 6.2). */
import { bcd, type NoFields, record } from '../fields.ts';
import { fixed, type LongPoll, readPoll } from '../long-poll.ts';

/** The meter's raw value; null when the machine sent something that is not BCD. */
export interface SingleMeter {
  readonly value: bigint | null;
}

const singleMeter = (code: number, name: string): LongPoll<NoFields, SingleMeter> =>
  readPoll(code, name, fixed(record({ value: bcd(4) })));

export const CANCELLED_CREDITS = singleMeter(0x10, 'CANCELLED_CREDITS');
export const COIN_IN = singleMeter(0x11, 'COIN_IN');
export const COIN_OUT = singleMeter(0x12, 'COIN_OUT');
export const TOTAL_DROP = singleMeter(0x13, 'TOTAL_DROP');
export const JACKPOT = singleMeter(0x14, 'JACKPOT');
export const GAMES_PLAYED = singleMeter(0x15, 'GAMES_PLAYED');
export const GAMES_WON = singleMeter(0x16, 'GAMES_WON');
export const GAMES_LOST = singleMeter(0x17, 'GAMES_LOST');
export const CURRENT_CREDITS = singleMeter(0x1a, 'CURRENT_CREDITS');
/** The value of all bills accepted, in whole dollars; it has no meter code in chapter 8. */
export const BILLS_ACCEPTED_DOLLARS = singleMeter(0x20, 'BILLS_ACCEPTED_DOLLARS');

/** Which meter of chapter 8 a single-meter poll reads, by poll code. */
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
]);

export const SINGLE_METER_POLLS: readonly LongPoll<NoFields, SingleMeter>[] = [
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
];
