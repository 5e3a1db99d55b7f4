/** Polls that ask what the machine is (SAS.md 6.3). */
import { features } from '../features.ts';
import { record } from '../fields.ts';
import { answeredPoll, fixed, gamePoll, type LongPoll, ofGame, prefixed, readPoll } from '../long-poll.ts';
import { bcdNumber, binary, byte, gameNumber } from '../number-fields.ts';
import { ascii, asciiCounted, asciiRest } from '../text-fields.ts';

/**
 * `denomination` is a code of SAS.md 7.1; in 1F it is the accounting denomination, whose units credit meters count.
 * `maxBet` FF is 255 or more; `basePercent` "9068" is 90.68 %.
 */
export const gameIdentity = {
  gameId: ascii(2),
  additionalId: ascii(3),
  denomination: byte,
  maxBet: byte,
  progressiveGroup: byte,
  gameOptions: binary(2),
  paytableId: ascii(6),
  basePercent: ascii(4),
};

export const MACHINE_ID = readPoll(0x1f, 'MACHINE_ID', {
  chapter: '6.3',
  summary: 'Machine id, accounting denomination, paytable',
  answer: fixed(record(gameIdentity)),
});

/** How many games the machine offers; a single-game machine says 0. */
export const NUMBER_OF_GAMES = readPoll(0x51, 'NUMBER_OF_GAMES', {
  chapter: '6.3',
  summary: 'Number of games',
  answer: fixed(record({ games: bcdNumber(2) })),
});

const LONGEST_SERIAL_NUMBER = 40;

/** `version` is "602" for SAS 6.02; the serial number has 0 to 40 characters. */
export const SAS_VERSION = readPoll(0x54, 'SAS_VERSION', {
  chapter: '6.3',
  summary: 'SAS version and serial number',
  answer: prefixed(record({ version: ascii(3), serialNumber: asciiRest(LONGEST_SERIAL_NUMBER) })),
});

/** The game the player sees; 0 is none, or the menu. */
export const SELECTED_GAME = readPoll(0x55, 'SELECTED_GAME', {
  chapter: '6.3',
  summary: 'The game the player sees',
  answer: fixed(record({ game: bcdNumber(2) })),
});

export const FEATURES = gamePoll(0xa0, 'FEATURES', {
  chapter: '6.3',
  summary: 'Enabled features',
  request: ofGame,
  answer: fixed(record({ game: gameNumber, features })),
});

const LONGEST_LOCATION = 40;
const machineNumbers = { assetNumber: binary(4), location: asciiCounted(LONGEST_LOCATION) };

/** SAS 6.03. */
export const SET_MACHINE_NUMBERS = answeredPoll(0xb7, 'SET_MACHINE_NUMBERS', {
  chapter: '6.3',
  mark: '○',
  summary: 'SAS 6.03: set asset number and location',
  request: prefixed(record(machineNumbers)),
  answer: prefixed(record({ control: byte, ...machineNumbers })),
});

export const IDENTITY_POLLS: readonly LongPoll[] = [
  MACHINE_ID,
  NUMBER_OF_GAMES,
  SAS_VERSION,
  SELECTED_GAME,
  FEATURES,
  SET_MACHINE_NUMBERS,
];
