import type { PostgresPoolClient } from 'kysely';
import type { PoolClient, QueryResult } from 'pg';
import { ask } from './ask.ts';
import type { StatementNames } from './prepared.ts';

/**
 * A client of a pool as Kysely takes it. What is asked often is prepared, and the beginning of a transaction goes with its
 * first statement when that has no parameters, as the question for the time that begins each work. It opens no cursors.
 */
export function poolClient(client: PoolClient, names: StatementNames): PostgresPoolClient {
  /** What begins a transaction and was not sent yet. */
  let beginning: string | null = null;

  async function query(text: string, values: readonly unknown[]): Promise<QueryResult> {
    if (text === 'begin' || text.startsWith('start transaction')) {
      beginning = text;
      return NOTHING;
    }
    const begin = beginning;
    beginning = null;
    if (begin === null) return await ask(client, names.query(text, values));
    // Nothing was done in between.
    if (text === 'commit' || text === 'rollback') return NOTHING;
    if (values.length === 0) return lastOf(await ask(client, `${begin}; ${text}`));
    await ask(client, begin);
    return await ask(client, names.query(text, values));
  }

  return {
    query: query as unknown as PostgresPoolClient['query'],
    release() {
      beginning = null;
      client.release();
    },
  };
}

const NOTHING: QueryResult = { command: '', rowCount: 0, oid: 0, fields: [], rows: [] };

/** Of several statements in one text pg gives all results. */
const lastOf = (results: unknown): QueryResult => (results as QueryResult[]).at(-1) ?? NOTHING;
