import type { HashCost } from '../../src/auth/password-hasher.ts';

/** Of the passwords of tests: real hashes, without the work that is to keep guessers away. */
export const HASH_COST: HashCost = { memoryKib: 64, passes: 1 };
