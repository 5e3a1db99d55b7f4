import * as bonus from '../../../../src/sas/codec/long-polls/bonus.ts';
import * as progressives from '../../../../src/sas/codec/long-polls/progressives.ts';
import * as tournament from '../../../../src/sas/codec/long-polls/tournament.ts';
import { answer, request, type Sample } from './sample.ts';

const LEVELS = [
  { level: 1, cents: 123456n },
  { level: 2, cents: 2500n },
];

export const JACKPOT_REQUESTS: readonly Sample[] = [
  request(progressives.PROGRESSIVE_LEVEL, '00 80 01 20 00 00 12 34 56', {
    group: 1,
    level: 32,
    cents: 123456n,
  }),
  request(progressives.PROGRESSIVE_LEVELS, '00 86 0D 01 01 00 00 12 34 56 02 00 00 00 25 00', {
    group: 1,
    levels: LEVELS,
  }),
  request(progressives.CUMULATIVE_PROGRESSIVE_WINS, '01 83 00 01', { game: 1 }),
  request(progressives.PROGRESSIVE_WIN, '01 84', {}),
  request(progressives.SAS_PROGRESSIVE_WIN, '01 85', {}),
  request(progressives.SAS_PROGRESSIVE_WINS, '01 87', {}),
  request(bonus.LEGACY_BONUS, '01 8A 00 00 05 00 02', { credits: 500n, tax: 'WAGER_MATCH' }),
  request(bonus.LEGACY_BONUS_WIN, '01 90', {}),
  request(bonus.LEGACY_BONUS_METERS, '01 9A 00 00', { game: 0 }),
  request(tournament.TOURNAMENT, '01 8C 00 02 15 30 00 00 10 00 05', {
    game: 2,
    minutes: 15,
    seconds: 30,
    credits: 1000n,
    pulses: 5,
  }),
  request(tournament.TOURNAMENT_GAMES_PLAYED, '01 95 00 01', { game: 1 }),
  request(tournament.TOURNAMENT_GAMES_WON, '01 96 00 01', { game: 1 }),
  request(tournament.TOURNAMENT_CREDITS_WAGERED, '01 97 00 01', { game: 1 }),
  request(tournament.TOURNAMENT_CREDITS_WON, '01 98 00 01', { game: 1 }),
  request(tournament.TOURNAMENT_METERS, '01 99 00 01', { game: 1 }),
];

export const JACKPOT_ANSWERS: readonly Sample[] = [
  answer(progressives.CUMULATIVE_PROGRESSIVE_WINS, '01 83 00 01 00 00 12 34', { game: 1, credits: 1234n }),
  answer(progressives.PROGRESSIVE_WIN, '01 84 01 02 00 00 12 34 56', {
    group: 1,
    level: 2,
    cents: 123456n,
  }),
  answer(progressives.SAS_PROGRESSIVE_WIN, '01 85 00 00 00 00 00 00 00', { group: 0, level: 0, cents: 0n }),
  answer(progressives.SAS_PROGRESSIVE_WINS, '01 87 0E 01 02 01 00 00 12 34 56 02 00 00 00 25 00', {
    group: 1,
    wins: LEVELS,
  }),
  answer(bonus.LEGACY_BONUS_WIN, '01 90 03 00 00 01 50 01 00 00 05 00', {
    multiplier: 3,
    multipliedWin: 150n,
    tax: 'NOT_DEDUCTIBLE',
    bonus: 500n,
  }),
  answer(bonus.LEGACY_BONUS_METERS, '01 9A 00 00 00 00 00 01 00 00 00 02 00 00 00 03', {
    game: 0,
    deductible: 1n,
    nonDeductible: 2n,
    wagerMatch: 3n,
  }),
  answer(tournament.TOURNAMENT_GAMES_PLAYED, '01 95 00 01 00 00 00 12', { game: 1, value: 12n }),
  answer(tournament.TOURNAMENT_GAMES_WON, '01 96 00 01 00 00 00 12', { game: 1, value: 12n }),
  answer(tournament.TOURNAMENT_CREDITS_WAGERED, '01 97 00 01 00 00 00 12', { game: 1, value: 12n }),
  answer(tournament.TOURNAMENT_CREDITS_WON, '01 98 00 01 00 00 00 12', { game: 1, value: 12n }),
  answer(tournament.TOURNAMENT_METERS, '01 99 00 01 00 00 00 01 00 00 00 02 00 00 00 03 00 00 00 04', {
    game: 1,
    gamesPlayed: 1n,
    gamesWon: 2n,
    creditsWagered: 3n,
    creditsWon: 4n,
  }),
];
