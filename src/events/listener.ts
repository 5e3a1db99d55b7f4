import type pg from 'pg';
import { type Connection, closeClient, connectClient } from '../db/database.ts';

const CHANNEL = 'floorwire_log';
const RECONNECT_MS = 500;

/**
 * Listens for the one `NOTIFY` per batch of whichever process sequenced it. A hint only: while
 * the connection is away the tail finds the rows by looking.
 */
export function startListener(options: {
  readonly connection: Connection;
  readonly onNotify: () => void;
  readonly onError: (error: unknown) => void;
}): AsyncDisposable {
  let stopped = false;
  let client: pg.Client | null = null;
  let timer: NodeJS.Timeout | undefined;
  let connecting = connect();

  async function connect(): Promise<void> {
    try {
      const fresh = await connectClient(options.connection, {
        applicationName: 'floorwire-listener',
        onLost: again,
      });
      if (stopped) return await closeClient(fresh);
      client = fresh;
      fresh.on('notification', options.onNotify);
      await fresh.query(`listen ${CHANNEL}`);
      options.onNotify();
    } catch (error) {
      again(error);
    }
  }

  function again(error: unknown): void {
    const lost = client;
    client = null;
    if (lost) closeClient(lost).catch(() => {});
    if (stopped) return;
    options.onError(error);
    clearTimeout(timer);
    timer = setTimeout(() => {
      connecting = connect();
    }, RECONNECT_MS);
  }

  return {
    async [Symbol.asyncDispose]() {
      stopped = true;
      clearTimeout(timer);
      await connecting;
      if (client) await closeClient(client).catch(() => {});
    },
  };
}
