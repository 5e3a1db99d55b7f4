/** Polls about progressives, bonuses and tournaments (SAS.md 6.6). */
import * as bonus from '../../codec/long-polls/bonus.ts';
import * as progressives from '../../codec/long-polls/progressives.ts';
import * as tournament from '../../codec/long-polls/tournament.ts';
import { modulusOf } from '../../codec/meters.ts';
import type { LevelWin, TournamentTotals } from '../award-state.ts';
import { bonusesOf, bonusPaid, canTakeBonus } from '../bonus.ts';
import type { CabinetState } from '../cabinet-state.ts';
import { cumulativeWins, levelsHeard, winsRead } from '../progressives.ts';
import { tournamentTotals, withTournament } from '../tournament.ts';
import { type Answering, type AnsweringMachine, answering, BUSY, on } from './answering.ts';
import { known } from './identity.ts';

const FOUR_BYTES = modulusOf(4);
const NO_WIN: LevelWin = { group: 0, level: 0, cents: 0n };
const MS_PER_SECOND = 1_000;
const SECONDS_PER_MINUTE = 60;

function heard(machine: AnsweringMachine, levels: readonly (LevelWin & { cents: bigint })[]) {
  const { cabinet } = machine;
  cabinet.commit(levelsHeard(cabinet.state, levels));
  machine.heardProgressives();
  return { kind: 'DATA', answer: null } as const;
}

/** An amount that is not BCD says nothing about its level. */
const told = (group: number, level: number, cents: bigint | null): LevelWin[] =>
  cents === null ? [] : [{ group, level, cents }];

/** A win is read once it is acknowledged. */
const readingWins = (count: number) => (state: CabinetState) => winsRead(state, count);

const PROGRESSIVE_ANSWERS: readonly Answering[] = [
  answering(progressives.PROGRESSIVE_LEVEL, (machine, { group, level, cents }) =>
    heard(machine, told(group, level, cents)),
  ),
  answering(progressives.PROGRESSIVE_LEVELS, (machine, { group, levels }) =>
    heard(
      machine,
      levels.flatMap(({ level, cents }) => told(group, level, cents)),
    ),
  ),
  answering(progressives.CUMULATIVE_PROGRESSIVE_WINS, ({ cabinet: { settings, state } }, { game }) => {
    const credits = cumulativeWins(state, known(settings, game)) % FOUR_BYTES;
    return { kind: 'DATA', answer: { game, credits } };
  }),
  on(progressives.PROGRESSIVE_WIN, ({ cabinet: { state } }) => state.awards.lastWin ?? NO_WIN),
  answering(progressives.SAS_PROGRESSIVE_WIN, ({ cabinet: { state } }) => {
    const [first] = state.awards.unreadWins;
    return { kind: 'DATA', answer: first ?? NO_WIN, acknowledged: first && readingWins(1) };
  }),
  answering(progressives.SAS_PROGRESSIVE_WINS, ({ cabinet: { state } }) => {
    const { unreadWins } = state.awards;
    const group = unreadWins[0]?.group ?? 0;
    const others = unreadWins.findIndex((each) => each.group !== group);
    const ofOneGroup = others < 0 ? unreadWins : unreadWins.slice(0, others);
    const wins = ofOneGroup.slice(0, progressives.MOST_PROGRESSIVE_LEVELS);
    return { kind: 'DATA', answer: { group, wins }, acknowledged: readingWins(wins.length) };
  }),
];

const BONUS_ANSWERS: readonly Answering[] = [
  answering(bonus.LEGACY_BONUS, ({ cabinet }, { credits, tax }) => {
    const { settings, state } = cabinet;
    if (!canTakeBonus(state)) return BUSY;
    if (credits !== null && typeof tax === 'string') {
      cabinet.commit(bonusPaid(state, { credits, tax }, settings));
    }
    return { kind: 'DATA', answer: null };
  }),
  answering(bonus.LEGACY_BONUS_WIN, ({ cabinet: { state } }) => {
    const { lastBonus } = state.awards;
    const answer = {
      multiplier: 0,
      multipliedWin: 0n,
      tax: lastBonus?.tax ?? ('DEDUCTIBLE' as const),
      bonus: lastBonus?.credits ?? 0n,
    };
    return { kind: 'DATA', answer };
  }),
  answering(bonus.LEGACY_BONUS_METERS, ({ cabinet: { settings, state } }, { game }) => {
    const { DEDUCTIBLE, NOT_DEDUCTIBLE, WAGER_MATCH } = bonusesOf(state, known(settings, game));
    const answer = {
      game,
      deductible: DEDUCTIBLE % FOUR_BYTES,
      nonDeductible: NOT_DEDUCTIBLE % FOUR_BYTES,
      wagerMatch: WAGER_MATCH % FOUR_BYTES,
    };
    return { kind: 'DATA', answer };
  }),
];

/** One of the meters, rolled over. */
const meter = (poll: typeof tournament.TOURNAMENT_GAMES_PLAYED, which: keyof TournamentTotals): Answering =>
  answering(poll, ({ cabinet: { settings, state } }, { game }) => {
    const value = tournamentTotals(state, known(settings, game))[which] % FOUR_BYTES;
    return { kind: 'DATA', answer: { game, value } };
  });

const TOURNAMENT_ANSWERS: readonly Answering[] = [
  answering(tournament.TOURNAMENT, (machine, { game, minutes, seconds, credits }) => {
    const { cabinet } = machine;
    const { settings, state } = cabinet;
    if (state.game !== null) return BUSY;
    const lastsMs = (minutes * SECONDS_PER_MINUTE + seconds) * MS_PER_SECOND;
    const untilMs = machine.now().ms + lastsMs;
    const entered = { game: known(settings, game), credits: credits ?? 0n, untilMs };
    cabinet.commit(withTournament(state, lastsMs === 0 ? null : entered));
    return { kind: 'DATA', answer: null };
  }),
  meter(tournament.TOURNAMENT_GAMES_PLAYED, 'gamesPlayed'),
  meter(tournament.TOURNAMENT_GAMES_WON, 'gamesWon'),
  meter(tournament.TOURNAMENT_CREDITS_WAGERED, 'creditsWagered'),
  meter(tournament.TOURNAMENT_CREDITS_WON, 'creditsWon'),
  answering(tournament.TOURNAMENT_METERS, ({ cabinet: { settings, state } }, { game }) => {
    const totals = tournamentTotals(state, known(settings, game));
    const rolled = Object.entries(totals).map(([name, value]) => [name, value % FOUR_BYTES]);
    return { kind: 'DATA', answer: { game, ...(Object.fromEntries(rolled) as typeof totals) } };
  }),
];

export const AWARD_ANSWERS: readonly Answering[] = [
  ...PROGRESSIVE_ANSWERS,
  ...BONUS_ANSWERS,
  ...TOURNAMENT_ANSWERS,
];
