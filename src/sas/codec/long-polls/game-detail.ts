/** What a game shows (SAS.md 6.6). */
import { coded } from '../coded.ts';
import { record, times } from '../fields.ts';
import { fixed, type LongPoll, readPoll } from '../long-poll.ts';
import { byte, byteUnlessFf } from '../number-fields.ts';

const HAND_SIZE = 5;
const MOST_REELS = 9;

/** Cards as the machine codes them. */
export const CARDS = readPoll(0x8e, 'CARDS', {
  chapter: '6.6',
  mark: '◐',
  summary: 'The cards of the hand',
  answer: fixed(record({ hand: coded({ DEALT: 0x00, FINAL: 0x01 }), cards: times(HAND_SIZE, byte) })),
});

/** Leftmost first; null is a reel the machine does not have. */
export const REEL_STOPS = readPoll(0x8f, 'REEL_STOPS', {
  chapter: '6.6',
  summary: 'Where the reels stand',
  answer: fixed(record({ stops: times(MOST_REELS, byteUnlessFf) })),
});

export const GAME_DETAIL_POLLS: readonly LongPoll[] = [CARDS, REEL_STOPS];
