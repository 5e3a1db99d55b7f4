/** Legacy bonus awards (SAS.md 6.6). */
import { coded } from '../coded.ts';
import { record } from '../fields.ts';
import { acknowledgedPoll, fixed, gamePoll, type LongPoll, ofGame, readPoll } from '../long-poll.ts';
import { byte, credits, gameNumber } from '../number-fields.ts';

export const BONUS_TAXES = { DEDUCTIBLE: 0x00, NOT_DEDUCTIBLE: 0x01, WAGER_MATCH: 0x02 } as const;

const tax = coded(BONUS_TAXES);

export const bonusWin = record({ multiplier: byte, multipliedWin: credits(4), tax, bonus: credits(4) });

/** A machine that cannot pay now answers that it is busy. */
export const LEGACY_BONUS = acknowledgedPoll(0x8a, 'LEGACY_BONUS', {
  chapter: '6.6',
  summary: 'Pay a legacy bonus',
  request: fixed(record({ credits: credits(4), tax })),
});

export const LEGACY_BONUS_WIN = readPoll(0x90, 'LEGACY_BONUS_WIN', {
  chapter: '6.6',
  mark: '○',
  summary: 'The legacy bonus or multiplied jackpot that was won',
  answer: fixed(bonusWin),
});

export const LEGACY_BONUS_METERS = gamePoll(0x9a, 'LEGACY_BONUS_METERS', {
  chapter: '6.6',
  summary: 'Legacy bonus meters of a game',
  request: ofGame,
  answer: fixed(
    record({
      game: gameNumber,
      deductible: credits(4),
      nonDeductible: credits(4),
      wagerMatch: credits(4),
    }),
  ),
});

export const BONUS_POLLS: readonly LongPoll[] = [LEGACY_BONUS, LEGACY_BONUS_WIN, LEGACY_BONUS_METERS];
