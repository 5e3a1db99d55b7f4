/** Tournament play (SAS.md 6.6). */
import { record } from '../fields.ts';
import { acknowledgedPoll, fixed, gamePoll, type LongPoll, ofGame } from '../long-poll.ts';
import { amountOf, byte, credits, gameNumber, strictBcdNumber } from '../number-fields.ts';

/** A time of 0 leaves the tournament. The order of the fields is unsure. */
export const TOURNAMENT = acknowledgedPoll(0x8c, 'TOURNAMENT', {
  chapter: '6.6',
  mark: '○',
  summary: 'Enter or leave a tournament; order of fields open',
  type: 'M',
  request: fixed(
    record({
      game: gameNumber,
      minutes: strictBcdNumber(1),
      seconds: strictBcdNumber(1),
      credits: credits(4),
      pulses: byte,
    }),
  ),
});

const tournamentMeter = (
  code: number,
  name: string,
  { summary, unit }: { summary: string; unit: 'games' | 'credits' },
) =>
  gamePoll(code, name, {
    chapter: '6.6',
    mark: '◐',
    summary,
    request: ofGame,
    answer: fixed(record({ game: gameNumber, value: amountOf(unit, 4) })),
  });

export const TOURNAMENT_GAMES_PLAYED = tournamentMeter(0x95, 'TOURNAMENT_GAMES_PLAYED', {
  summary: 'Tournament games played',
  unit: 'games',
});
export const TOURNAMENT_GAMES_WON = tournamentMeter(0x96, 'TOURNAMENT_GAMES_WON', {
  summary: 'Tournament games won',
  unit: 'games',
});
export const TOURNAMENT_CREDITS_WAGERED = tournamentMeter(0x97, 'TOURNAMENT_CREDITS_WAGERED', {
  summary: 'Tournament credits wagered',
  unit: 'credits',
});
export const TOURNAMENT_CREDITS_WON = tournamentMeter(0x98, 'TOURNAMENT_CREDITS_WON', {
  summary: 'Tournament credits won',
  unit: 'credits',
});

export const TOURNAMENT_METERS = gamePoll(0x99, 'TOURNAMENT_METERS', {
  chapter: '6.6',
  mark: '◐',
  summary: 'The tournament meters of polls 95 to 98',
  request: ofGame,
  answer: fixed(
    record({
      game: gameNumber,
      gamesPlayed: amountOf('games', 4),
      gamesWon: amountOf('games', 4),
      creditsWagered: credits(4),
      creditsWon: credits(4),
    }),
  ),
});

export const TOURNAMENT_POLLS: readonly LongPoll[] = [
  TOURNAMENT,
  TOURNAMENT_GAMES_PLAYED,
  TOURNAMENT_GAMES_WON,
  TOURNAMENT_CREDITS_WAGERED,
  TOURNAMENT_CREDITS_WON,
  TOURNAMENT_METERS,
];
