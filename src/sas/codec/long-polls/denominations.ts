/** Polls about denominations, codes of SAS.md 7.1 (SAS.md 6.3). */
import { countedList, record } from '../fields.ts';
import { fixed, type LongPoll, prefixed, readPoll } from '../long-poll.ts';
import { byte } from '../number-fields.ts';

/** What the player wagers with now; the accounting denomination of 1F is another matter. */
export const CURRENT_DENOMINATION = readPoll(0xb1, 'CURRENT_DENOMINATION', {
  chapter: '6.3',
  summary: 'Current player denomination',
  answer: fixed(record({ denomination: byte })),
});

export const ENABLED_DENOMINATIONS = readPoll(0xb2, 'ENABLED_DENOMINATIONS', {
  chapter: '6.3',
  summary: 'Enabled player denominations',
  answer: prefixed(record({ denominations: countedList(byte) })),
});

export const TOKEN_DENOMINATION = readPoll(0xb3, 'TOKEN_DENOMINATION', {
  chapter: '6.3',
  mark: '◐',
  summary: 'Denomination of the token the machine takes',
  answer: fixed(record({ denomination: byte })),
});

export const DENOMINATION_POLLS: readonly LongPoll[] = [
  CURRENT_DENOMINATION,
  ENABLED_DENOMINATIONS,
  TOKEN_DENOMINATION,
];
