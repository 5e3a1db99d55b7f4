/** What a simulated game pays: multiples of the wager and how often they come, of ten thousand games. */
import { between, type Random } from './random.ts';

export interface Prize {
  readonly multiple: bigint;
  /** How many of ten thousand games pay it. */
  readonly weight: number;
}

const GAMES = 10_000;

/** Pays 90.68 % in the long run: what the machine says of itself in poll 1F. */
export const PAYTABLE: readonly Prize[] = [
  { multiple: 500n, weight: 1 },
  { multiple: 100n, weight: 7 },
  { multiple: 25n, weight: 30 },
  { multiple: 10n, weight: 90 },
  { multiple: 5n, weight: 220 },
  { multiple: 3n, weight: 450 },
  { multiple: 2n, weight: 984 },
  { multiple: 1n, weight: 1800 },
];

/** What one game wins, in the unit of the wager. */
export function draw(wager: bigint, random: Random): bigint {
  let ball = between(random, 0, GAMES - 1);
  for (const { multiple, weight } of PAYTABLE) {
    if (ball < weight) return wager * multiple;
    ball -= weight;
  }
  return 0n;
}

/** The share of the wagers a paytable pays back, in hundredths of a percent. */
export const paybackOf = (paytable: readonly Prize[]): number =>
  paytable.reduce((sum, { multiple, weight }) => sum + Number(multiple) * weight, 0);
