import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { CLOSED_COLUMNS } from '../../src/db/query-compiler.ts';
import { cloneDatabase } from '../support/database.ts';

const { floor } = await cloneDatabase();
const { db } = floor;

test('what is one of a closed list is written out, and what a caller may have typed is not', () => {
  const query = db
    .selectFrom('wallet_hold as hold')
    .select('hold.id')
    .where('hold.state', '=', 'PLACED')
    .where('hold.account_id', '=', "it's 'PLACED'")
    .compile();
  expect(query.sql).toBe(
    `select "hold"."id" from "wallet_hold" as "hold" where "hold"."state" = 'PLACED' and "hold"."account_id" = $1`,
  );
  expect(query.parameters).toEqual(["it's 'PLACED'"]);

  const listed = db
    .selectFrom('device_command')
    .select('id')
    .where('state', 'in', ['QUEUED', 'DELIVERED'])
    .compile();
  expect(listed.sql).toBe(`select "id" from "device_command" where "state" in ('QUEUED', 'DELIVERED')`);

  const shown = db.selectFrom('notification').select('id').where('is_shown', '=', true).compile();
  expect(shown.sql).toBe(`select "id" from "notification" where "is_shown" = true`);

  // Whatever passes for a word of a list without being one.
  const typed = db
    .selectFrom('wallet_hold')
    .select('id')
    .where('state', '=', `PLACED' or true --` as 'PLACED')
    .compile();
  expect(typed.sql).toBe(`select "id" from "wallet_hold" where "state" = $1`);
});

test('what is written stays a parameter', () => {
  const update = db
    .updateTable('device_command')
    .set({ state: 'EXPIRED' })
    .where('state', '=', 'QUEUED')
    .compile();
  expect(update.sql).toBe(`update "device_command" set "state" = $1 where "state" = 'QUEUED'`);
});

test('how many rows a part of a statement takes is written out, and the size of a page is not', () => {
  const some = db.selectFrom('slot_claim').select('id').orderBy('expires_at').limit(128);
  expect(some.compile().sql).toBe('select "id" from "slot_claim" order by "expires_at" limit $1');
  expect(db.deleteFrom('slot_claim').where('id', 'in', some).compile().sql).toBe(
    'delete from "slot_claim" where "id" in (select "id" from "slot_claim" order by "expires_at" limit 128)',
  );
});

test('whatever a part of a table is indexed by can be asked for', async () => {
  const { rows } = await sql<{ name: string; predicate: string }>`
    select indexrelid::regclass::text as name, pg_get_expr(indpred, indrelid) as predicate
    from pg_index join pg_class on pg_class.oid = indrelid
    where indpred is not null and relnamespace = 'public'::regnamespace`.execute(db);
  const columns = rows.flatMap(({ predicate }) =>
    [...predicate.matchAll(/(\w+)(?:\)::\w+)? = (?:ANY \(+ARRAY\[)?'[A-Z_]+'/g)].map(
      ([, column = '']) => column,
    ),
  );
  expect(columns).toContain('state');
  expect([...new Set(columns)].filter((column) => !CLOSED_COLUMNS.has(column))).toEqual([]);
});

test('what is written out is never what somebody typed: each such column has its list', async () => {
  const { rows } = await sql<{ column: string }>`
    select attrelid::regclass || '.' || attname as column
    from pg_attribute join pg_class on pg_class.oid = attrelid
    where relkind = 'r' and relnamespace = 'public'::regnamespace and attname = any(${[...CLOSED_COLUMNS]})
      and not exists (select from pg_constraint where conrelid = attrelid and contype = 'c' and attnum = any(conkey))`.execute(
    db,
  );
  expect(rows).toEqual([]);
});
