/** Tournament play: credits of its own, meters of its own, until its time is over (SAS.md 6.6). */
import { NO_TOURNAMENTS, type Tournament, type TournamentTotals } from './award-state.ts';
import type { CabinetState } from './cabinet-state.ts';

/** Enters a tournament, or leaves it with null. */
export const withTournament = (state: CabinetState, tournament: Tournament | null): CabinetState => ({
  ...state,
  awards: { ...state.awards, tournament },
});

/** The wager is taken from the tournament's credits. Outside a tournament nothing happens. */
export const tournamentStarted = (state: CabinetState, wager: bigint): CabinetState =>
  counted(state, -wager, { creditsWagered: wager });

/** The win goes to the tournament's credits. Outside a tournament nothing happens. */
export const tournamentEnded = (state: CabinetState, win: bigint): CabinetState =>
  counted(state, win, { gamesPlayed: 1n, gamesWon: win > 0n ? 1n : 0n, creditsWon: win });

function counted(state: CabinetState, credits: bigint, change: Partial<TournamentTotals>): CabinetState {
  const { tournament, tournaments } = state.awards;
  if (tournament === null) return state;
  const before = tournaments.get(tournament.game) ?? NO_TOURNAMENTS;
  const totals: TournamentTotals = {
    gamesPlayed: before.gamesPlayed + (change.gamesPlayed ?? 0n),
    gamesWon: before.gamesWon + (change.gamesWon ?? 0n),
    creditsWagered: before.creditsWagered + (change.creditsWagered ?? 0n),
    creditsWon: before.creditsWon + (change.creditsWon ?? 0n),
  };
  return {
    ...state,
    awards: {
      ...state.awards,
      tournament: { ...tournament, credits: tournament.credits + credits },
      tournaments: new Map(tournaments).set(tournament.game, totals),
    },
  };
}

/** Of one game or, for 0, of all. */
export function tournamentTotals({ awards }: CabinetState, game: number): TournamentTotals {
  if (game > 0) return awards.tournaments.get(game) ?? NO_TOURNAMENTS;
  return Array.from(awards.tournaments.values()).reduce(
    (sum, each) => ({
      gamesPlayed: sum.gamesPlayed + each.gamesPlayed,
      gamesWon: sum.gamesWon + each.gamesWon,
      creditsWagered: sum.creditsWagered + each.creditsWagered,
      creditsWon: sum.creditsWon + each.creditsWon,
    }),
    NO_TOURNAMENTS,
  );
}
