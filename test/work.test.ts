import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { ANONYMOUS, system } from '../src/lib/actor.ts';
import { DatabaseUnavailableError, TimeoutError } from '../src/lib/errors.ts';
import { createRunWork, type RunWorkOptions, type Work } from '../src/work.ts';
import { cloneDatabase } from './support/database.ts';
import { TEST_VENUE as venueId } from './support/event-log.ts';

const { floor } = await cloneDatabase();
const { db } = floor;
const actor = system('test');
const origin = { requestId: 'request-1', address: '192.0.2.1' };

function aRunner(options: Partial<RunWorkOptions> = {}) {
  const woken = { times: 0 };
  const onEvents = () => {
    woken.times += 1;
  };
  return { runWork: createRunWork({ db, onEvents, ...options }), woken };
}

/** Fails as PostgreSQL does with this code. */
const fail = ({ tx }: Work, code: string) =>
  sql`do ${sql.lit(`begin raise exception 'no' using errcode = '${code}'; end`)}`.execute(tx);

const say = (work: Work, number: number) =>
  work.emit({ type: 'test.counted', venueId, subject: 's', number });

/** What was announced in this test file under a number. */
const announced = (number: number) =>
  db
    .selectFrom('outbox')
    .select(['actor', 'origin', 'at'])
    .where(sql<string>`payload ->> 'number'`, '=', String(number))
    .execute();

test.each([
  ['40001', 0],
  ['40P01', 1],
])('what lost with %s runs again, and announces what it says once', async (code, number) => {
  const { runWork, woken } = aRunner();
  let tries = 0;
  const answer = await runWork(actor, async (work) => {
    tries += 1;
    say(work, number);
    if (tries < 5) await fail(work, code);
    return tries;
  });
  expect([answer, woken.times]).toEqual([5, 1]);
  expect(await announced(number)).toHaveLength(1);
});

test('what loses five times is given up, and nothing of it is left', async () => {
  const { runWork, woken } = aRunner();
  let tries = 0;
  const losing = runWork(actor, async (work) => {
    tries += 1;
    say(work, 2);
    await fail(work, '40001');
  });
  await expect(losing).rejects.toThrow(TimeoutError);
  await expect(losing).rejects.toMatchObject({ cause: { code: '40001' } });
  expect([tries, woken.times]).toEqual([5, 0]);
  expect(await announced(2)).toEqual([]);
});

test.each([
  ['a refused statement', '23514', { code: '23514' }],
  ['a connection that is gone', '57P01', new DatabaseUnavailableError()],
])('%s is not tried again', async (_what, code, error) => {
  let tries = 0;
  const failing = aRunner().runWork(actor, async (work) => {
    tries += 1;
    await fail(work, code);
  });
  await expect(failing).rejects.toMatchObject(error);
  expect(tries).toBe(1);
});

test('an event is its caller’s, unless another asked for that part, and of the time of the work', async () => {
  const clockShiftMs = () => 3_600_000;
  const { runWork } = aRunner({ clockShiftMs });
  const { now, read } = await runWork(
    actor,
    async (work) => {
      say(work, 3);
      work.emit(
        { type: 'test.counted', venueId, subject: 's', number: 4 },
        { actor: ANONYMOUS, origin: null },
      );
      const { rows } = await sql<{ read: Date }>`select now() as read`.execute(work.tx);
      return { now: work.now, read: rows[0]?.read };
    },
    origin,
  );
  expect(now.getTime()).toBe((read?.getTime() ?? 0) + 3_600_000);
  expect(await announced(3)).toEqual([{ actor: { kind: 'system', id: 'test' }, origin, at: now }]);
  expect(await announced(4)).toEqual([{ actor: { kind: 'anonymous', id: null }, origin: null, at: now }]);
});

test('a work that announces nothing wakes nobody', async () => {
  const { runWork, woken } = aRunner();
  expect(await runWork(actor, async ({ origin: none }) => none)).toBeNull();
  expect(woken.times).toBe(0);
});
