import { expect, test } from 'vitest';
import { APP_ROLE, closeClient, connectClient } from '../../src/db/database.ts';
import { isConnectionError } from '../../src/db/errors.ts';
import { openHotReads } from '../../src/db/hot-read.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';

const { connection } = await cloneDatabase();
const PLUS = { name: 'plus', text: 'select $1::integer + 1 as sum, current_user::text as role' };
const DIVIDE = { name: 'divide', text: 'select 1 / $1::integer as part' };
const MANY = 200;

test('as many as are asked at once on connections that are not open yet are all answered, each its own', async () => {
  await using reads = openHotReads({ connection, applicationName: 'hot', role: APP_ROLE });
  const answers = await Promise.all(Array.from({ length: MANY }, (_, at) => reads.read(PLUS, [at])));
  expect(answers).toEqual(Array.from({ length: MANY }, (_, at) => [{ sum: at + 1, role: APP_ROLE }]));
});

test('one that fails spoils none of those around it', async () => {
  await using reads = openHotReads({ connection, applicationName: 'hot' });
  const answers = await Promise.allSettled(
    Array.from({ length: MANY }, (_, at) => reads.read(DIVIDE, [at % 10])),
  );
  for (const [at, answer] of answers.entries())
    expect(answer).toMatchObject(
      at % 10 === 0
        ? { status: 'rejected', reason: { code: '22012' } }
        : { status: 'fulfilled', value: [{ part: at % 10 === 1 ? 1 : 0 }] },
    );
});

test('connections that the server ended are made anew, and what was under way is a connection error', async () => {
  await using reads = openHotReads({ connection, applicationName: 'doomed' });
  const sleep = { name: 'sleep', text: 'select pg_sleep($1)::text' };
  const waiting = Array.from({ length: 8 }, () => reads.read(sleep, [60]));
  let outcomes: readonly PromiseSettledResult<unknown>[] = [];
  void Promise.allSettled(waiting).then((settled) => {
    outcomes = settled;
  });
  const admin = await connectClient(connection, { applicationName: 'admin' });
  const end = `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'doomed' and query like '%pg_sleep%'`;
  // A connection that is told to end may be there for a moment more, and another not yet.
  await eventually(async () => {
    await admin.query(end);
    return outcomes.length === waiting.length;
  });
  await closeClient(admin);
  for (const outcome of outcomes)
    expect(outcome).toSatisfy(
      ({ status, reason }: PromiseRejectedResult) => status === 'rejected' && isConnectionError(reason),
    );
  await eventually(async () => (await reads.read(PLUS, [1])).length === 1);
});
