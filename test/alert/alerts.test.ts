import { sql } from 'kysely';
import { beforeEach, expect, test } from 'vitest';
import { deleteAlertRule, type SaveAlertRule, saveAlertRule } from '../../src/alert/alert-rule-service.ts';
import { findRulesByIds } from '../../src/alert/alert-rule-store.ts';
import { acknowledgeAlert } from '../../src/alert/alert-service.ts';
import { type AlertFilter, countAlerts, listAlerts, pruneAlerts } from '../../src/alert/alert-store.ts';
import { lookAtDue, lookAtMoved } from '../../src/alert/watching-service.ts';
import { NotFoundError, ValidationError, VersionConflictError } from '../../src/lib/errors.ts';
import { endSession } from '../../src/parking/session-ending.ts';
import { startWalkIn } from '../../src/parking/session-service.ts';
import { createRunWork } from '../../src/work.ts';
import { anAlertRule, lookAtRules } from '../support/alert.ts';
import { DESK } from '../support/booking.ts';
import { aUser, aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { aParkingLot } from '../support/parking.ts';
import { worksAt } from '../support/works-at.ts';

/** When a figure becomes an alert, and when that is over. Time goes on as the tests say. */

const { floor } = await cloneDatabase();
const { db } = floor;
let nowMs = Date.now();
const runWork = worksAt(createRunWork({ db, onEvents: () => {} }), () => nowMs);
const { id: venueId } = await aVenue(runWork);
const { id: userId } = await aUser(runWork, { venueId });
const ALL: AlertFilter = { state: null, ruleId: null, severities: null, from: null, to: null };
const PAGE = { after: null, before: null, limit: 100, backward: false };

beforeEach(async () => {
  // Rules of earlier tests are no business of the next.
  await db.updateTable('alert_rule').set({ is_enabled: false, due_at: null }).execute();
});

/** Lets so many seconds pass, and looks again and again at what it is time for. */
async function pass(seconds: number): Promise<void> {
  for (let left = seconds; left > STEP_SECONDS; left -= STEP_SECONDS) await passUnseen(STEP_SECONDS);
  await passUnseen(seconds % STEP_SECONDS || Math.min(seconds, STEP_SECONDS));
}
const STEP_SECONDS = 30;

/** Lets so many seconds pass in which nobody looks. */
async function passUnseen(seconds: number): Promise<void> {
  nowMs += seconds * 1_000;
  await lookAtRules(runWork);
}

const PARKED = { venueId, metric: 'PARKING_OCCUPANCY_PERCENT' } as const;

/** Looks as whoever hears that a car came or went. */
const hear = () => runWork(DESK, (work) => lookAtMoved(work, [PARKED]));

/** A lot for ten cars, so that each is ten percent, and a rule for when it is more than half full. */
async function aWatchedLot(terms: Partial<SaveAlertRule> = {}) {
  const { id: lotId } = await aParkingLot(runWork, { venueId, capacity: 10 });
  const stays: string[] = [];
  const come = async () => {
    const wanted = {
      venueId,
      lotId,
      userId,
      place: { spaceId: null, kind: null },
      plate: null,
      mostOpen: 20,
    };
    stays.push((await runWork(DESK, (work) => startWalkIn(work, { ...wanted, until: null }))).id);
  };
  const go = async () => {
    const sessionId = stays.pop() ?? '';
    await runWork(DESK, (work) => endSession(work, { venueId, sessionId }));
  };
  for (let cars = 0; cars < 5; cars += 1) await come();
  const watched = { metric: 'PARKING_OCCUPANCY_PERCENT', lotId, threshold: 50 } as const;
  const rule = await anAlertRule(runWork, { venueId, ...watched, ...terms });
  await pass(0);
  const alerts = () => listAlerts(db, venueId, { filter: { ...ALL, ruleId: rule.id }, range: PAGE });
  const told = async () => {
    const { rows } = await sql<{ told: string }>`
      select substr(type, 7) || ' ' || coalesce(payload ->> 'resolvedValue', payload ->> 'value') as told from outbox
      where type in ('alert.fired', 'alert.acknowledged', 'alert.resolved')
        and payload ->> 'alertRuleId' = ${rule.id} order by id`.execute(db);
    return rows.map((row) => row.told);
  };
  const change = (input: Partial<SaveAlertRule>, expectedVersion = 1) =>
    runWork(DESK, (work) => saveAlertRule(work, { venueId, ruleId: rule.id, expectedVersion, ...input }));
  return { lotId, rule, come, go, alerts, told, change };
}

test('a threshold that is crossed is told once, and once when that is over', async () => {
  const { rule, come, go, alerts, told } = await aWatchedLot();
  expect(await told()).toEqual([]);
  await come();
  await pass(5);
  await pass(5);
  await come();
  await pass(5);
  expect(await alerts()).toMatchObject([
    { ruleId: rule.id, name: rule.name, threshold: 50, value: 60, resolved: null, acknowledged: null },
  ]);
  await go();
  await go();
  await pass(5);
  await pass(5);
  expect(await told()).toEqual(['fired 60', 'resolved 50']);
  expect(await alerts()).toMatchObject([{ resolved: { how: 'RECOVERED', value: 50 } }]);
  await come();
  await pass(5);
  expect(await told()).toEqual(['fired 60', 'resolved 50', 'fired 60']);
});

test('below works as above does', async () => {
  const { go, come, told } = await aWatchedLot({ comparison: 'BELOW', threshold: 50 });
  await go();
  await pass(5);
  await come();
  await pass(5);
  expect(await told()).toEqual(['fired 40', 'resolved 50']);
});

test('however many processes look at once, there is one alert and one end of it', async () => {
  const { come, go, told } = await aWatchedLot();
  const crowd = () =>
    Promise.all(
      Array.from({ length: 8 }, (_, at) =>
        runWork(DESK, async (work) => {
          if (at % 2 === 0) await lookAtDue(work, { limit: 10 });
          else await lookAtMoved(work, [PARKED]);
        }),
      ),
    );
  await come();
  nowMs += 5_000;
  await crowd();
  expect(await told()).toEqual(['fired 60']);
  await go();
  nowMs += 5_000;
  await crowd();
  expect(await told()).toEqual(['fired 60', 'resolved 50']);
});

test('it fires once it has held for so long, and a break begins anew', async () => {
  const { come, go, told } = await aWatchedLot({ holdSeconds: 62 });
  await come();
  await pass(5);
  await pass(60);
  await go();
  await hear();
  await come();
  await pass(5);
  await pass(61);
  expect(await told()).toEqual([]);
  await pass(1);
  expect(await told()).toEqual(['fired 60']);
});

test('how things stood while nobody looked counts for nothing', async () => {
  const { come, told } = await aWatchedLot({ holdSeconds: 300 });
  await come();
  await pass(60);
  await passUnseen(3_600);
  await pass(290);
  expect(await told()).toEqual([]);
  await pass(10);
  expect(await told()).toEqual(['fired 60']);
});

test('what comes and goes is one alert until it has stayed away for so long', async () => {
  const { come, go, told } = await aWatchedLot({ clearSeconds: 60 });
  for (let time = 0; time < 3; time += 1) {
    await come();
    await pass(5);
    await go();
    await pass(5);
    await pass(50);
  }
  expect(await told()).toEqual(['fired 60']);
  await pass(10);
  expect(await told()).toEqual(['fired 60', 'resolved 50']);
});

test('what happens is looked at at once, before its time', async () => {
  const { come, told } = await aWatchedLot();
  await come();
  await lookAtRules(runWork);
  expect(await told()).toEqual([]);
  await hear();
  expect(await told()).toEqual(['fired 60']);
});

test.each([
  ['is changed', { threshold: 55 }, 'RULE_CHANGED'],
  ['is graver', { severity: 'CRITICAL' }, 'RULE_CHANGED'],
  ['is not in force any more', { isEnabled: false }, 'RULE_DISABLED'],
] as const)('a rule that %s ends its open alert', async (_, input, how) => {
  const { come, alerts, told, change } = await aWatchedLot();
  await come();
  await pass(5);
  await change(input);
  expect(await alerts()).toMatchObject([{ resolved: { how, value: null } }]);
  await pass(5);
  const again = how === 'RULE_CHANGED' ? ['fired 60'] : [];
  expect(await told()).toEqual(['fired 60', 'resolved 60', ...again]);
});

test('another name, and other times, leave its alert open', async () => {
  const { come, alerts, change } = await aWatchedLot();
  await come();
  await pass(5);
  await change({ name: 'Nearly full', clearSeconds: 90 });
  expect(await alerts()).toMatchObject([{ resolved: null }]);
});

test('a rule that is deleted ends its open alert, and its alerts stay', async () => {
  const { rule, come, go, alerts } = await aWatchedLot();
  await come();
  await pass(5);
  await go();
  await pass(5);
  await come();
  await pass(5);
  const ids = (await alerts()).map(({ id }) => id);
  expect(ids).toHaveLength(2);
  await runWork(DESK, (work) =>
    deleteAlertRule(work, { venueId, ruleId: rule.id, expectedVersion: rule.version }),
  );
  expect(await findRulesByIds(db, venueId, [rule.id])).toEqual([]);
  const kept = (await listAlerts(db, venueId, { filter: ALL, range: PAGE })).filter(({ id }) =>
    ids.includes(id),
  );
  expect(kept).toMatchObject([
    { ruleId: null, resolved: { how: 'RULE_DELETED' } },
    { ruleId: null, resolved: { how: 'RECOVERED' } },
  ]);
});

test('the figure of what is there no more ends the alert', async () => {
  const { lotId, come, alerts } = await aWatchedLot();
  await come();
  await pass(5);
  await db.updateTable('parking_lot').set({ status: 'CLOSED' }).where('id', '=', lotId).execute();
  await pass(5);
  expect(await alerts()).toMatchObject([{ resolved: { how: 'RECOVERED', value: null } }]);
});

test('who acknowledges first is on record, once, also in what is told of the end', async () => {
  const { come, go, alerts, told } = await aWatchedLot();
  await come();
  await pass(5);
  const [alert] = await alerts();
  const alertId = alert?.id ?? '';
  const answers = await Promise.all(
    [1, 2, 3].map(() => runWork(DESK, (work) => acknowledgeAlert(work, { venueId, alertId }))),
  );
  for (const { acknowledged } of answers) expect(acknowledged?.by).toEqual({ kind: 'system', id: 'desk' });
  await go();
  await pass(5);
  expect(await told()).toEqual(['fired 60', 'acknowledged 60', 'resolved 50']);
  const { payload } = await db
    .selectFrom('outbox')
    .select('payload')
    .where('type', '=', 'alert.resolved')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow();
  expect(payload).toMatchObject({ alertId, acknowledgedBy: { kind: 'system', id: 'desk' } });
});

test('an end and an acknowledgement at once both stand', async () => {
  const { come, go, alerts, told } = await aWatchedLot();
  await come();
  await pass(5);
  const alertId = (await alerts())[0]?.id ?? '';
  await go();
  nowMs += 5_000;
  await Promise.all([
    lookAtRules(runWork),
    runWork(DESK, (work) => acknowledgeAlert(work, { venueId, alertId })),
  ]);
  expect((await told()).toSorted()).toHaveLength(3);
  expect(await alerts()).toMatchObject([
    { resolved: { how: 'RECOVERED' }, acknowledged: { by: { kind: 'system' } } },
  ]);
});

test('the database takes no second open alert of a rule, and no rule from under one', async () => {
  const { rule, come } = await aWatchedLot();
  await come();
  await pass(5);
  const open = db.selectFrom('alert').selectAll().where('rule_id', '=', rule.id);
  const copy = sql`insert into alert (id, venue_id, rule_id, name, metric, comparison, threshold, severity, value, fired_at)
    select gen_random_uuid(), venue_id, rule_id, name, metric, comparison, threshold, severity, value, fired_at
    from (${open}) open`;
  await expect(copy.execute(db)).rejects.toThrow('alert_one_open');
  await expect(db.deleteFrom('alert_rule').where('id', '=', rule.id).execute()).rejects.toThrow(
    'alert_open_has_rule',
  );
});

test('somebody else’s change is not overwritten', async () => {
  const { change } = await aWatchedLot();
  await change({ threshold: 60 });
  await expect(change({ threshold: 70 })).rejects.toThrow(VersionConflictError);
  const both = await Promise.allSettled([change({ threshold: 80 }, 2), change({ threshold: 90 }, 2)]);
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
});

test('a rule of another venue, or about a lot of one, is not there', async () => {
  const { rule, lotId } = await aWatchedLot();
  const { id: elsewhere } = await aVenue(runWork);
  const ofThem = { venueId: elsewhere, ruleId: rule.id, expectedVersion: 1 };
  await expect(runWork(DESK, (work) => saveAlertRule(work, ofThem))).rejects.toThrow(NotFoundError);
  await expect(runWork(DESK, (work) => deleteAlertRule(work, ofThem))).rejects.toThrow(NotFoundError);
  const theirs = { venueId: elsewhere, metric: 'PARKING_OCCUPANCY_PERCENT', lotId } as const;
  await expect(anAlertRule(runWork, theirs)).rejects.toThrow(NotFoundError);
});

test.each<[string, Partial<SaveAlertRule>]>([
  ['a lot with what is of no lot', { lotId: '00000000-0000-7000-8000-000000000000' }],
  ['a window with what is so now', { windowSeconds: 60 }],
  ['a window that is too short', { metric: 'FAILED_SIGN_INS', windowSeconds: 59 }],
  ['less than nothing', { threshold: -1 }],
  ['below nothing', { comparison: 'BELOW', threshold: 0 }],
  ['more than a day', { holdSeconds: 86_401 }],
  ['no name', { name: ' ' }],
  ['a version of what is new', { expectedVersion: 1 }],
])('a rule is refused for %s', async (_, terms) => {
  await expect(anAlertRule(runWork, { venueId, ...terms })).rejects.toThrow(ValidationError);
});

test('what goes with one figure alone goes with another one no more', async () => {
  const { change } = await aWatchedLot();
  expect(await change({ metric: 'LOCK_OUTS' })).toMatchObject({ lotId: null, windowSeconds: 300 });
  expect(await change({ windowSeconds: 900 }, 2)).toMatchObject({ windowSeconds: 900 });
  expect(await change({ metric: 'HANDPAYS_WAITING' }, 3)).toMatchObject({ windowSeconds: null });
});

test('a venue has 100 rules at most, also when two are made at once', async () => {
  const { id: crowded } = await aVenue(runWork);
  for (let count = 0; count < 99; count += 1) await anAlertRule(runWork, { venueId: crowded });
  const both = await Promise.allSettled([1, 2].map(() => anAlertRule(runWork, { venueId: crowded })));
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
});

test('what is over is forgotten in the end, and what goes on is not', async () => {
  const { rule, come, go } = await aWatchedLot();
  await come();
  await pass(5);
  await go();
  await pass(5);
  await come();
  await pass(5);
  const ofRule = { ...ALL, ruleId: rule.id };
  expect(await countAlerts(db, venueId, ofRule)).toBe(2);
  await runWork(DESK, ({ tx, now }) =>
    pruneAlerts(tx, { before: new Date(now.getTime() + 1), limit: 1_000 }),
  );
  expect(await listAlerts(db, venueId, { filter: ofRule, range: PAGE })).toMatchObject([{ resolved: null }]);
});
