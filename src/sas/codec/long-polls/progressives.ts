/** Progressive jackpots: what the host tells, and what was won (SAS.md 6.6). */
import { countedList, listOf, record } from '../fields.ts';
import {
  acknowledgedPoll,
  fixed,
  gamePoll,
  type LongPoll,
  ofGame,
  prefixed,
  readPoll,
} from '../long-poll.ts';
import { byte, cents, credits, gameNumber } from '../number-fields.ts';

const level = record({ level: byte, cents: cents(5) });
const win = fixed(record({ group: byte, level: byte, cents: cents(5) }));

/** The most levels of one 86. */
export const MOST_PROGRESSIVE_LEVELS = 32;

export const PROGRESSIVE_LEVEL = acknowledgedPoll(0x80, 'PROGRESSIVE_LEVEL', {
  chapter: '6.6',
  summary: 'What one progressive level stands at',
  broadcast: true,
  request: win,
});

/** One source leaves the length byte out (SAS.md 6.6). */
export const PROGRESSIVE_LEVELS = acknowledgedPoll(0x86, 'PROGRESSIVE_LEVELS', {
  chapter: '6.6',
  mark: '◐',
  summary: 'What the levels of one progressive group stand at',
  broadcast: true,
  request: prefixed(record({ group: byte, levels: listOf(level, MOST_PROGRESSIVE_LEVELS) })),
});

export const CUMULATIVE_PROGRESSIVE_WINS = gamePoll(0x83, 'CUMULATIVE_PROGRESSIVE_WINS', {
  chapter: '6.6',
  mark: '◐',
  summary: 'Cumulative progressive wins of a game',
  request: ofGame,
  answer: fixed(record({ game: gameNumber, credits: credits(4) })),
});

export const PROGRESSIVE_WIN = readPoll(0x84, 'PROGRESSIVE_WIN', {
  chapter: '6.6',
  mark: '◐',
  summary: 'The progressive win, of any kind',
  answer: win,
});

export const SAS_PROGRESSIVE_WIN = readPoll(0x85, 'SAS_PROGRESSIVE_WIN', {
  chapter: '6.6',
  mark: '◐',
  summary: 'The SAS progressive win at the head of the queue',
  answer: win,
});

/** The order of its fields is a guess (SAS.md 15, 5). */
export const SAS_PROGRESSIVE_WINS = readPoll(0x87, 'SAS_PROGRESSIVE_WINS', {
  chapter: '6.6',
  mark: '○',
  summary: 'Several SAS progressive wins; order of fields open',
  answer: prefixed(record({ group: byte, wins: countedList(level) })),
});

export const PROGRESSIVE_POLLS: readonly LongPoll[] = [
  PROGRESSIVE_LEVEL,
  PROGRESSIVE_LEVELS,
  CUMULATIVE_PROGRESSIVE_WINS,
  PROGRESSIVE_WIN,
  SAS_PROGRESSIVE_WIN,
  SAS_PROGRESSIVE_WINS,
];
