import { sql } from 'kysely';
import { afterAll, expect, test } from 'vitest';
import { openDatabase } from '../../src/db/database.ts';
import { type DeviceActor, system } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import { type CommandReport, type DeviceCommand, parseParameters } from '../../src/signage/command.ts';
import { startCommandDeliveries } from '../../src/signage/command-delivery.ts';
import { acknowledgeCommand, expireOverdue, recordDelivered } from '../../src/signage/command-service.ts';
import { findCommandsByIds, findOpenCommands, pruneCommands } from '../../src/signage/command-store.ts';
import { removeDevice } from '../../src/signage/device-service.ts';
import { createRunWork } from '../../src/work.ts';
import { aDevice, aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { aDeviceCommand } from '../support/device.ts';

/** What devices are told to do, from its beginning to its end. */

const { floor, connection } = await cloneDatabase();
const { db } = floor;
const owner = openDatabase({ connection, poolSize: 1, applicationName: 'owner' });
afterAll(() => owner[Symbol.asyncDispose]());
let shiftMs = 0;
const runWork = createRunWork({ db, onEvents: () => {}, clockShiftMs: () => shiftMs });
const { id: venueId } = await aVenue(runWork);
const TEST = system('test');

async function newDevice(): Promise<DeviceActor> {
  const { id: deviceId } = await aDevice(runWork, { venueId });
  return { kind: 'device', deviceId, venueId, sessionId: newId() };
}
const say = (
  device: DeviceActor,
  { id: commandId }: Pick<DeviceCommand, 'id'>,
  report: CommandReport,
  { message = null, result }: { message?: string | null; result?: unknown } = {},
) => runWork(device, (work) => acknowledgeCommand(work, device, { commandId, report, message, result }));
const now = () => new Date(Date.now() + shiftMs);
const openOf = async ({ deviceId }: DeviceActor) =>
  (await findOpenCommands(db, venueId, { deviceId, now: now() })).map(({ id }) => id);
const stateOf = async ({ id }: DeviceCommand) => (await findCommandsByIds(db, venueId, [id]))[0]?.state;
const expire = () => runWork(TEST, (work) => expireOverdue(work, { limit: 100 }));
async function eventsOf({ id }: DeviceCommand): Promise<readonly string[]> {
  const { rows } = await sql<{ said: string }>`
    select substr(type, length('signage.command-') + 1) || ' ' || (payload ->> 'state') as said from outbox
    where payload ->> 'deviceCommandId' = ${id} order by id`.execute(db);
  return rows.map(({ said }) => said);
}

test.each([
  ['REBOOT', {}],
  ['SCREENSHOT', {}],
  ['RELOAD', {}],
  ['DIAGNOSTICS', {}],
  ['SET_VOLUME', { percent: 0 }],
  ['SET_BRIGHTNESS', { percent: 100 }],
  ['SET_POWER', { isOn: false }],
  ['IDENTIFY', { seconds: 300 }],
  ['CUSTOM', { name: 'open-sesame' }],
  ['CUSTOM', { name: 'a', data: { any: ['thing', null] } }],
] as const)('%s takes %o', (kind, parameters) => {
  expect(parseParameters(kind, parameters)).toEqual(parameters);
});

test.each([
  ['REBOOT', { percent: 1 }],
  ['SET_VOLUME', {}],
  ['SET_VOLUME', { percent: 101 }],
  ['SET_VOLUME', { percent: -1 }],
  ['SET_VOLUME', { percent: 1, seconds: 1 }],
  ['SET_POWER', { percent: 1 }],
  ['IDENTIFY', { seconds: 0 }],
  ['IDENTIFY', { seconds: 301 }],
  ['CUSTOM', { data: 1 }],
  ['CUSTOM', { name: 'Open' }],
  ['CUSTOM', { name: 'a', data: 'x'.repeat(4_095) }],
  ['CUSTOM', { name: 'a', data: ['\u0000'] }],
  ['CUSTOM', { name: 'a', data: { total: 2 ** 60 } }],
] as const)('%s does not take %o', (kind, parameters) => {
  expect(() => parseParameters(kind, parameters)).toThrow(expect.objectContaining({ code: 'API_001' }));
});

test('JSON too deep to be written again is refused, of who tells a device and of the device', async () => {
  const deep = JSON.parse('['.repeat(20_000) + ']'.repeat(20_000));
  const refusal = (field: readonly string[]) => expect.objectContaining({ code: 'API_001', field });
  expect(() => parseParameters('CUSTOM', { name: 'a', data: deep })).toThrow(refusal(['parameters', 'data']));
  const device = await newDevice();
  const command = await aDeviceCommand(runWork, { venueId, deviceId: device.deviceId });
  await expect(say(device, command, 'SUCCEEDED', { result: deep })).rejects.toThrow(refusal(['result']));
});

test('a command is queued, delivered, acknowledged and done, and each step is told once', async () => {
  const device = await newDevice();
  const command = await aDeviceCommand(runWork, { venueId, deviceId: device.deviceId });
  expect(await openOf(device)).toEqual([command.id]);
  await runWork(TEST, (work) => recordDelivered(work, [command.id]));
  await runWork(TEST, (work) => recordDelivered(work, [command.id]));
  // It was sent, and may have been lost on the way.
  expect(await openOf(device)).toEqual([command.id]);
  await say(device, command, 'ACKNOWLEDGED');
  expect(await openOf(device)).toEqual([]);
  const done = await say(device, command, 'SUCCEEDED', { message: ' as you wish ', result: { ms: 12 } });
  expect(done).toMatchObject({ state: 'SUCCEEDED', message: 'as you wish', result: { ms: 12 } });
  expect(done.finishedAt).not.toBeNull();
  expect(await eventsOf(command)).toEqual([
    'queued QUEUED',
    'delivered DELIVERED',
    'acknowledged ACKNOWLEDGED',
    'finished SUCCEEDED',
  ]);
});

test('what a device has said it may say again: the answer is the same, and nobody is told anew', async () => {
  const device = await newDevice();
  const command = await aDeviceCommand(runWork, { venueId, deviceId: device.deviceId });
  const acknowledged = await say(device, command, 'ACKNOWLEDGED');
  expect(await say(device, command, 'ACKNOWLEDGED')).toEqual(acknowledged);
  const failed = await say(device, command, 'FAILED', { message: 'no paper' });
  expect(await say(device, command, 'FAILED', { message: 'no ink' })).toEqual(failed);
  // It comes late: the device has gone on.
  expect(await say(device, command, 'ACKNOWLEDGED')).toEqual(failed);
  await expect(say(device, command, 'SUCCEEDED')).rejects.toMatchObject({ name: 'CommandEndedError' });
  expect(await eventsOf(command)).toEqual(['queued QUEUED', 'acknowledged ACKNOWLEDGED', 'finished FAILED']);
});

test('said many times at once, a command ends once', async () => {
  const device = await newDevice();
  const command = await aDeviceCommand(runWork, { venueId, deviceId: device.deviceId });
  const reports = ['ACKNOWLEDGED', 'SUCCEEDED', 'FAILED', 'SUCCEEDED', 'ACKNOWLEDGED', 'FAILED'] as const;
  const outcomes = await Promise.allSettled(reports.map((report) => say(device, command, report)));
  for (const outcome of outcomes)
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ name: 'CommandEndedError' });
  const events = await eventsOf(command);
  expect(events.filter((event) => event.startsWith('finished'))).toHaveLength(1);
  expect(await stateOf(command)).toBe(events.at(-1)?.split(' ')[1]);
});

test('a device says nothing of another’s command, and there is none of another venue', async () => {
  const [mine, another] = [await newDevice(), await newDevice()];
  const command = await aDeviceCommand(runWork, { venueId, deviceId: mine.deviceId });
  await expect(say(another, command, 'SUCCEEDED')).rejects.toMatchObject({ code: 'API_002' });
  const elsewhere = { ...mine, venueId: (await aVenue(runWork)).id };
  await expect(say(elsewhere, command, 'SUCCEEDED')).rejects.toMatchObject({ code: 'API_002' });
  expect(await stateOf(command)).toBe('QUEUED');
});

test('what is not done in time expires, wherever it stands, and is not shown to the device any more', async () => {
  const device = await newDevice();
  const { deviceId } = device;
  const short = { venueId, deviceId, expiresAfterSeconds: 10 };
  const queued = await aDeviceCommand(runWork, short);
  const acknowledged = await aDeviceCommand(runWork, short);
  const done = await aDeviceCommand(runWork, short);
  const long = await aDeviceCommand(runWork, { ...short, expiresAfterSeconds: 60 });
  await say(device, acknowledged, 'ACKNOWLEDGED');
  await say(device, done, 'SUCCEEDED');
  shiftMs += 10_001;
  expect(await openOf(device)).toEqual([long.id]);
  // Whoever is faster: it is too late.
  await expect(say(device, queued, 'SUCCEEDED')).rejects.toMatchObject({ name: 'CommandEndedError' });
  await Promise.allSettled([expire(), expire(), expire()]);
  for (const command of [queued, acknowledged]) {
    expect(await stateOf(command)).toBe('EXPIRED');
    expect((await eventsOf(command)).filter((event) => event === 'finished EXPIRED')).toHaveLength(1);
    await expect(say(device, command, 'SUCCEEDED')).rejects.toMatchObject({ code: 'API_001' });
  }
  expect(await stateOf(done)).toBe('SUCCEEDED');
  expect(await stateOf(long)).toBe('QUEUED');
});

test('what a device has not done when it is removed expires', async () => {
  const device = await newDevice();
  const { deviceId } = device;
  const [waiting, done] = [
    await aDeviceCommand(runWork, { venueId, deviceId }),
    await aDeviceCommand(runWork, { venueId, deviceId }),
  ];
  await say(device, done, 'SUCCEEDED');
  await runWork(TEST, (work) => removeDevice(work, { venueId, deviceId }));
  expect(await stateOf(waiting)).toBe('EXPIRED');
  expect(await stateOf(done)).toBe('SUCCEEDED');
  await expect(aDeviceCommand(runWork, { venueId, deviceId })).rejects.toMatchObject({ code: 'API_002' });
});

test.each([
  ['SUCCEEDED', 'FAILED'],
  ['SUCCEEDED', 'QUEUED'],
  ['ACKNOWLEDGED', 'QUEUED'],
  ['ACKNOWLEDGED', 'DELIVERED'],
] as const)('the database lets no command go from %s to %s', async (from, to) => {
  const device = await newDevice();
  const command = await aDeviceCommand(runWork, { venueId, deviceId: device.deviceId });
  await say(device, command, from);
  const step = sql`update device_command set state = ${to}, delivered_at = now(), acknowledged_at = now(),
    finished_at = case when ${to} in ('FAILED', 'EXPIRED') then now() end where id = ${command.id}`;
  await expect(step.execute(owner.db)).rejects.toMatchObject({ constraint: 'device_command_step' });
});

test('what was sent is noted together, and what could not be written is tried again', async () => {
  const device = await newDevice();
  const commands = await Promise.all(
    Array.from({ length: 20 }, () => aDeviceCommand(runWork, { venueId, deviceId: device.deviceId })),
  );
  let works = 0;
  const failures: unknown[] = [];
  await using deliveries = startCommandDeliveries({
    runWork: (...args) => {
      works += 1;
      return works === 1 ? Promise.reject(new Error('not now')) : runWork(...args);
    },
    onError: (error) => failures.push(error),
  });
  for (const { id } of commands) deliveries.delivered(id);
  const states = () => Promise.all(commands.map(stateOf));
  await eventually(async () => (await states()).every((state) => state === 'DELIVERED'));
  expect(failures).toHaveLength(1);
  expect(works).toBeLessThan(5);
  for (const command of commands)
    expect(await eventsOf(command)).toEqual(['queued QUEUED', 'delivered DELIVERED']);
});

test('what ended long ago is forgotten, and what is open is not', async () => {
  const device = await newDevice();
  const [open, done] = [
    await aDeviceCommand(runWork, { venueId, deviceId: device.deviceId }),
    await aDeviceCommand(runWork, { venueId, deviceId: device.deviceId }),
  ];
  await say(device, done, 'SUCCEEDED');
  const before = new Date(now().getTime() + 60_000);
  await runWork(TEST, ({ tx }) => pruneCommands(tx, { before, limit: 10_000 }));
  expect(await stateOf(done)).toBeUndefined();
  expect(await stateOf(open)).toBe('QUEUED');
});

test('at most 500 commands wait for a device, until one of them is done', async () => {
  const device = await newDevice();
  const send = () => aDeviceCommand(runWork, { venueId, deviceId: device.deviceId });
  const first = await send();
  await sql`
    insert into device_command (id, venue_id, device_id, kind, parameters, queued_at, queued_by, expires_at)
    select gen_random_uuid(), venue_id, device_id, kind, parameters, queued_at, queued_by, expires_at
    from device_command, generate_series(1, 499) where id = ${first.id}`.execute(db);
  await expect(send()).rejects.toMatchObject({ code: 'API_001' });
  await say(device, first, 'SUCCEEDED');
  expect(await stateOf(await send())).toBe('QUEUED');
});
