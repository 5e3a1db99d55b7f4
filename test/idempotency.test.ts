import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { hashOf, once, parseKey } from '../src/idempotency.ts';
import { system } from '../src/lib/actor.ts';
import { IdempotencyMismatchError, ValidationError } from '../src/lib/errors.ts';
import { createRunWork } from '../src/work.ts';
import { aVenue } from './support/builders.ts';
import { cloneDatabase } from './support/database.ts';
import { eventually } from './support/deadline.ts';

const { floor } = await cloneDatabase();
const runWork = createRunWork({ db: floor.db, onEvents: () => {} });
const { id: venueId } = await aVenue(runWork);

const digest = (data: unknown): string => hashOf({ what: 'say', data }).toString('hex');

test.each([
  ['{"a":1,"b":{"c":2,"d":[{"e":3,"f":4}]}}', '{"b":{"d":[{"f":4,"e":3}],"c":2},"a":1}'],
  ['{"__proto__":{"a":1},"b":2}', '{"b":2,"__proto__":{"a":1}}'],
  ['{"10":1,"9":2,"a":3}', '{"a":3,"9":2,"10":1}'],
])('%s is asked for by %s too', (one, other) => {
  expect(digest(JSON.parse(one))).toBe(digest(JSON.parse(other)));
});

test.each([
  ['[1,2]', '[2,1]'],
  ['{"a":1,"b":2}', '{"a":2,"b":1}'],
  ['{"__proto__":{"a":1}}', '{"__proto__":{"a":2}}'],
  ['{"a":[["b",1]]}', '{"a":{"b":1}}'],
  ['{"a":null}', '{}'],
])('%s is not asked for by %s', (one, other) => {
  expect(digest(JSON.parse(one))).not.toBe(digest(JSON.parse(other)));
});

test('an instant and a great number are what their texts say', () => {
  expect(digest({ at: new Date(0), amount: 2n ** 60n })).toBe(
    digest({ amount: String(2n ** 60n), at: '1970-01-01T00:00:00.000Z' }),
  );
});

test.each(['!', '~'.repeat(200)])('%s is a key', (key) => {
  expect(parseKey(system('test'), key, {})).toMatchObject({ principal: 'system:test', key });
});

test.each([
  ['nothing', ''],
  ['what has 201 characters', 'x'.repeat(201)],
  ['what has a space', 'a b'],
  ['what has a line', 'a\n'],
  ['what cannot be printed', 'a\x7f'],
  ['what is no ASCII', 'ä'],
])('%s is no key', (_what, key) => {
  expect(() => parseKey(system('test'), key, {})).toThrow(ValidationError);
});

/** Asks for `data` by a key, where `act` tells what comes of it. */
const ask = (
  key: string,
  {
    data = 1,
    who = 'test',
    act,
  }: { readonly data?: number; readonly who?: string; readonly act: () => string | Promise<string> },
) =>
  runWork(system(who), (work) =>
    once(work, { venueId, idempotency: parseKey(work.actor, key, { data }) }, async () => ({
      told: await act(),
    })),
  );

/** How many wait for a key that another has in hand. */
async function waiting(): Promise<number> {
  const { rows } = await sql<{ many: number }>`
    select count(*)::int as many from pg_locks
    where locktype = 'advisory' and not granted
      and database = (select oid from pg_database where datname = current_database())`.execute(floor.db);
  return rows[0]?.many ?? 0;
}

test('what is asked for by one key at once is done once, and told to all', async () => {
  let done = 0;
  const act = async () => {
    done += 1;
    await eventually(async () => done > 1 || (await waiting()) === 2);
    return String(done);
  };
  const answers = await Promise.all([1, 2, 3].map(() => ask('at-once', { act })));
  expect(answers.map(({ outcome }) => outcome)).toEqual(Array(3).fill({ told: '1' }));
  expect(answers.filter(({ isReplay }) => !isReplay)).toHaveLength(1);
});

test('a key stands for one thing of one caller, and for nothing when that was thrown', async () => {
  const fail = () => {
    throw new Error('no');
  };
  await expect(ask('one', { act: fail })).rejects.toThrow('no');
  expect(await ask('one', { act: () => 'mine' })).toEqual({ outcome: { told: 'mine' }, isReplay: false });
  expect(await ask('one', { act: fail })).toEqual({ outcome: { told: 'mine' }, isReplay: true });
  await expect(ask('one', { data: 2, act: fail })).rejects.toThrow(IdempotencyMismatchError);
  expect(await ask('one', { who: 'other', act: () => 'his' })).toMatchObject({ outcome: { told: 'his' } });
});
