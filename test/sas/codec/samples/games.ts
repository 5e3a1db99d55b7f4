import * as denominations from '../../../../src/sas/codec/long-polls/denominations.ts';
import * as games from '../../../../src/sas/codec/long-polls/games.ts';
import { answer, request, type Sample } from './sample.ts';

export const GAME_REQUESTS: readonly Sample[] = [
  request(games.ENABLE_GAME, '01 09 00 02 00', { game: 2, enabled: false }),
  request(games.ENABLE_GAME, '01 09 00 12 01', { game: 12, enabled: true }),
  request(games.GAME_HAND_PAID_CREDITS, '01 2D 00 00', { game: 0 }),
  request(games.GAME_METERS, '01 52 00 10', { game: 10 }),
  request(games.GAME_CONFIGURATION, '01 53 00 01', { game: 1 }),
  request(games.ENABLED_GAMES, '01 56', {}),
  request(games.CASH_OUT_LIMIT, '01 A4 00 01', { game: 1 }),
  request(games.WAGER_CATEGORY, '01 B4 00 01 00 03', { game: 1, category: 3 }),
  request(games.GAME_INFORMATION, '01 B5 12 34', { game: 1234 }),
  request(denominations.CURRENT_DENOMINATION, '01 B1', {}),
  request(denominations.ENABLED_DENOMINATIONS, '01 B2', {}),
  request(denominations.TOKEN_DENOMINATION, '01 B3', {}),
];

export const GAME_ANSWERS: readonly Sample[] = [
  answer(games.GAME_HAND_PAID_CREDITS, '01 2D 00 02 00 00 12 34', { game: 2, value: 1234n }),
  answer(games.GAME_METERS, '01 52 00 10 00 00 00 01 00 00 00 02 00 00 00 03 00 00 00 04', {
    game: 10,
    coinIn: 1n,
    coinOut: 2n,
    jackpot: 3n,
    gamesPlayed: 4n,
  }),
  answer(
    games.GAME_CONFIGURATION,
    '01 53 00 01 46 57 30 30 31 04 FF 02 34 12 50 54 30 30 30 31 39 30 36 38',
    {
      game: 1,
      gameId: 'FW',
      additionalId: '001',
      denomination: 0x04,
      maxBet: 255,
      progressiveGroup: 2,
      gameOptions: 0x1234,
      paytableId: 'PT0001',
      basePercent: '9068',
    },
  ),
  answer(games.ENABLED_GAMES, '01 56 05 02 00 01 00 12', { games: [1, 12] }),
  answer(games.ENABLED_GAMES, '01 56 01 00', { games: [] }),
  answer(games.CASH_OUT_LIMIT, '01 A4 00 01 40 00', { game: 1, limit: 4000n }),
  answer(games.WAGER_CATEGORY, '01 B4 0D 00 01 00 03 39 30 36 38 04 00 00 12 34', {
    game: 1,
    category: 3,
    payback: '9068',
    coinIn: { size: 4, value: 1234n },
  }),
  answer(games.GAME_INFORMATION, '01 B5 12 00 01 00 10 05 03 00 00 80 03 57 41 59 02 50 31 00 02', {
    game: 1,
    maxBet: 10,
    progressiveGroup: 5,
    progressiveLevels: 0x80000003,
    name: 'WAY',
    paytable: 'P1',
    wagerCategories: 2,
  }),
  answer(denominations.CURRENT_DENOMINATION, '01 B1 04', { denomination: 4 }),
  answer(denominations.ENABLED_DENOMINATIONS, '01 B2 04 03 01 04 17', { denominations: [1, 4, 0x17] }),
  answer(denominations.TOKEN_DENOMINATION, '01 B3 00', { denomination: 0 }),
];
