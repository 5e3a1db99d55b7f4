/** A seeded stream of numbers in [0, 1): the same seed plays the same games and breaks the same bytes. */
export type Random = () => number;

const GOLDEN_GAMMA = 0x6d2b79f5;

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + GOLDEN_GAMMA) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A whole number from `low` to `high`, both included. */
export const between = (random: Random, low: number, high: number): number =>
  low + Math.floor(random() * (high - low + 1));

/** @throws RangeError on an empty list */
export function pick<T>(random: Random, choices: readonly T[]): T {
  const choice = choices[between(random, 0, choices.length - 1)];
  if (choice === undefined) throw new RangeError('nothing to pick from');
  return choice;
}
