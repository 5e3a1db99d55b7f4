import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { closeClient, connectClient } from '../../src/db/database.ts';
import { createStatementNames } from '../../src/db/prepared.ts';
import { cloneDatabase } from '../support/database.ts';

const { floor, connection } = await cloneDatabase();
const { db } = floor;

/** What the one connection that is used here has prepared. */
const prepared = async () => {
  const { rows } = await sql<{ statement: string }>`select statement from pg_prepared_statements`.execute(db);
  return rows.map(({ statement }) => statement);
};

test('what is asked again and again is prepared once, and answers as before', async () => {
  const ask = (word: string) =>
    sql<{
      word: string;
      count: number;
    }>`select ${word}::text as word, count(*)::int as count from app_user`.execute(db);
  const answers: unknown[] = [];
  for (let round = 0; round < 10; round += 1) answers.push((await ask(`word ${round}`)).rows[0]);
  expect(answers).toEqual(answers.map((_, round) => ({ word: `word ${round}`, count: 0 })));
  expect(await prepared()).toEqual(['select $1::text as word, count(*)::int as count from app_user']);
});

test('a table that is changed under way breaks nothing that is asked often', async () => {
  const owner = await connectClient(connection, { applicationName: 'owner' });
  try {
    await owner.query('create table thing (id integer, name text); grant select on thing to floorwire_app');
    await owner.query("insert into thing values (1, 'one')");
    const askAll = () => sql`select * from thing where id = ${1}`.execute(db);
    const askName = () => sql`select name from thing where id = ${1}`.execute(db);
    for (let round = 0; round < 10; round += 1) await Promise.all([askAll(), askName()]);
    await owner.query("alter table thing add column colour text default 'red'");
    expect((await askAll()).rows).toEqual([{ id: 1, name: 'one', colour: 'red' }]);
    expect((await askName()).rows).toEqual([{ name: 'one' }]);
  } finally {
    await closeClient(owner);
  }
});

test('a statement without parameters, one that asks for all columns and one that is rare stay as they are', () => {
  const names = createStatementNames();
  const nameAfter = (uses: number, text: string, values: readonly unknown[]) => {
    for (let use = 1; use < uses; use += 1) names.query(text, values);
    return names.query(text, values).name;
  };
  expect(nameAfter(100, 'select now()', [])).toBeUndefined();
  expect(nameAfter(100, 'select * from device where id = $1', ['1'])).toBeUndefined();
  expect(nameAfter(100, 'delete from device where id = $1 returning *', ['1'])).toBeUndefined();
  expect(nameAfter(4, 'select id from device where id = $1', ['1'])).toBeUndefined();
  expect(nameAfter(1, 'select id from device where id = $1', ['1'])).toBe('floorwire 1');
  expect(nameAfter(5, 'select count(*) from device where id = $1', ['1'])).toBe('floorwire 2');
  expect(nameAfter(1, 'select id from device where id = $1', ['2'])).toBe('floorwire 1');
  expect(nameAfter(100, 'select id, d.* from device d where id = $1', ['1'])).toBeUndefined();
  expect(nameAfter(100, 'select id, * from device where id = $1', ['1'])).toBeUndefined();
  expect(nameAfter(5, "select now() - $1 * interval '1 ms'", [1])).toBe('floorwire 3');
});

test('there is an end to what is named, and to what is remembered of what is not', () => {
  const names = createStatementNames();
  const named = new Set<string | undefined>();
  for (let text = 0; text < 1_000; text += 1)
    for (let use = 0; use < 5; use += 1) named.add(names.query(`select ${text} + $1`, [1]).name);
  named.delete(undefined);
  expect(named.size).toBe(200);
});
