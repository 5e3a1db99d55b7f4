/** Polls that read a fixed group of meters (SAS.md 6.3). */
import { record } from '../fields.ts';
import { fixed, type LongPoll, readPoll } from '../long-poll.ts';
import { amountOf, credits } from '../number-fields.ts';

const amount = credits(4);
const games = amountOf('games', 4);
const bills = amountOf('bills', 4);
const times = amountOf('times', 4);
const meters11to15 = {
  coinIn: amount,
  coinOut: amount,
  totalDrop: amount,
  jackpot: amount,
  gamesPlayed: games,
};

export const METERS_10_15 = readPoll(0x0f, 'METERS_10_15', {
  chapter: '6.3',
  summary: 'The meters of polls 10 to 15',
  answer: fixed(record({ cancelledCredits: amount, ...meters11to15 })),
});

/** Two fields, not one: games since power-up and games since the slot door closed. */
export const GAMES_SINCE = readPoll(0x18, 'GAMES_SINCE', {
  chapter: '6.3',
  summary: 'Games since power-up, and since the slot door closed',
  answer: fixed(
    record({ gamesSincePowerReset: amountOf('games', 2), gamesSinceDoorClosed: amountOf('games', 2) }),
  ),
});

export const METERS_11_15 = readPoll(0x19, 'METERS_11_15', {
  chapter: '6.3',
  summary: 'The meters of polls 11 to 15',
  answer: fixed(record(meters11to15)),
});

export const EIGHT_METERS = readPoll(0x1c, 'EIGHT_METERS', {
  chapter: '6.3',
  summary: 'Eight meters',
  answer: fixed(record({ ...meters11to15, gamesWon: games, slotDoorOpens: times, powerResets: times })),
});

/** Bills accepted by value in dollars. There is no $2 in this poll. */
export const BILL_COUNTS = readPoll(0x1e, 'BILL_COUNTS', {
  chapter: '6.3',
  summary: 'Bills accepted of $1, $5, $10, $20, $50 and $100',
  answer: fixed(
    record({ bills1: bills, bills5: bills, bills10: bills, bills20: bills, bills50: bills, bills100: bills }),
  ),
});

/** The meter of chapter 8 behind a field of these answers. Door opens and power resets have no code there. */
export const METER_OF_FIELD: Readonly<Record<string, number>> = {
  cancelledCredits: 0x0004,
  coinIn: 0x0000,
  coinOut: 0x0001,
  totalDrop: 0x0024,
  jackpot: 0x0002,
  gamesPlayed: 0x0005,
  gamesWon: 0x0006,
  gamesSincePowerReset: 0x0025,
  gamesSinceDoorClosed: 0x0026,
  bills1: 0x0040,
  bills5: 0x0042,
  bills10: 0x0043,
  bills20: 0x0044,
  bills50: 0x0046,
  bills100: 0x0047,
};

export const METER_GROUP_POLLS: readonly LongPoll[] = [
  METERS_10_15,
  GAMES_SINCE,
  METERS_11_15,
  EIGHT_METERS,
  BILL_COUNTS,
];
