/** Polls about one game of a machine (SAS.md 6.1 and 6.3). */
import { countedList, record } from '../fields.ts';
import {
  acknowledgedPoll,
  fixed,
  gamePoll,
  type LongPoll,
  ofGame,
  prefixed,
  readPoll,
} from '../long-poll.ts';
import { amountOf, bcdNumber, binary, byte, credits, flag, gameNumber, sizedBcd } from '../number-fields.ts';
import { ascii, asciiCounted } from '../text-fields.ts';
import { gameIdentity } from './identity.ts';

/** Works behind B0, for one denomination of the game. */
export const ENABLE_GAME = acknowledgedPoll(0x09, 'ENABLE_GAME', {
  chapter: '6.1',
  mark: '◐',
  summary: 'Enable or disable a game',
  type: 'M',
  request: fixed(record({ game: gameNumber, enabled: flag })),
});

export const GAME_HAND_PAID_CREDITS = gamePoll(0x2d, 'GAME_HAND_PAID_CREDITS', {
  chapter: '6.3',
  summary: 'Hand-paid cancelled credits of a game',
  request: ofGame,
  answer: fixed(record({ game: gameNumber, value: credits(4) })),
});

export const GAME_METERS = gamePoll(0x52, 'GAME_METERS', {
  chapter: '6.3',
  summary: 'Meters of a game',
  request: ofGame,
  answer: fixed(
    record({
      game: gameNumber,
      coinIn: credits(4),
      coinOut: credits(4),
      jackpot: credits(4),
      gamesPlayed: amountOf('games', 4),
    }),
  ),
});

export const GAME_CONFIGURATION = gamePoll(0x53, 'GAME_CONFIGURATION', {
  chapter: '6.3',
  summary: 'What poll 1F says, of a game',
  request: ofGame,
  answer: fixed(record({ game: gameNumber, ...gameIdentity })),
});

export const ENABLED_GAMES = readPoll(0x56, 'ENABLED_GAMES', {
  chapter: '6.3',
  summary: 'Enabled games',
  answer: prefixed(record({ games: countedList(gameNumber) })),
});

export const CASH_OUT_LIMIT = gamePoll(0xa4, 'CASH_OUT_LIMIT', {
  chapter: '6.3',
  mark: '○',
  summary: 'Cash-out limit of a game',
  request: ofGame,
  answer: fixed(record({ game: gameNumber, limit: credits(2) })),
});

/** `payback` "9068" is 90.68 %. */
export const WAGER_CATEGORY = gamePoll(0xb4, 'WAGER_CATEGORY', {
  chapter: '6.3',
  mark: '◐',
  summary: 'Payback and coin in of a wager category of a game',
  request: fixed(record({ game: gameNumber, category: bcdNumber(2) })),
  answer: prefixed(record({ game: gameNumber, category: bcdNumber(2), payback: ascii(4), coinIn: sizedBcd })),
});

const LONGEST_NAME = 0xff;

/** `progressiveLevels` has bit 0 set for level 1 of the group. */
export const GAME_INFORMATION = gamePoll(0xb5, 'GAME_INFORMATION', {
  chapter: '6.3',
  summary: 'Name, paytable, highest bet and progressive levels of a game',
  request: ofGame,
  answer: prefixed(
    record({
      game: gameNumber,
      maxBet: bcdNumber(2),
      progressiveGroup: byte,
      progressiveLevels: binary(4),
      name: asciiCounted(LONGEST_NAME),
      paytable: asciiCounted(LONGEST_NAME),
      wagerCategories: bcdNumber(2),
    }),
  ),
});

export const GAME_POLLS: readonly LongPoll[] = [
  ENABLE_GAME,
  GAME_HAND_PAID_CREDITS,
  GAME_METERS,
  GAME_CONFIGURATION,
  ENABLED_GAMES,
  CASH_OUT_LIMIT,
  WAGER_CATEGORY,
  GAME_INFORMATION,
];
