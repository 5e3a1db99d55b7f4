/** Polls that read a fixed group of meters (SAS.md 6.3). */
import { bcd, byte, padded, record } from '../fields.ts';
import { fixed, type LongPoll, readPoll } from '../long-poll.ts';

const meter = bcd(4);

export const METERS_10_15 = readPoll(
  0x0f,
  'METERS_10_15',
  fixed(
    record({
      cancelledCredits: meter,
      coinIn: meter,
      coinOut: meter,
      totalDrop: meter,
      jackpot: meter,
      gamesPlayed: meter,
    }),
  ),
);

/** Two fields, not one: games since power-up and games since the slot door closed. */
export const GAMES_SINCE = readPoll(
  0x18,
  'GAMES_SINCE',
  fixed(record({ gamesSincePowerReset: bcd(2), gamesSinceDoorClosed: bcd(2) })),
);

export const METERS_11_15 = readPoll(
  0x19,
  'METERS_11_15',
  fixed(record({ coinIn: meter, coinOut: meter, totalDrop: meter, jackpot: meter, gamesPlayed: meter })),
);

const HANDPAY_RESERVED_BYTES = 10;

/**
 * The handpay at the head of the queue, all zeros when none waits. `cents` is the amount; the meaning of
 * `level` and `resetId` beyond the values of SAS.md 6.3 is open.
 */
export const HANDPAY_INFORMATION = readPoll(
  0x1b,
  'HANDPAY_INFORMATION',
  fixed(
    padded(
      record({ group: byte, level: byte, cents: bcd(5), partialPay: bcd(2), resetId: byte }),
      HANDPAY_RESERVED_BYTES,
    ),
  ),
);

export const EIGHT_METERS = readPoll(
  0x1c,
  'EIGHT_METERS',
  fixed(
    record({
      coinIn: meter,
      coinOut: meter,
      totalDrop: meter,
      jackpot: meter,
      gamesPlayed: meter,
      gamesWon: meter,
      slotDoorOpens: meter,
      powerResets: meter,
    }),
  ),
);

/** Bills accepted by value in dollars. There is no $2 in this poll. */
export const BILL_COUNTS = readPoll(
  0x1e,
  'BILL_COUNTS',
  fixed(
    record({ bills1: meter, bills5: meter, bills10: meter, bills20: meter, bills50: meter, bills100: meter }),
  ),
);

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
  HANDPAY_INFORMATION,
  EIGHT_METERS,
  BILL_COUNTS,
];
