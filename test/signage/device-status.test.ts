import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { system } from '../../src/lib/actor.ts';
import { NotFoundError } from '../../src/lib/errors.ts';
import { startStatusWatch } from '../../src/signage/device-jobs.ts';
import { removeDevice } from '../../src/signage/device-service.ts';
import { type DeviceHealth, dueAt, parseHealth, statusAfter } from '../../src/signage/device-status.ts';
import { listStatusChanges, pruneStatusChanges } from '../../src/signage/device-status-change-store.ts';
import { judgeSilent } from '../../src/signage/device-status-service.ts';
import { findStandings } from '../../src/signage/device-status-store.ts';
import { createStatusQueue } from '../../src/signage/status-queue.ts';
import { createRunWork } from '../../src/work.ts';
import { aDevice, aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { aReport, NO_HEALTH } from '../support/device.ts';
import { worksAt } from '../support/works-at.ts';

/** What a device is, by what the server hears of it. */

const { floor } = await cloneDatabase();
const { db } = floor;
let shiftMs = 0;
const runWork = createRunWork({ db, onEvents: () => {}, clockShiftMs: () => shiftMs });
const { id: venueId } = await aVenue(runWork);
let nowMs = Date.now();
const atRest = worksAt(runWork, () => nowMs);
const HEARTBEAT_MS = 30_000;
const PAGE = { after: null, before: null, limit: 100, backward: false };

const newDevice = async () => (await aDevice(runWork, { venueId })).id;
const report = (deviceId: string) => aReport(atRest, { venueId, deviceId, heartbeatMs: HEARTBEAT_MS });
const judge = () =>
  atRest(system('test'), (work) => judgeSilent(work, { limit: 100, heartbeatMs: HEARTBEAT_MS }));
const standingOf = async (deviceId: string) =>
  (await findStandings(db, venueId, { deviceIds: [deviceId] }))[0];
const statusOf = async (deviceId: string) => (await standingOf(deviceId))?.status;
const historyOf = async (deviceId: string) =>
  (await listStatusChanges(db, venueId, { deviceId, range: PAGE }))
    .map(({ previousStatus, status }) => `${previousStatus} ${status}`)
    .reverse();
async function eventsOf(deviceId: string): Promise<readonly string[]> {
  const { rows } = await sql<{ change: string }>`
    select payload ->> 'previousStatus' || ' ' || (payload ->> 'status') as change from outbox
    where type = 'signage.device-status-changed' and payload ->> 'deviceId' = ${deviceId} order by id`.execute(
    db,
  );
  return rows.map(({ change }) => change);
}
/** Lets so many seconds pass, and looks whether anybody is missed. */
async function pass(seconds: number): Promise<void> {
  nowMs += seconds * 1_000;
  await judge();
}

test.each([
  [0, 'ONLINE'],
  [44_999, 'ONLINE'],
  [45_000, 'STALE'],
  [74_999, 'STALE'],
  [75_000, 'OFFLINE'],
  [1e9, 'OFFLINE'],
] as const)('a device that reports every 30 s and was silent for %i ms is %s', (silentMs, status) => {
  expect(statusAfter(silentMs, HEARTBEAT_MS)).toBe(status);
});

test('it is looked at again in the very moment in which its silence changes something', () => {
  const seenAt = new Date('2026-01-31T12:00:00Z');
  expect(dueAt('ONLINE', seenAt, HEARTBEAT_MS)).toEqual(new Date('2026-01-31T12:00:45Z'));
  expect(dueAt('STALE', seenAt, HEARTBEAT_MS)).toEqual(new Date('2026-01-31T12:01:15Z'));
  expect(dueAt('OFFLINE', seenAt, HEARTBEAT_MS)).toBeNull();
});

test.each([
  { uptimeSeconds: -1 },
  { freeBytes: -1n },
  { freeBytes: 2n ** 63n },
  { temperatureCelsius: -101 },
  { temperatureCelsius: 201 },
  { softwareVersion: '' },
  { firmwareVersion: '1 0' },
  { softwareVersion: 'v'.repeat(65) },
  { message: 'm'.repeat(501) },
  { message: 'a\u0000b' },
])('a report of %o is refused', (said) => {
  expect(() => parseHealth({ ...NO_HEALTH, ...said })).toThrow(expect.objectContaining({ code: 'API_001' }));
});

test('a device that never reported is OFFLINE since it is registered', async () => {
  const deviceId = await newDevice();
  expect(await standingOf(deviceId)).toMatchObject({
    status: 'OFFLINE',
    seenAt: null,
    version: 0n,
    health: null,
  });
  expect(await historyOf(deviceId)).toEqual([]);
});

test('a device comes with its first report, is STALE with one missed, OFFLINE with two, and each is told once', async () => {
  const deviceId = await newDevice();
  await report(deviceId);
  expect(await statusOf(deviceId)).toBe('ONLINE');
  await pass(44);
  expect(await statusOf(deviceId)).toBe('ONLINE');
  await pass(1);
  expect(await statusOf(deviceId)).toBe('STALE');
  await pass(1);
  await pass(28);
  expect(await statusOf(deviceId)).toBe('STALE');
  await pass(1);
  expect(await statusOf(deviceId)).toBe('OFFLINE');
  await pass(10_000);
  await report(deviceId);
  const changes = ['OFFLINE ONLINE', 'ONLINE STALE', 'STALE OFFLINE', 'OFFLINE ONLINE'];
  expect(await historyOf(deviceId)).toEqual(changes);
  expect(await eventsOf(deviceId)).toEqual(changes);
  expect((await standingOf(deviceId))?.version).toBe(4n);
});

test('who was not looked at for long goes to OFFLINE at once', async () => {
  const deviceId = await newDevice();
  await report(deviceId);
  await pass(3_600);
  expect(await historyOf(deviceId)).toEqual(['OFFLINE ONLINE', 'ONLINE OFFLINE']);
});

test('a report that comes in time changes one row, and tells nobody', async () => {
  const deviceId = await newDevice();
  await report(deviceId);
  const before = await standingOf(deviceId);
  for (let count = 0; count < 5; count += 1) {
    await pass(30);
    await aReport(atRest, { venueId, deviceId, health: { uptimeSeconds: count, freeBytes: 2n ** 40n } });
  }
  const after = await standingOf(deviceId);
  expect(after).toMatchObject({ status: 'ONLINE', since: before?.since, version: 1n });
  expect(after?.health).toMatchObject({ uptimeSeconds: 4, freeBytes: 2n ** 40n });
  expect(after?.seenAt?.getTime()).toBeGreaterThanOrEqual((before?.seenAt?.getTime() ?? 0) + 150_000);
  expect(await eventsOf(deviceId)).toEqual(['OFFLINE ONLINE']);
  expect(await historyOf(deviceId)).toHaveLength(1);
});

test('however many judge and report at once, each change is told once', async () => {
  const devices = await Promise.all(Array.from({ length: 8 }, newDevice));
  await Promise.all(devices.flatMap((deviceId) => [report(deviceId), report(deviceId)]));
  nowMs += 50_000;
  await Promise.allSettled([judge(), judge(), judge(), judge()]);
  for (const deviceId of devices)
    expect(await eventsOf(deviceId)).toEqual(['OFFLINE ONLINE', 'ONLINE STALE']);
  await Promise.allSettled(devices.flatMap((deviceId) => [report(deviceId), judge(), report(deviceId)]));
  for (const deviceId of devices)
    expect(await eventsOf(deviceId)).toEqual(['OFFLINE ONLINE', 'ONLINE STALE', 'STALE ONLINE']);
});

test('with another heartbeat nothing changes but when a device is looked at again', async () => {
  const deviceId = await newDevice();
  await report(deviceId);
  nowMs += 50_000;
  await atRest(system('test'), (work) => judgeSilent(work, { limit: 100, heartbeatMs: 2 * HEARTBEAT_MS }));
  expect(await standingOf(deviceId)).toMatchObject({ status: 'ONLINE', version: 1n });
  expect(await historyOf(deviceId)).toEqual(['OFFLINE ONLINE']);
  await judge();
  expect(await statusOf(deviceId)).toBe('ONLINE');
  await pass(45);
  expect(await statusOf(deviceId)).not.toBe('ONLINE');
});

test('a device that was removed is OFFLINE, and what it reports is refused', async () => {
  const deviceId = await newDevice();
  await report(deviceId);
  await atRest(system('test'), (work) => removeDevice(work, { venueId, deviceId }));
  expect(await eventsOf(deviceId)).toEqual(['OFFLINE ONLINE', 'ONLINE OFFLINE']);
  await expect(report(deviceId)).rejects.toThrow(NotFoundError);
  expect(await standingOf(deviceId)).toBeUndefined();
  expect(await eventsOf(deviceId)).toHaveLength(2);
});

test('what a thousand devices say at once is written together, and what one may not say takes no other with it', async () => {
  const devices = await Promise.all(Array.from({ length: 40 }, newDevice));
  const removed = await newDevice();
  await atRest(system('test'), (work) => removeDevice(work, { venueId, deviceId: removed }));
  let works = 0;
  const queue = createStatusQueue({
    heartbeatMs: HEARTBEAT_MS,
    runWork: (...args) => {
      works += 1;
      return runWork(...args);
    },
  });
  const say = (deviceId: string, health: Partial<DeviceHealth> = {}) =>
    queue.report({ venueId, deviceId, health: { ...NO_HEALTH, ...health } });
  const crowd = Array.from({ length: 25 }, () => devices).flat();
  const outcomes = await Promise.allSettled([
    ...crowd.map((deviceId, at) => say(deviceId, { uptimeSeconds: at })),
    say(removed),
    say(removed, { temperatureCelsius: 1_000 }),
  ]);
  expect(outcomes.slice(0, -2).every(({ status }) => status === 'fulfilled')).toBe(true);
  expect(outcomes.slice(-2)).toMatchObject([
    { status: 'rejected', reason: { code: 'API_002' } },
    { status: 'rejected', reason: { code: 'API_001' } },
  ]);
  expect(works).toBeLessThan(10);
  for (const [at, deviceId] of devices.entries()) {
    expect(await eventsOf(deviceId)).toEqual(['OFFLINE ONLINE']);
    expect((await standingOf(deviceId))?.health?.uptimeSeconds).toBe(24 * 40 + at);
  }
});

test('another venue’s device is none', async () => {
  const other = await aVenue(runWork);
  const deviceId = (await aDevice(runWork, { venueId: other.id })).id;
  await expect(report(deviceId)).rejects.toThrow(NotFoundError);
});

test('changes are forgotten past their time, so many at once', async () => {
  const deviceId = await newDevice();
  await report(deviceId);
  await pass(3_600);
  await report(deviceId);
  const before = new Date(nowMs - 1_800_000);
  const prune = (limit: number) =>
    runWork(system('test'), ({ tx }) => pruneStatusChanges(tx, { before, limit }));
  expect(await prune(1)).toBe(1);
  await prune(10_000);
  expect(await prune(10_000)).toBe(0);
  expect(await historyOf(deviceId)).toEqual(['ONLINE OFFLINE', 'OFFLINE ONLINE']);
});

const WATCH = { heartbeatMs: 2_000 };

/** A device that reported so long ago, and when a watch calls it OFFLINE. */
async function aDeviceHeard(agoMs: number) {
  const deviceId = await newDevice();
  shiftMs -= agoMs;
  await aReport(runWork, { venueId, deviceId, ...WATCH });
  shiftMs += agoMs;
  return {
    calledAway: async () => {
      await eventually(async () => (await statusOf(deviceId)) === 'OFFLINE');
      return performance.now();
    },
  };
}

/** Until one that reports so often counts as silent; less what timers may be early. */
const PATIENCE_MS = 2_999;

test('a server that has just begun to listen waits until it would have heard', async () => {
  const { calledAway } = await aDeviceHeard(60_000);
  const begunAt = performance.now();
  const onError = (error: unknown) => expect.unreachable(String(error));
  await using _watch = startStatusWatch({ runWork, ...WATCH, onError });
  expect((await calledAway()) - begunAt).toBeGreaterThanOrEqual(PATIENCE_MS);
});

test('a server waits anew when its database was away: nobody could have said anything', async () => {
  const { calledAway } = await aDeviceHeard(60_000);
  let isAway = true;
  const failedAt: number[] = [];
  await using _watch = startStatusWatch({
    runWork: async (...args) => {
      if (isAway) throw new Error('away');
      return await runWork(...args);
    },
    ...WATCH,
    onError: () => failedAt.push(performance.now()),
  });
  // For longer than it waits when it begins.
  await eventually(() => Number(failedAt.at(-1)) - Number(failedAt[0]) > PATIENCE_MS);
  isAway = false;
  expect((await calledAway()) - Number(failedAt.at(-1))).toBeGreaterThanOrEqual(PATIENCE_MS);
});

test('a server waits anew when it stood still itself', async () => {
  const first = await aDeviceHeard(60_000);
  const onError = (error: unknown) => expect.unreachable(String(error));
  await using _watch = startStatusWatch({ runWork, ...WATCH, onError });
  await first.calledAway();
  const { calledAway } = await aDeviceHeard(0);
  // Nothing runs meanwhile: it is OFFLINE by then, if anybody could have heard it.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5_100);
  const awokenAt = performance.now();
  expect((await calledAway()) - awokenAt).toBeGreaterThanOrEqual(PATIENCE_MS);
});
