import type pg from 'pg';
import { type Connection, closeClient, connectClient } from '../db/database.ts';

const RECONNECT_MS = 500;

export interface ListenerOptions {
  readonly connection: Connection;
  readonly channel: string;
  readonly onNotify: (payload: string) => void;
  /** It listens from now on; what was said before is lost to it. */
  readonly onListening: () => void;
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
  const { connection, channel, onNotify, onListening, onError } = options;
  let stopped = false;
  let client: pg.Client | null = null;
  let timer: NodeJS.Timeout | undefined;
  let connecting = connect();

  async function connect(): Promise<void> {
    try {
      const fresh = await connectClient(connection, {
        applicationName: 'floorwire-listener',
        onLost: again,
      });
      if (stopped) return await closeClient(fresh);
      client = fresh;
      fresh.on('notification', ({ payload }) => onNotify(payload ?? ''));
      await fresh.query(`set synchronous_commit = off; listen ${channel}`);
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
    onError(error);
    clearTimeout(timer);
    timer = setTimeout(() => {
      connecting = connect();
    }, RECONNECT_MS);
  }

  return {
    async notify(payloads) {
      if (!client) throw new Error('the connection to PostgreSQL is away');
      await client.query(
        `select pg_notify($1, payload) from unnest($2::text[]) with ordinality as said(payload, place)
         order by place`,
        [channel, payloads],
      );
    },
    async [Symbol.asyncDispose]() {
      stopped = true;
      clearTimeout(timer);
      await connecting;
      if (client) await closeClient(client).catch(() => {});
    },
  };
}
