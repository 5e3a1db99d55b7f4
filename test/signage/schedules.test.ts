import { type KyselyPlugin, sql } from 'kysely';
import { expect, test } from 'vitest';
import type { DeviceActor } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import { configureJackpot } from '../../src/machine/jackpot-service.ts';
import { reportApplied } from '../../src/signage/applied-service.ts';
import { turnConditions } from '../../src/signage/condition-service.ts';
import { createDeviceGroup } from '../../src/signage/device-group-service.ts';
import { type UpdateDevice, updateDevice } from '../../src/signage/device-service.ts';
import { pushToDevices, settleDue } from '../../src/signage/display-service.ts';
import { findDisplays, findDueDevices } from '../../src/signage/display-store.ts';
import { deleteLayout } from '../../src/signage/layout-deletion.ts';
import { removeSchedule, saveSchedule } from '../../src/signage/schedule-service.ts';
import { findSchedulesByIds } from '../../src/signage/schedule-store.ts';
import { EVERY_DAY } from '../../src/signage/schedule-times.ts';
import { keepReceipts, listReceipts } from '../../src/signage/takeover-receipt-store.ts';
import { endOverdue, endTakeover, joinTakeovers, startTakeover } from '../../src/signage/takeover-service.ts';
import { EVERYWHERE } from '../../src/signage/targets.ts';
import { createRunWork, type Work } from '../../src/work.ts';
import { DESK } from '../support/booking.ts';
import { aDevice, aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { aDraft, aPublishedLayout } from '../support/layout.ts';
import { aSchedule } from '../support/schedule.ts';

const { floor } = await cloneDatabase();
let asked = 0;
const counting: KyselyPlugin = {
  transformQuery: ({ node }) => {
    asked += 1;
    return node;
  },
  transformResult: async ({ result }) => result,
};
const db = floor.db.withPlugin(counting);
let shiftMs = 0;
const runWork = createRunWork({ db, onEvents: () => {}, clockShiftMs: () => shiftMs });
/** 12:00 in Vienna on a Wednesday, from where each test goes on. */
const NOON = Date.parse('2026-07-01T10:00:00Z');
const goTo = (atMs: number) => {
  shiftMs = atMs - Date.now();
};
const MINUTE_MS = 60_000;
const some = (...deviceIds: readonly string[]) => ({ ...EVERYWHERE, everywhere: false, deviceIds });
const part = (from: number, to: number) => ({ from: from * 60, to: to * 60 });

/** Screens of other tests are due too. */
async function settleAll(): Promise<void> {
  while (await runWork(DESK, (work) => settleDue(work, { limit: 10 })));
}

const aFloor = async () => {
  goTo(NOON);
  const { id: venueId } = await aVenue(runWork);
  const { id: deviceId } = await aDevice(runWork, { venueId });
  const layoutId = async () => (await aPublishedLayout(runWork, { venueId })).id;
  const shown = async () => (await findDisplays(db, venueId, [deviceId]))[0]?.desired ?? null;
  const push = (layoutId: string) =>
    runWork(DESK, (work) =>
      pushToDevices(work, { venueId, deviceIds: [deviceId] }, { layoutId, revision: 1 }),
    );
  return { venueId, deviceId, layoutId, shown, push };
};

test('a screen shows a schedule while it is on, and what it was pushed before and after', async () => {
  const { venueId, layoutId, shown, push } = await aFloor();
  const [usual, lunch] = [await layoutId(), await layoutId()];
  await push(usual);
  const { id } = await aSchedule(runWork, { venueId, layoutId: lunch, dayparts: [part(13, 14)] });
  expect(await shown()).toMatchObject({ layoutId: usual, cause: 'PUSH' });
  goTo(NOON + 59 * MINUTE_MS);
  const settle = () => runWork(DESK, (work) => settleDue(work, { limit: 10 }));
  await settle();
  expect(await shown()).toMatchObject({ layoutId: usual });
  goTo(NOON + 60 * MINUTE_MS);
  expect(await settle()).toBe(false);
  expect(await shown()).toEqual({ layoutId: lunch, revision: 1, cause: 'SCHEDULE', causeId: id });
  const due = ({ tx, now }: Work) => findDueDevices(tx, { now, limit: 10 });
  expect(await runWork(DESK, due)).toBeNull();
  goTo(NOON + 120 * MINUTE_MS);
  await settle();
  expect(await shown()).toMatchObject({ layoutId: usual, cause: 'PUSH' });
});

test('what is due at several venues at one instant is settled without a pause in between', async () => {
  const floors = [await aFloor(), await aFloor(), await aFloor()];
  for (const { venueId, layoutId } of floors)
    await aSchedule(runWork, { venueId, layoutId: await layoutId(), dayparts: [part(13, 14)] });
  goTo(NOON + 60 * MINUTE_MS);
  await settleAll();
  for (const { shown } of floors) expect(await shown()).toMatchObject({ cause: 'SCHEDULE' });
});

test('of schedules that are on the one of the greater priority is shown, and of two alike the newer', async () => {
  const { venueId, layoutId, shown } = await aFloor();
  const layouts = [await layoutId(), await layoutId(), await layoutId()];
  const [low, first, second] = layouts;
  await aSchedule(runWork, { venueId, layoutId: first, priority: 7 });
  await aSchedule(runWork, { venueId, layoutId: low, priority: 6 });
  expect(await shown()).toMatchObject({ layoutId: first });
  goTo(NOON + MINUTE_MS);
  const { id } = await aSchedule(runWork, { venueId, layoutId: second, priority: 7 });
  expect(await shown()).toMatchObject({ layoutId: second });
  const change = { venueId, scheduleId: id };
  await runWork(DESK, (work) => saveSchedule(work, { ...change, expectedVersion: 1, isEnabled: false }));
  expect(await shown()).toMatchObject({ layoutId: first });
  await runWork(DESK, (work) =>
    saveSchedule(work, { ...change, expectedVersion: 2, isEnabled: true, priority: 5 }),
  );
  expect(await shown()).toMatchObject({ layoutId: first });
  await runWork(DESK, (work) => saveSchedule(work, { ...change, expectedVersion: 3, priority: 1_000 }));
  expect(await shown()).toMatchObject({ layoutId: second });
  await runWork(DESK, (work) => removeSchedule(work, { ...change, expectedVersion: 4 }));
  expect(await shown()).toMatchObject({ layoutId: first });
});

test('a screen that a schedule means no more shows it no more', async () => {
  const { venueId, deviceId, layoutId, shown } = await aFloor();
  const { id: other } = await aDevice(runWork, { venueId });
  const { id } = await aSchedule(runWork, { venueId, layoutId: await layoutId(), targets: some(deviceId) });
  expect(await shown()).toMatchObject({ causeId: id });
  await runWork(DESK, (work) =>
    saveSchedule(work, { venueId, scheduleId: id, expectedVersion: 1, targets: some(other) }),
  );
  expect(await shown()).toBeNull();
});

test('a venue’s own clock counts, through the hour that its clocks skip', async () => {
  const { venueId, layoutId, shown } = await aFloor();
  // Sunday, 00:30 in Vienna; at 02:00 it is 03:00.
  const from = Date.parse('2027-03-27T23:30:00Z');
  goTo(from);
  const schedule = { dayparts: [{ from: 150, to: 240 }], days: { ...EVERY_DAY, weekdays: [7] } };
  await aSchedule(runWork, { venueId, layoutId: await layoutId(), ...schedule });
  expect(await shown()).toBeNull();
  goTo(from + 90 * MINUTE_MS);
  await settleAll();
  expect(await shown()).toMatchObject({ cause: 'SCHEDULE' });
  goTo(from + 150 * MINUTE_MS);
  await settleAll();
  expect(await shown()).toBeNull();
});

test('screens are meant by group and by tag as long as they have them, and each goes by its own clock', async () => {
  const { venueId, deviceId, layoutId, shown } = await aFloor();
  const [byGroup, byTag] = [await layoutId(), await layoutId()];
  const group = await runWork(DESK, (work) =>
    createDeviceGroup(work, { venueId, name: 'East', deviceIds: [deviceId] }),
  );
  let version = 1;
  const change = async (care: Omit<UpdateDevice, 'venueId' | 'deviceId' | 'expectedVersion'>) => {
    const input = { venueId, deviceId, expectedVersion: version };
    version = (await runWork(DESK, (work) => updateDevice(work, { ...input, ...care }))).version;
  };
  await aSchedule(runWork, { venueId, layoutId: byGroup, targets: { ...some(), groupIds: [group.id] } });
  expect(await shown()).toMatchObject({ layoutId: byGroup });
  // 12:00 in Vienna is 19:00 in Tokyo.
  const evening = { dayparts: [part(19, 20)], zone: 'DEVICE', priority: 200 } as const;
  await aSchedule(runWork, {
    venueId,
    layoutId: byTag,
    targets: { ...some(), tags: ['bar', 'hall'] },
    ...evening,
  });
  await change({ tags: ['bar'] });
  expect(await shown()).toMatchObject({ layoutId: byGroup });
  await change({ timeZone: 'Asia/Tokyo' });
  expect(await shown()).toMatchObject({ layoutId: byTag });
  await change({ tags: [] });
  expect(await shown()).toMatchObject({ layoutId: byGroup });
  await change({ groupIds: [] });
  expect(await shown()).toBeNull();
  await expect(
    aSchedule(runWork, { venueId, layoutId: byTag, targets: { ...some(), groupIds: [newId()] } }),
  ).rejects.toMatchObject({ code: 'API_002' });
});

test('however many screens and schedules there are, a change asks the database as often', async () => {
  const { venueId, deviceId, layoutId } = await aFloor();
  const layout = await layoutId();
  const save = async () => {
    const before = asked;
    await aSchedule(runWork, { venueId, layoutId: layout, priority: 1_000 });
    return asked - before;
  };
  await aSchedule(runWork, { venueId, layoutId: layout, targets: some(deviceId) });
  const few = await save();
  await sql`insert into device (id, venue_id, device_number, kind, serial_number, name, pairing_code_hash, created_at)
    select gen_random_uuid(), ${venueId}, 'many-' || number, 'SCREEN', 'MANY-' || number, 'Many', sha256('x'), now()
    from generate_series(1, 999) number`.execute(db);
  await sql`insert into schedule (id, venue_id, name, layout_id, priority, is_enabled, everywhere, device_ids, group_ids, tags,
      days, dayparts, zone, created_at, updated_at)
    select gen_random_uuid(), venue_id, name || number, layout_id, number, true, true, '{}', '{}', '{}',
      days, '[{"from": 60, "to": 120}, {"from": 1320, "to": 30}]', zone, created_at, updated_at
    from schedule, generate_series(1, 100) number where venue_id = ${venueId} and name <> 'x' and device_ids <> '{}'`.execute(
    db,
  );
  const started = performance.now();
  // Writing so many events takes a statement more, or two.
  expect(await save()).toBeLessThanOrEqual(few + 2);
  expect(performance.now() - started).toBeLessThan(20_000);
  const { rows } = await sql<{ shown: number }>`select count(*)::int as shown from device_display
    where venue_id = ${venueId} and desired_layout_id = ${layout}`.execute(db);
  expect(rows).toEqual([{ shown: 1_000 }]);
});

test('a condition that turns is kept, and asked of what the jackpot stands at now', async () => {
  const { venueId, layoutId, shown } = await aFloor();
  const jackpot = await runWork(DESK, (work) =>
    configureJackpot(work, {
      venueId,
      jackpotId: null,
      expectedVersion: null,
      name: 'Mystery',
      group: 1,
      level: 1,
      resetCents: 100n,
    }),
  );
  const set = (cents: bigint, expectedVersion: number) =>
    runWork(DESK, (work) =>
      configureJackpot(work, { venueId, jackpotId: jackpot.id, expectedVersion, cents }),
    );
  const turn = () => runWork(DESK, (work) => turnConditions(work, venueId, { jackpotId: jackpot.id }));
  const condition = { kind: 'JACKPOT', jackpotId: jackpot.id, test: 'AT_LEAST', cents: 500n } as const;
  const made = await aSchedule(runWork, { venueId, layoutId: await layoutId(), condition });
  expect(made.conditionState).toMatchObject({ holds: false });
  expect(await shown()).toBeNull();
  await set(500n, 1);
  // The event of a change before that comes late.
  await turn();
  expect(await shown()).toMatchObject({ causeId: made.id });
  await set(499n, 2);
  await turn();
  await turn();
  expect(await shown()).toBeNull();
  const below = { ...condition, test: 'BELOW' } as const;
  const changed = await runWork(DESK, (work) =>
    saveSchedule(work, { venueId, scheduleId: made.id, expectedVersion: 1, condition: below }),
  );
  expect(changed.conditionState).toMatchObject({ holds: true });
  expect(await shown()).toMatchObject({ causeId: made.id });
});

test('a takeover goes before every schedule, until its time is over, and each screen’s word is kept', async () => {
  const { venueId, deviceId, layoutId, shown, push } = await aFloor();
  const [usual, alarm, drill] = [await layoutId(), await layoutId(), await layoutId()];
  await push(usual);
  await aSchedule(runWork, { venueId, layoutId: usual, priority: 1_000 });
  const start = (layout: string, endsAt: Date | null) =>
    runWork(DESK, (work) =>
      startTakeover(work, { venueId, layoutId: layout, targets: EVERYWHERE, reason: 'Fire', endsAt }),
    );
  const first = await start(alarm, null);
  expect(await shown()).toMatchObject({ layoutId: alarm, cause: 'TAKEOVER', causeId: first.id });
  const version = async () => (await findDisplays(db, venueId, [deviceId]))[0]?.version ?? 0n;
  const given = await version();
  const say = (said: bigint, failure: string | null) =>
    runWork(DESK, ({ tx, now }) => keepReceipts(tx, [{ deviceId, version: said, failure }], { at: now }));
  const receipt = async (takeoverId: string) => {
    const range = { after: null, before: null, limit: 10, backward: false };
    return (await listReceipts(db, takeoverId, { isShown: null, range }))[0];
  };
  await say(given - 1n, null);
  expect(await receipt(first.id)).toMatchObject({ shownAt: null });
  await say(given, 'no space left');
  expect(await receipt(first.id)).toMatchObject({ shownAt: null, failure: 'no space left' });

  goTo(NOON + MINUTE_MS);
  const second = await start(drill, new Date(NOON + 5 * MINUTE_MS));
  expect(await shown()).toMatchObject({ layoutId: drill, causeId: second.id });
  await say(await version(), null);
  expect(await receipt(second.id)).toMatchObject({ shownAt: expect.any(Date), failure: null });
  // It was told of the first one before, and says so late.
  await say(given, null);
  expect(await receipt(first.id)).toMatchObject({ shownAt: expect.any(Date), failure: null });

  expect(await runWork(DESK, endOverdue)).toBe(false);
  goTo(NOON + 5 * MINUTE_MS);
  expect(await runWork(DESK, endOverdue)).toBe(true);
  expect(await shown()).toMatchObject({ causeId: first.id });
  const ended = await runWork(DESK, (work) => endTakeover(work, { venueId, takeoverId: first.id }));
  expect(await shown()).toMatchObject({ layoutId: usual, cause: 'SCHEDULE' });
  goTo(NOON + 6 * MINUTE_MS);
  const again = await runWork(DESK, (work) => endTakeover(work, { venueId, takeoverId: first.id }));
  expect(again.endedAt).toEqual(ended.endedAt);
});

test('a late word about a drill says nothing of the alarm that the screen is to show again', async () => {
  const { venueId, deviceId, layoutId } = await aFloor();
  const version = async () => (await findDisplays(db, venueId, [deviceId]))[0]?.version ?? 0n;
  const start = async (reason: string) => {
    const layout = { venueId, layoutId: await layoutId(), targets: EVERYWHERE, reason, endsAt: null };
    return await runWork(DESK, (work) => startTakeover(work, layout));
  };
  const say = (said: bigint) =>
    runWork(DESK, ({ tx, now }) =>
      keepReceipts(tx, [{ deviceId, version: said, failure: null }], { at: now }),
    );
  const isShown = async (takeoverId: string) => {
    const range = { after: null, before: null, limit: 10, backward: false };
    const [receipt] = await listReceipts(db, takeoverId, { isShown: null, range });
    return receipt?.shownAt instanceof Date;
  };
  const alarm = await start('Fire');
  goTo(NOON + MINUTE_MS);
  const drill = await start('A drill');
  const drilled = await version();
  await runWork(DESK, (work) => endTakeover(work, { venueId, takeoverId: drill.id }));
  await say(drilled);
  expect([await isShown(drill.id), await isShown(alarm.id)]).toEqual([true, false]);
  await say(await version());
  expect(await isShown(alarm.id)).toBe(true);
});

test('a late word about an earlier version of a takeover takes back nothing that was said of a newer one', async () => {
  const { venueId, deviceId, layoutId } = await aFloor();
  const version = async () => (await findDisplays(db, venueId, [deviceId]))[0]?.version ?? 0n;
  const start = async (reason: string) => {
    const layout = { venueId, layoutId: await layoutId(), targets: EVERYWHERE, reason, endsAt: null };
    return await runWork(DESK, (work) => startTakeover(work, layout));
  };
  const actor: DeviceActor = { kind: 'device', deviceId, venueId, sessionId: newId() };
  const say = (displayVersion: bigint, failure: string | null) =>
    runWork(DESK, (work) =>
      reportApplied(work, [{ author: { actor, origin: null }, displayVersion, failure }]),
    );
  const alarm = await start('Fire');
  const first = await version();
  const receipt = async () => {
    const range = { after: null, before: null, limit: 10, backward: false };
    return (await listReceipts(db, alarm.id, { isShown: null, range }))[0];
  };
  goTo(NOON + MINUTE_MS);
  const drill = await start('A drill');
  await runWork(DESK, (work) => endTakeover(work, { venueId, takeoverId: drill.id }));
  const again = await version();
  await say(again, 'no sun');
  await say(first, 'no space left');
  expect(await receipt()).toMatchObject({ shownAt: null, failure: 'no sun', failedAt: expect.any(Date) });
  await say(first, null);
  expect(await receipt()).toMatchObject({ shownAt: expect.any(Date), failure: 'no sun' });
  await say(again, null);
  expect(await receipt()).toMatchObject({ failure: null, failedAt: null });
  await say(first, 'no space left');
  expect(await receipt()).toMatchObject({ failure: null, failedAt: null });
  await runWork(DESK, (work) => endTakeover(work, { venueId, takeoverId: alarm.id }));
  await say(first, 'no space left');
  expect(await receipt()).toMatchObject({ failure: null, failedAt: null });
});

test('a takeover of a group or a tag takes the screens that join it, and keeps those that leave', async () => {
  const { venueId, layoutId, deviceId } = await aFloor();
  const { id: other } = await aDevice(runWork, { venueId });
  const group = await runWork(DESK, (work) =>
    createDeviceGroup(work, { venueId, name: 'West', deviceIds: [deviceId] }),
  );
  const [usual, alarm] = [await layoutId(), await layoutId()];
  await aSchedule(runWork, { venueId, layoutId: usual, targets: EVERYWHERE });
  const versions = new Map([
    [deviceId, 1],
    [other, 1],
  ]);
  const change = async (id: string, care: Pick<UpdateDevice, 'groupIds' | 'tags'>) => {
    const input = { venueId, deviceId: id, expectedVersion: versions.get(id) ?? 1 };
    const { version } = await runWork(DESK, (work) => updateDevice(work, { ...input, ...care }));
    versions.set(id, version);
    // As the reactor does of the event.
    await runWork(DESK, (work) => joinTakeovers(work, venueId, id));
  };
  const shownBy = async (id: string) => (await findDisplays(db, venueId, [id]))[0]?.desired;
  const targets = { ...some(), groupIds: [group.id], tags: ['exit'] };
  const takeover = await runWork(DESK, (work) =>
    startTakeover(work, { venueId, layoutId: alarm, targets, reason: 'Smoke', endsAt: null }),
  );
  const end = () => runWork(DESK, (work) => endTakeover(work, { venueId, takeoverId: takeover.id }));
  expect(await shownBy(deviceId)).toMatchObject({ layoutId: alarm, causeId: takeover.id });
  expect(await shownBy(other)).toMatchObject({ layoutId: usual });

  await change(other, { tags: ['bar'] });
  expect(await shownBy(other)).toMatchObject({ layoutId: usual });
  await change(other, { tags: ['bar', 'exit'] });
  expect(await shownBy(other)).toMatchObject({ layoutId: alarm, causeId: takeover.id });
  const { id: third } = await aDevice(runWork, { venueId });
  await change(third, { groupIds: [group.id] });
  expect(await shownBy(third)).toMatchObject({ layoutId: alarm, causeId: takeover.id });

  await change(other, { tags: [] });
  expect(await shownBy(other)).toMatchObject({ layoutId: alarm });
  await end();
  for (const id of [deviceId, other, third]) expect(await shownBy(id)).toMatchObject({ layoutId: usual });
  // One that is over takes none in.
  await change(other, { tags: ['exit'] });
  expect(await shownBy(other)).toMatchObject({ layoutId: usual });
});

test('a layout that a schedule or a takeover names is not deleted, unless another takes its place', async () => {
  const { venueId, layoutId, shown } = await aFloor();
  const [usual, instead] = [await layoutId(), await layoutId()];
  const schedule = await aSchedule(runWork, { venueId, layoutId: usual, isEnabled: false });
  const takeover = await runWork(DESK, (work) =>
    startTakeover(work, { venueId, layoutId: usual, targets: EVERYWHERE, reason: 'Fire', endsAt: null }),
  );
  const remove = (replaceWithLayoutId: string | null) =>
    runWork(DESK, (work) =>
      deleteLayout(work, { venueId, layoutId: usual, expectedVersion: 1, replaceWithLayoutId }),
    );
  await expect(remove(null)).rejects.toMatchObject({
    name: 'LayoutInUseError',
    devices: 1,
    scheduleIds: [schedule.id],
    takeoverIds: [takeover.id],
  });
  await remove(instead);
  expect(await shown()).toMatchObject({ layoutId: instead, cause: 'TAKEOVER' });
  expect(await findSchedulesByIds(db, venueId, [schedule.id])).toMatchObject([
    { layoutId: instead, version: 2 },
  ]);
});

test('what cannot be is refused', async () => {
  const { venueId, deviceId, layoutId } = await aFloor();
  const layout = await layoutId();
  const elsewhere = await aVenue(runWork);
  const { id: foreign } = await aDevice(runWork, { venueId: elsewhere.id });
  const { id: gate } = await aDevice(runWork, { venueId, kind: 'GATE' });
  const save = (terms: object) => aSchedule(runWork, { venueId, layoutId: layout, ...terms });
  await expect(save({ targets: some(foreign) })).rejects.toMatchObject({ code: 'API_002' });
  await expect(save({ targets: some(gate) })).rejects.toMatchObject({ code: 'API_002' });
  await expect(save({ targets: some() })).rejects.toMatchObject({ code: 'API_001' });
  await expect(save({ targets: { ...some(deviceId), everywhere: true } })).rejects.toMatchObject({
    code: 'API_001',
  });
  await expect(save({ layoutId: newId() })).rejects.toMatchObject({ code: 'API_002' });
  await expect(
    save({ layoutId: (await aPublishedLayout(runWork, { venueId: elsewhere.id })).id }),
  ).rejects.toMatchObject({
    code: 'API_002',
  });
  for (const days of [
    { from: '2026-07-02', until: '2026-07-01' },
    { everyWeeks: 2 },
    { monthDays: [0] },
    { until: '2032-01-01' },
  ])
    await expect(save({ days: { ...EVERY_DAY, ...days } })).rejects.toMatchObject({ code: 'API_001' });
  for (const rule of [{ priority: 1_001 }, { name: ' ' }, { dayparts: [{ from: 1_440, to: 60 }] }])
    await expect(save(rule)).rejects.toMatchObject({ code: 'API_001' });
  const draft = await aDraft(runWork, { venueId });
  await expect(save({ layoutId: draft.id })).rejects.toMatchObject({ name: 'LayoutNotPublishedError' });
});
