import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/db/database.ts';
import { cloneDatabase } from '../support/database.ts';

/** One connection, and what PostgreSQL was asked on it. */
const { connection } = await cloneDatabase();

function watched() {
  const floor = openDatabase({ connection, poolSize: 1, applicationName: 'watched' });
  const asked: string[] = [];
  floor.pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    Object.assign(client, {
      query: (...args: unknown[]) => {
        const [first] = args;
        asked.push(typeof first === 'string' ? first : (first as { readonly text: string }).text);
        return query(...args);
      },
    });
  });
  return { ...floor, asked, [Symbol.asyncDispose]: () => floor[Symbol.asyncDispose]() };
}

const transactionOf = async (db: ReturnType<typeof watched>['db']) =>
  (await sql<{ id: string }>`select pg_current_xact_id()::text as id`.execute(db)).rows[0]?.id;

test('a transaction begins with its first statement, in one message', async () => {
  await using floor = watched();
  await sql`select 1`.execute(floor.db);
  floor.asked.length = 0;
  const [one, other] = await floor.db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ one: number }>`select 1 as one`.execute(tx);
    expect(rows).toEqual([{ one: 1 }]);
    return [await transactionOf(tx), await transactionOf(tx)];
  });
  expect(one).toBe(other);
  expect(floor.asked[0]).toBe('begin; select 1 as one');
  expect(floor.asked.at(-1)).toBe('commit');
  expect(await transactionOf(floor.db)).not.toBe(one);
});

test('one whose first statement takes parameters is a transaction as well', async () => {
  await using floor = watched();
  const ids = await floor.db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (tx) => {
      const { rows } = await sql<{
        level: string;
      }>`select ${1}::int, current_setting('transaction_isolation') as level`.execute(tx);
      expect(rows[0]?.level).toBe('repeatable read');
      return [await transactionOf(tx), await transactionOf(tx)];
    });
  expect(ids[0]).toBe(ids[1]);
});

test('one in which nothing is asked asks for nothing, and leaves none open', async () => {
  await using floor = watched();
  await transactionOf(floor.db);
  floor.asked.length = 0;
  await floor.db.transaction().execute(async () => {});
  await expect(
    floor.db.transaction().execute(async () => {
      throw new Error('never mind');
    }),
  ).rejects.toThrow('never mind');
  expect(floor.asked).toEqual([]);
  expect(await transactionOf(floor.db)).not.toBe(await transactionOf(floor.db));
});

test('one whose first statement fails is rolled back, and its connection serves the next', async () => {
  await using floor = watched();
  await expect(floor.db.transaction().execute((tx) => sql`select 1 / 0`.execute(tx))).rejects.toMatchObject({
    code: '22012',
  });
  expect(await floor.db.transaction().execute((tx) => transactionOf(tx))).toMatch(/^\d+$/);
});
