import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { answer } from '../db/answer.ts';
import { APP_ROLE, type Connection, closeClient, connectClient } from '../db/database.ts';

/** What the connections of those who follow a log are called. */
export const LISTENER = 'floorwire-listener';
const RECONNECT_MS = 500;
const PROBE_MS = 10_000;
/** How long the end waits for a connection that is being made; it is closed as soon as it is there. */
const LAST_CONNECT_MS = 500;

/** The rows that one connection answers. */
export type Ask = <Row extends object>(text: string) => Promise<readonly Row[]>;

export interface ListenerOptions {
  readonly connection: Connection;
  readonly channel: string;
  readonly onNotify: (payload: string) => void;
  /** Asks something on a connection that was made anew; one on which it fails is given up. */
  readonly onConnected?: (ask: Ask) => Promise<void>;
  /** It listens from now on; what was said before is lost to it. */
  readonly onListening: () => void;
  /** It listens no more, until it says so again. */
  readonly onLost?: () => void;
  readonly onError: (error: unknown) => void;
}

export interface Listener extends AsyncDisposable {
  /**
   * Tells these, in order, to everybody who listens, this listener too. A commit of it is not waited
   * for by the disk: it changes nothing.
   *
   * @throws while the connection is away
   */
  notify(payloads: readonly string[]): Promise<void>;
}

/**
 * Listens to a channel of PostgreSQL on a connection of its own, which comes back by itself. A hint
 * only: what is said while the connection is away is lost.
 */
export function startListener(options: ListenerOptions): Listener {
  const { connection, channel, onNotify, onConnected, onListening, onLost, onError } = options;
  let stopped = false;
  let client: pg.Client | null = null;
  let timer: NodeJS.Timeout | undefined;
  let connecting = connect();
  // A connection on which nothing is said cannot be told from one whose other end has vanished.
  const probe = setInterval(() => {
    ask('select').catch(() => {});
  }, PROBE_MS);

  /** @throws when there is no connection, or no answer, after which there is another one */
  async function ask(text: string, values: readonly unknown[] = []): Promise<void> {
    const asked = client;
    if (!asked) throw new Error('the connection to PostgreSQL is away');
    try {
      await answer(asked.query(text, [...values]));
    } catch (error) {
      if (asked === client) again(error);
      throw error;
    }
  }

  async function connect(): Promise<void> {
    try {
      const fresh: pg.Client = await connectClient(connection, {
        applicationName: LISTENER,
        role: APP_ROLE,
        // One that was given up already is no loss any more.
        onLost: (error) => fresh === client && again(error),
      });
      if (stopped) return await closeClient(fresh);
      client = fresh;
      fresh.on('notification', ({ payload }) => onNotify(payload ?? ''));
      await answer(fresh.query(`set synchronous_commit = off; listen ${channel}`));
      const asking: Ask = async <Row extends object>(text: string) => (await fresh.query<Row>(text)).rows;
      if (onConnected) await answer(onConnected(asking));
      onListening();
    } catch (error) {
      again(error);
    }
  }

  function again(error: unknown): void {
    const lost = client;
    client = null;
    if (lost) closeClient(lost).catch(() => {});
    if (stopped) return;
    onLost?.();
    onError(error);
    clearTimeout(timer);
    timer = setTimeout(() => {
      connecting = connect();
    }, RECONNECT_MS);
  }

  return {
    async notify(payloads) {
      await ask(
        `select pg_notify($1, payload) from unnest($2::text[]) with ordinality as said(payload, place)
         order by place`,
        [channel, payloads],
      );
    },
    async [Symbol.asyncDispose]() {
      stopped = true;
      clearInterval(probe);
      clearTimeout(timer);
      const stop = new AbortController();
      const patience = pause(LAST_CONNECT_MS, undefined, { signal: stop.signal }).catch(() => {});
      await Promise.race([connecting, patience]);
      stop.abort();
      if (client) await closeClient(client).catch(() => {});
    },
  };
}
