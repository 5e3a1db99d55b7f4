import type { Transaction } from 'kysely';
import type { Database } from './db/schema.ts';
import type { Actor } from './lib/actor.ts';
import { startWakeable, WATCHED_MS, type Wakeable } from './lib/wakeable.ts';
import type { RunWork, Work } from './work.ts';

/** What every job takes. Any number of processes may run one: what two find is done by one of them. */
export interface JobOptions {
  readonly runWork: RunWork;
  readonly onError: (error: unknown) => void;
}

export interface Job {
  readonly actor: Actor;
  /** So late it looks by itself, should nobody wake it. */
  readonly idleMs?: number;
}

/** One work after the other while there is more to do; `act` answers whether there may be. */
export const startJob = (
  { runWork, onError }: JobOptions,
  { actor, idleMs = WATCHED_MS, act }: Job & { readonly act: (work: Work) => Promise<boolean> },
): Wakeable =>
  startWakeable({
    idleMs,
    onError,
    run: async () => ((await runWork(actor, act)) ? 'again' : 'idle'),
  });

/** A work for each thing: who changes one waits for no other, and what fails of one is done of the others. */
export const startJobForEach = <Thing>(
  { runWork, onError }: JobOptions,
  {
    actor,
    idleMs = WATCHED_MS,
    list,
    act,
  }: Job & {
    readonly list: (work: Work) => Promise<readonly Thing[]>;
    readonly act: (work: Work, thing: Thing) => Promise<unknown>;
  },
): Wakeable =>
  startWakeable({
    idleMs,
    onError,
    async run() {
      for (const thing of await runWork(actor, list))
        await runWork(actor, (work) => act(work, thing)).catch(onError);
      return 'idle';
    },
  });

const FORGETTING_MS = 60 * 60_000;
/** What one work deletes is not so much that others wait for it. */
const FORGETTING_BATCH = 10_000;

export interface RetentionOptions extends JobOptions {
  readonly retentionMs: number;
}

/** What is past its retention. */
export interface Outlived {
  readonly before: Date;
  /** So much of it in one work. */
  readonly limit: number;
}

/** Forgets what is past its retention, for as long as there is any; `forget` answers how much it was. */
export const startRetention = (
  { retentionMs, ...options }: RetentionOptions,
  {
    actor,
    forget,
  }: {
    readonly actor: Actor;
    readonly forget: (tx: Transaction<Database>, outlived: Outlived) => Promise<number>;
  },
): Wakeable =>
  startJob(options, {
    actor,
    idleMs: Math.min(FORGETTING_MS, retentionMs),
    act: async ({ tx, now }) => {
      const before = new Date(now.getTime() - retentionMs);
      return (await forget(tx, { before, limit: FORGETTING_BATCH })) >= FORGETTING_BATCH;
    },
  });
