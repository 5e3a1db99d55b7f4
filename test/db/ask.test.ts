import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { ask } from '../../src/db/ask.ts';
import { closeClient, connectClient, openDatabase } from '../../src/db/database.ts';
import { openHotReads } from '../../src/db/hot-read.ts';
import { collect } from '../support/collect.ts';
import { cloneDatabase } from '../support/database.ts';

const { connection } = await cloneDatabase();

const TEXT = `select repeat(line::text, $1::integer) as line from generate_series(1, 100) line`;
const WIDTH = 500;
const TIMES = 50;

/** What stays of so many answers when young objects are collected, in bytes. */
async function keptOf(read: () => Promise<unknown>): Promise<number> {
  // What the first ones leave behind for good is not theirs.
  for (let at = 0; at < TIMES; at += 1) await read();
  collect();
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let at = 0; at < TIMES; at += 1) await read();
  // Once to move what is alive, once more for what those referred to that are not.
  collect({ type: 'minor' });
  collect({ type: 'minor' });
  return process.memoryUsage().heapUsed - before;
}

test('what was answered dies young', async () => {
  await using floor = openDatabase({ connection, poolSize: 1, applicationName: 'young' });
  await using reads = openHotReads({ connection, applicationName: 'young' });
  const client = await connectClient(connection, { applicationName: 'old' });
  const statement = { name: 'lines', text: TEXT };
  const kept = {
    pg: await keptOf(() => client.query(TEXT, [WIDTH])),
    kysely: await keptOf(() =>
      sql`select repeat(line::text, ${WIDTH}::integer) as line from generate_series(1, 100) line`.execute(
        floor.db,
      ),
    ),
    hot: await keptOf(() => reads.read(statement, [WIDTH])),
  };
  await closeClient(client);
  // pg's own promises show what the measure is worth.
  expect(kept.pg).toBeGreaterThan(TIMES * 100 * WIDTH);
  expect(kept.kysely).toBeLessThan(kept.pg / 4);
  expect(kept.hot).toBeLessThan(kept.pg / 4);
});

test('an error says from where was asked', async () => {
  const client = await connectClient(connection, { applicationName: 'asking' });
  async function whoAsked() {
    await ask(client, 'select 1 / 0');
  }
  await expect(whoAsked()).rejects.toMatchObject({
    code: '22012',
    stack: expect.stringContaining('whoAsked'),
  });
  await closeClient(client);
});
