import { setImmediate as endOfTurn, setTimeout as pause } from 'node:timers/promises';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Database } from '../db/schema.ts';
import { startWakeable, type Wakeable } from '../lib/wakeable.ts';
import type { Signal } from './events.ts';
import { createLatestSignals } from './latest-signals.ts';

/** Events that take a right away. Indexed by name in migration 0096: another one needs another index. */
const RIGHTS_EVENTS = [
  'auth.roles-changed',
  'auth.session-revoked',
  'auth.api-key-revoked',
  'auth.key-revoked',
  'realtime.client-disconnected',
] as const;

export interface SignalGate extends Wakeable {
  push(signal: Signal): void;
  /** Resolves once every change of rights is applied that was committed before it was asked. */
  applied(): Promise<void>;
}

export interface SignalGateOptions {
  readonly db: Kysely<Database>;
  /** Up to where the log has been applied in this process. */
  readonly position: () => bigint;
  /** Called while signals wait for the log. */
  readonly hurry: () => void;
  /** Whether anybody would hear a signal. */
  readonly isHeard: () => boolean;
  readonly publish: (signal: Signal) => void;
  readonly onError: (error: unknown) => void;
}

/** PubSub throws when more than 1,024 are published in one turn. */
const TURN = 256;
/** It runs when woken; there is nothing to look for otherwise. */
const IDLE_MS = 60_000;
/** Until the log is asked again whether it has come so far. */
const RETRY_MS = 10;
const AWAY_MS = 250;
/** Between two questions to the database. */
const PACE_MS = 5;

/**
 * Lets state signals through to this process's subscribers.
 *
 * Signals do not come by the log, so one that was said after somebody lost a right could be shown to him
 * before the log tells of that, and so could what is read because signals were lost. Whatever waits here is let
 * go once every change of rights that was committed before is applied. While it waits, and while the database is
 * away, the newest of each subject is kept.
 */
export function startSignalGate(options: SignalGateOptions): SignalGate {
  const { db, position, hurry, isHeard, publish, onError } = options;
  const waiting = createLatestSignals();
  let asking: (() => void)[] = [];
  let isAway = false;

  async function run(): Promise<'idle' | 'again'> {
    await endOfTurn();
    if (waiting.size === 0 && asking.length === 0) return 'idle';
    // Those that come during the question may have been said after its answer.
    const asked = waiting.take(Number.POSITIVE_INFINITY);
    const answered = asking;
    asking = [];
    const standing = await ask();
    if (standing !== 'UP_TO_DATE') {
      const newer = waiting.take(Number.POSITIVE_INFINITY);
      for (const signal of [...asked, ...newer]) waiting.add(signal);
      asking = [...answered, ...asking];
      await pause(standing === 'BEHIND' ? RETRY_MS : AWAY_MS);
      return 'again';
    }
    for (const tell of answered) tell();
    for (const [at, signal] of asked.entries()) {
      if (at > 0 && at % TURN === 0) await endOfTurn();
      publish(signal);
    }
    // Whatever came meanwhile has woken it.
    await pause(PACE_MS);
    return 'idle';
  }

  async function ask(): Promise<'UP_TO_DATE' | 'BEHIND' | 'AWAY'> {
    try {
      const isBehind = await hasRightsBehind(db, position());
      isAway = false;
      if (isBehind) hurry();
      return isBehind ? 'BEHIND' : 'UP_TO_DATE';
    } catch (error) {
      // Once an outage.
      if (!isAway) onError(error);
      isAway = true;
      return 'AWAY';
    }
  }

  const loop = startWakeable({ idleMs: IDLE_MS, onError, run });
  return {
    wake: loop.wake,
    push(signal) {
      if (!isHeard()) return;
      waiting.add(signal);
      loop.wake();
    },
    applied: () =>
      new Promise((resolve) => {
        asking.push(resolve);
        loop.wake();
      }),
    [Symbol.asyncDispose]: () => loop[Symbol.asyncDispose](),
  };
}

/** Whether a change of rights was committed that lies behind a position, or has none yet. */
async function hasRightsBehind(db: Kysely<Database>, position: bigint): Promise<boolean> {
  const { rows } = await rightsBehind(position).execute(db);
  return rows[0]?.isBehind ?? true;
}

export function rightsBehind(position: bigint): RawBuilder<{ isBehind: boolean }> {
  // In the text of the query, so that its plan can use the indexes.
  const types = sql.join(RIGHTS_EVENTS.map((type) => sql.lit(type)));
  return sql<{ isBehind: boolean }>`
    select exists (select from outbox where type in (${types}))
      or exists (select from event_log where position > ${position} and type in (${types})) as "isBehind"`;
}
