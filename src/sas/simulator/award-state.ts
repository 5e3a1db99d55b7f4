/** What a simulated machine remembers of progressives, bonuses and tournaments (SAS.md 6.6). */

/** An amount in cents on a level of a group. */
export interface LevelWin {
  readonly group: number;
  readonly level: number;
  readonly cents: bigint;
}

export interface LegacyBonus {
  /** In credits. */
  readonly credits: bigint;
  readonly tax: 'DEDUCTIBLE' | 'NOT_DEDUCTIBLE' | 'WAGER_MATCH';
}

export interface TournamentTotals {
  readonly gamesPlayed: bigint;
  readonly gamesWon: bigint;
  readonly creditsWagered: bigint;
  readonly creditsWon: bigint;
}

export interface Tournament {
  readonly game: number;
  readonly credits: bigint;
  /** Milliseconds of the epoch. */
  readonly untilMs: number;
}

export interface AwardState {
  /** What the host told last, one entry a level. */
  readonly levels: readonly LevelWin[];
  /** SAS progressive wins the host has not read, oldest first. */
  readonly unreadWins: readonly LevelWin[];
  readonly lastWin: LevelWin | null;
  readonly lastBonus: LegacyBonus | null;
  /** In credits, by game. */
  readonly progressiveWins: ReadonlyMap<number, bigint>;
  readonly bonuses: ReadonlyMap<number, Readonly<Record<LegacyBonus['tax'], bigint>>>;
  readonly tournament: Tournament | null;
  readonly tournaments: ReadonlyMap<number, TournamentTotals>;
}

export const NO_BONUSES: Readonly<Record<LegacyBonus['tax'], bigint>> = {
  DEDUCTIBLE: 0n,
  NOT_DEDUCTIBLE: 0n,
  WAGER_MATCH: 0n,
};

export const NO_TOURNAMENTS: TournamentTotals = {
  gamesPlayed: 0n,
  gamesWon: 0n,
  creditsWagered: 0n,
  creditsWon: 0n,
};

export const NEW_AWARDS: AwardState = {
  levels: [],
  unreadWins: [],
  lastWin: null,
  lastBonus: null,
  progressiveWins: new Map(),
  bonuses: new Map(),
  tournament: null,
  tournaments: new Map(),
};
