import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { answer } from './answer.ts';
import { type Connection, closeClient, connectClient } from './database.ts';

export interface LockOptions {
  readonly connection: Connection;
  /** What is locked: the same words mean the same lock, in one database. */
  readonly name: string;
  /** This process is now the only holder. Throwing gives the lock back until the next try. */
  readonly onAcquired: () => void | Promise<void>;
  /**
   * Called once for each `onAcquired` that succeeded: the connection died, so that another may hold the
   * lock already; or the lock is disposed of, and is given back after this.
   */
  readonly onLost: () => void | Promise<void>;
  /** Told of failed connects and of errors thrown by the callbacks; the next try comes by itself. */
  readonly onError?: (error: unknown) => void;
  /** How often a waiting process tries, and a holder asks whether its connection lives. Default 1 s. */
  readonly retryMs?: number;
}

const RETRY_MS = 1_000;

/** PostgreSQL's number for a lock with a name: 64 bits of its SHA-256, as text of a signed integer. */
export function lockKey(name: string): string {
  return createHash('sha256').update(name).digest().readBigInt64BE().toString();
}

/**
 * Holds a lock for as long as it can: of all processes that ask for it, one has it. It is a session's
 * lock on a connection of its own, so a process that dies gives it up. Waiting, it tries again and
 * again rather than queue in the server, where a waiting statement would hold back vacuum.
 *
 * Disposing resolves once the lock is given back.
 */
export function holdLock(options: LockOptions): AsyncDisposable {
  const closing = new AbortController();
  const done = contend(options, closing.signal);
  return {
    [Symbol.asyncDispose]: async () => {
      closing.abort();
      await done;
    },
  };
}

async function contend(options: LockOptions, closing: AbortSignal): Promise<void> {
  while (!closing.aborted) {
    try {
      await contendOnce(options, closing);
    } catch (error) {
      options.onError?.(error);
    }
    await wait(options, closing);
  }
}

/** From one connection to its end. */
async function contendOnce(options: LockOptions, closing: AbortSignal): Promise<void> {
  const lost = new AbortController();
  const client = await connectClient(options.connection, {
    applicationName: `floorwire lock: ${options.name}`,
    onLost: () => lost.abort(),
  });
  const over = AbortSignal.any([closing, lost.signal]);
  try {
    while (!over.aborted && !(await tryLock(client, options.name))) await wait(options, over);
    if (over.aborted) return;
    await options.onAcquired();
    try {
      while (!over.aborted) {
        await wait(options, over);
        // An unanswered question ends the holding: the server may have given the lock away.
        if (!over.aborted) await answer(client.query('select'));
      }
    } finally {
      await options.onLost();
    }
  } finally {
    await closeClient(client);
  }
}

async function tryLock(client: pg.Client, name: string): Promise<boolean> {
  const asked = client.query<{ held: boolean }>('select pg_try_advisory_lock($1) as held', [lockKey(name)]);
  const { rows } = await answer(asked);
  return rows[0]?.held === true;
}

async function wait(options: LockOptions, until: AbortSignal): Promise<void> {
  await pause(options.retryMs ?? RETRY_MS, undefined, { signal: until }).catch(() => {});
}
