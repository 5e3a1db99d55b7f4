import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { hash, type Options, verify } from '@node-rs/argon2';
import { TimeoutError } from '../lib/errors.ts';

/**
 * argon2id with 19 MiB, two passes, one lane (RULES 39). A hash carries its own parameters,
 * so raising them leaves earlier ones valid.
 */
export const ARGON2_OPTIONS = {
  // Algorithm.Argon2id: a const enum cannot be imported by a compiler that works file by file.
  algorithm: 2,
  memoryCost: 19_456,
  timeCost: 2,
  parallelism: 1,
} as const satisfies Options;

export interface PasswordHasher {
  /** A PHC string with a salt of its own. */
  hash(password: string): Promise<string>;
  /**
   * Whether the password is the one behind `storedHash`. Null, for an account that does not
   * exist, costs the same work and is never right.
   */
  verify(storedHash: string | null, password: string): Promise<boolean>;
  statistics(): HashingStatistics;
}

export interface HashingStatistics {
  /** Passwords hashed and compared since the start. */
  readonly hashed: number;
  readonly verified: number;
  /** Turned away because too many waited. */
  readonly refused: number;
  readonly running: number;
  readonly waiting: number;
}

export interface PasswordHasherOptions {
  /** How many hashes are computed at once. By default one less than there are processors, at least one. */
  readonly maxRunning?: number;
  /** How many may wait for their turn. */
  readonly maxWaiting?: number;
}

/** libuv has four threads for this, and files and DNS need one. */
const MOST_THREADS = 3;
const MAX_WAITING = 64;

/**
 * Hashes passwords a few at a time, so that a flood of sign-ins starves nobody.
 * `hash` and `verify` throw TimeoutError when too many wait already.
 */
export async function createPasswordHasher(options: PasswordHasherOptions = {}): Promise<PasswordHasher> {
  const turns = createTurns({
    maxRunning: options.maxRunning ?? Math.max(1, Math.min(MOST_THREADS, availableParallelism() - 1)),
    maxWaiting: options.maxWaiting ?? MAX_WAITING,
  });
  const nobody = await hash(randomBytes(32), ARGON2_OPTIONS);
  let hashed = 0;
  let verified = 0;
  return {
    hash: (password) =>
      turns.run(() => {
        hashed += 1;
        return hash(password, ARGON2_OPTIONS);
      }),
    verify: (storedHash, password) =>
      turns.run(async () => {
        verified += 1;
        const matches = await verify(storedHash ?? nobody, password);
        return matches && storedHash !== null;
      }),
    statistics: () => ({ hashed, verified, ...turns.statistics() }),
  };
}

/** Lets `maxRunning` tasks run at once and `maxWaiting` wait, in order. */
function createTurns({ maxRunning, maxWaiting }: { maxRunning: number; maxWaiting: number }) {
  const waiting: (() => void)[] = [];
  let running = 0;
  let refused = 0;

  async function run<T>(task: () => Promise<T>): Promise<T> {
    if (running >= maxRunning) {
      if (waiting.length >= maxWaiting) {
        refused += 1;
        throw new TimeoutError('Too many sign-ins at once. Try again shortly.');
      }
      // Whoever finishes hands its place over, so `running` stays as it is.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  }

  return { run, statistics: () => ({ refused, running, waiting: waiting.length }) };
}
