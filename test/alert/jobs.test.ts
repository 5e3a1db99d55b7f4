import type { KyselyPlugin } from 'kysely';
import { expect, test } from 'vitest';
import { startAlertWatch } from '../../src/alert/jobs.ts';
import type { LoggedEvent } from '../../src/events/events.ts';
import { newId } from '../../src/lib/ids.ts';
import { createRunWork } from '../../src/work.ts';
import { anAlertRule } from '../support/alert.ts';
import { aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { aLine } from '../support/floor.ts';

/** What has rules looked at, and what is told across restarts. */

const { floor } = await cloneDatabase();
const { db } = floor;
const runWork = createRunWork({ db, onEvents: () => {} });
const { id: venueId } = await aVenue(runWork);

const onError = (error: unknown) => {
  throw error;
};

/** A watch that counts how often it asks what is watched. */
function aWatch() {
  let asked = 0;
  const counting: KyselyPlugin = {
    transformQuery: ({ node }) => {
      asked += 1;
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  const watch = startAlertWatch({ db: db.withPlugin(counting), runWork, onError });
  return { watch, asked: () => asked, [Symbol.asyncDispose]: () => watch[Symbol.asyncDispose]() };
}

const machineGone = (at = venueId) =>
  ({ type: 'machine.event-raised', venueId: at, payload: { event: { type: 'OFFLINE' } } }) as LoggedEvent;

const rowOf = ({ id }: { readonly id: string }) =>
  db.selectFrom('alert_rule').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

const told = async (ruleId: string) =>
  (await db.selectFrom('outbox').select(['type', 'payload']).orderBy('id').execute())
    .filter(({ type, payload }) => type.startsWith('alert.') && JSON.stringify(payload).includes(ruleId))
    .map(({ type }) => type)
    .filter((type) => !type.startsWith('alert.rule-'));

test('of what nobody watches nothing is asked, however often it happens', async () => {
  await using started = aWatch();
  const { watch, asked } = started;
  for (let times = 0; times < 1_000; times += 1) watch.hear(machineGone());
  await eventually(() => expect(asked()).toBe(1));
  for (let times = 0; times < 1_000; times += 1) watch.hear(machineGone());
  // It has looked at this when it has run once more.
  const rule = await anAlertRule(runWork, { venueId });
  watch.wake();
  await eventually(async () => (await rowOf(rule)).measured_at);
  expect(asked()).toBe(1);
});

test('a rule is looked at when something happens that may move it, soon after it was made too', async () => {
  const { machines } = await aLine(runWork, { venueId });
  await using started = aWatch();
  const { watch } = started;
  watch.hear(machineGone());
  const rule = await anAlertRule(runWork, { venueId, metric: 'MACHINES_OFFLINE' });
  watch.hear({ type: 'alert.rule-created', venueId } as LoggedEvent);
  watch.wake();
  await eventually(async () => (await rowOf(rule)).measured_at);
  await db
    .updateTable('machine')
    .set({ connection: 'OFFLINE' })
    .where('id', '=', machines[0]?.id ?? '')
    .execute();
  // Its own time is far away: only what is heard has it looked at.
  await db
    .updateTable('alert_rule')
    .set({ due_at: new Date(Date.now() + 3_600_000) })
    .where('id', '=', rule.id)
    .execute();
  watch.hear(machineGone(newId()));
  watch.hear(machineGone());
  await eventually(async () => expect(await told(rule.id)).toEqual(['alert.fired']));
});

test('processes that come and go repeat nothing and lose nothing', async () => {
  const { machines } = await aLine(runWork, { venueId });
  const machineId = machines[0]?.id ?? '';
  const connect = (connection: 'ONLINE' | 'OFFLINE') =>
    db.updateTable('machine').set({ connection }).where('id', '=', machineId).execute();
  const before = await db
    .selectFrom('machine')
    .select('id')
    .where('venue_id', '=', venueId)
    .where('connection', '=', 'OFFLINE')
    .execute();
  const rule = await anAlertRule(runWork, { venueId, metric: 'MACHINES_OFFLINE', threshold: before.length });
  const due = () =>
    db
      .updateTable('alert_rule')
      .set({ due_at: new Date(0) })
      .where('id', '=', rule.id)
      .execute();
  const expected: string[] = [];
  for (const [connection, type] of [
    ['OFFLINE', 'alert.fired'],
    ['ONLINE', 'alert.resolved'],
    ['OFFLINE', 'alert.fired'],
  ] as const) {
    // Nobody looks while it happens.
    await connect(connection);
    await due();
    expected.push(type);
    await using one = aWatch();
    await using other = aWatch();
    await eventually(async () => expect(await told(rule.id)).toEqual(expected));
    await due();
    one.watch.wake();
    other.watch.wake();
    await eventually(async () => (await rowOf(rule)).due_at?.getTime());
  }
  expect(await told(rule.id)).toEqual(expected);
});
