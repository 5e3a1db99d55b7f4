import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { hash, type Options, parseOptions, verify } from '@node-rs/argon2';
import { TimeoutError } from '../lib/errors.ts';

/** What a hash costs. Memory in KiB. */
export interface HashCost {
  readonly memoryKib: number;
  readonly passes: number;
}

export const DEFAULT_HASH_COST: HashCost = { memoryKib: 19_456, passes: 2 };

/**
 * argon2id with 19 MiB, two passes, one lane (RULES 39). A hash carries its own parameters,
 * so raising them leaves earlier ones valid.
 */
export const ARGON2_OPTIONS = {
  // Algorithm.Argon2id: a const enum cannot be imported by a compiler that works file by file.
  algorithm: 2,
  memoryCost: DEFAULT_HASH_COST.memoryKib,
  timeCost: DEFAULT_HASH_COST.passes,
  parallelism: 1,
} as const satisfies Options;

export interface PasswordHasher {
  /** A PHC string with a salt of its own. */
  hash(password: string): Promise<string>;
  /**
   * Whether the password is the one behind `storedHash`. Null, for an account that does not
   * exist, costs the same work and is never right; neither is a wrong one cheaper where the hash is.
   */
  verify(storedHash: string | null, password: string): Promise<boolean>;
  /** Whether the hash is cheaper than those made now. */
  needsRehash(storedHash: string): boolean;
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
  /** Of the hashes made from now on. Default: DEFAULT_HASH_COST. */
  readonly cost?: HashCost;
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
  const cost = options.cost ?? DEFAULT_HASH_COST;
  const argon2 = { ...ARGON2_OPTIONS, memoryCost: cost.memoryKib, timeCost: cost.passes };
  const nobody = await hash(randomBytes(32), argon2);
  let hashed = 0;
  let verified = 0;
  return {
    hash: (password) =>
      turns.run(() => {
        hashed += 1;
        return hash(password, argon2);
      }),
    verify: (storedHash, password) =>
      turns.run(async () => {
        verified += 1;
        const matches = await verify(storedHash ?? nobody, password);
        if (!matches && storedHash !== null) await makeUpFor(storedHash, cost);
        return matches && storedHash !== null;
      }),
    needsRehash(storedHash) {
      const stored = costOf(storedHash);
      return stored.memoryKib < cost.memoryKib || stored.passes < cost.passes;
    },
    statistics: () => ({ hashed, verified, ...turns.statistics() }),
  };
}

function costOf(storedHash: string): HashCost {
  const { memoryCost, timeCost } = parseOptions(storedHash);
  return { memoryKib: memoryCost, passes: timeCost };
}

/** argon2 takes eight blocks of a KiB for each lane. */
const LEAST_MEMORY_KIB = 8;

/**
 * Does the work by which comparing with this hash fell short of today's: time goes by memory times
 * passes. Else a fast refusal would tell which accounts there are.
 */
async function makeUpFor(storedHash: string, cost: HashCost): Promise<void> {
  const stored = costOf(storedHash);
  const missing = cost.memoryKib * cost.passes - stored.memoryKib * stored.passes;
  const memoryCost = Math.floor(missing / cost.passes);
  if (memoryCost < LEAST_MEMORY_KIB) return;
  await hash(storedHash, { ...ARGON2_OPTIONS, memoryCost, timeCost: cost.passes });
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
