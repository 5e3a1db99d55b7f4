/** Polls that ask what the machine is (SAS.md 6.3). */
import { features } from '../features.ts';
import { ascii, asciiRest, bcdNumber, binary, byte, gameNumber, record } from '../fields.ts';
import { fixed, gamePoll, type LongPoll, prefixed, readPoll } from '../long-poll.ts';

/**
 * `denomination` is the accounting denomination, a code of SAS.md 7.1: credit meters count its units.
 * `maxBet` FF is 255 or more; `basePercent` "9068" is 90.68 %.
 */
export const MACHINE_ID = readPoll(
  0x1f,
  'MACHINE_ID',
  fixed(
    record({
      gameId: ascii(2),
      additionalId: ascii(3),
      denomination: byte,
      maxBet: byte,
      progressiveGroup: byte,
      gameOptions: binary(2),
      paytableId: ascii(6),
      basePercent: ascii(4),
    }),
  ),
);

/** How many games the machine offers; a single-game machine says 0. */
export const NUMBER_OF_GAMES = readPoll(0x51, 'NUMBER_OF_GAMES', fixed(record({ games: bcdNumber(2) })));

const LONGEST_SERIAL_NUMBER = 40;

/** `version` is "602" for SAS 6.02; the serial number has 0 to 40 characters. */
export const SAS_VERSION = readPoll(
  0x54,
  'SAS_VERSION',
  prefixed(record({ version: ascii(3), serialNumber: asciiRest(LONGEST_SERIAL_NUMBER) })),
);

/** The game the player sees; 0 is none, or the menu. */
export const SELECTED_GAME = readPoll(0x55, 'SELECTED_GAME', fixed(record({ game: bcdNumber(2) })));

export const FEATURES = gamePoll(0xa0, 'FEATURES', {
  request: fixed(record({ game: gameNumber })),
  answer: fixed(record({ game: gameNumber, features })),
});

export const IDENTITY_POLLS: readonly LongPoll[] = [
  MACHINE_ID,
  NUMBER_OF_GAMES,
  SAS_VERSION,
  SELECTED_GAME,
  FEATURES,
];
