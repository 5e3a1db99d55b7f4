import type pg from 'pg';
import { ask } from './ask.ts';
import { type Connection, closeClient, connectClient, type SessionOptions } from './database.ts';

/** A statement that is planned once on each connection, under its name. One name, one text. */
export interface HotStatement {
  readonly name: string;
  readonly text: string;
}

/** Reads that come so often that what a statement costs before it runs matters. */
export interface HotReads extends AsyncDisposable {
  /** Its rows. Nothing is written by it. @throws what `isConnectionError` holds for when PostgreSQL is away */
  read<Row extends object>(statement: HotStatement, values: readonly unknown[]): Promise<readonly Row[]>;
}

export interface HotReadOptions extends SessionOptions {
  readonly connection: Connection;
}

/** A few, because each carries many statements at once. */
const CONNECTIONS = 4;

/**
 * Named prepared statements over a few connections on which they follow each other without waiting for answers:
 * Kysely prepares none, and takes a connection for each. Connects on first use, and again when a connection was lost.
 */
export function openHotReads({ connection, ...session }: HotReadOptions): HotReads {
  const clients: (Promise<pg.Client> | null)[] = Array.from({ length: CONNECTIONS }, () => null);
  let turn = 0;

  function clientAt(at: number): Promise<pg.Client> {
    const known = clients[at];
    if (known) return known;
    const forget = () => {
      if (clients[at] === opening) clients[at] = null;
    };
    const opening: Promise<pg.Client> = connectClient(connection, {
      ...session,
      isPipelined: true,
      onLost: forget,
    });
    opening.catch(forget);
    clients[at] = opening;
    return opening;
  }

  return {
    async read<Row extends object>({ name, text }: HotStatement, values: readonly unknown[]) {
      turn = (turn + 1) % CONNECTIONS;
      const client = await clientAt(turn);
      return (await ask<Row>(client, { name, text, values: [...values] })).rows;
    },
    async [Symbol.asyncDispose]() {
      const open = clients.flatMap((client) => client ?? []);
      await Promise.all(open.map((client) => client.then(closeClient, () => {})));
    },
  };
}
