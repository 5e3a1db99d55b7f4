/** One of the games of a machine that offers several. What it does not tell is null. */
export interface MachineGame {
  /** From 1. */
  readonly number: number;
  /** As shown to players. */
  readonly name: string | null;
  readonly gameId: string | null;
  readonly additionalId: string | null;
  /** SAS.md 7.1. */
  readonly denominationCode: number | null;
  /** In credits; 255 is 255 or more. */
  readonly maxBet: number | null;
  readonly progressiveGroup: number | null;
  readonly paytableId: string | null;
  /** Theoretical payback, e.g. `90.68`. */
  readonly basePercent: string | null;
}
