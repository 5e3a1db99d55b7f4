import { expect, test } from 'vitest';
import { NotFoundError, ValidationError } from '../../src/lib/errors.ts';
import { type SendCommand, sendCommand } from '../../src/signage/command-service.ts';
import { listGroupDevices } from '../../src/signage/device-group-store.ts';
import { removeDevice } from '../../src/signage/device-service.ts';
import { pushToDevices } from '../../src/signage/display-service.ts';
import { findDisplays, lockDisplays } from '../../src/signage/display-store.ts';
import { createRunWork, type Work } from '../../src/work.ts';
import { DESK } from '../support/booking.ts';
import { aDevice, aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { aDeviceGroup } from '../support/device.ts';
import { aDeployment, aFirmware } from '../support/firmware.ts';
import { aGate } from '../support/gate.ts';
import { aPublishedLayout } from '../support/layout.ts';
import { seconds } from '../support/second.ts';

/** What is told to a device in the moment in which it is removed. */

const { floor } = await cloneDatabase();
const { db } = floor;
const runWork = createRunWork({ db, onEvents: () => {} });
const meanwhile = seconds(floor, runWork);
const { id: venueId } = await aVenue(runWork);
const aScreen = async () => (await aDevice(runWork, { venueId })).id;
const removal = (deviceId: string) => (work: Work) => removeDevice(work, { venueId, deviceId });

const aReboot = (to: SendCommand['to']) =>
  runWork(DESK, (work) =>
    sendCommand(work, {
      venueId,
      to,
      kind: 'REBOOT',
      parameters: {},
      expiresAfterSeconds: 60,
      requireOnline: false,
      idempotencyKey: null,
    }),
  );

/** Until so many transactions wait for others. */
const waiting = (count: number) =>
  eventually(async () => {
    const { rows } = await floor.pool.query(
      'select from pg_stat_activity where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0',
    );
    return rows.length >= count;
  });

async function aPush(deviceId: string) {
  const layout = { layoutId: (await aPublishedLayout(runWork, { venueId })).id, revision: 1 };
  return (work: Work) => pushToDevices(work, { venueId, deviceIds: [deviceId] }, layout);
}

test('a screen that shows something and is pushed something else then shows nothing', async () => {
  const deviceId = await aScreen();
  const [first, second] = [await aPush(deviceId), await aPush(deviceId)];
  await runWork(DESK, first);
  const [, pushed] = await meanwhile(removal(deviceId), () => runWork(DESK, second));
  expect(pushed).toEqual([]);
  const [display] = await findDisplays(db, venueId, [deviceId]);
  expect(display).toMatchObject({ pushed: null, desired: null });
});

test.each(['the push', 'the removal'])(
  'nor does one that never showed anything, if %s comes first',
  async (first) => {
    const deviceId = await aScreen();
    const [push, remove] = [await aPush(deviceId), removal(deviceId)];
    if (first === 'the push') await meanwhile(push, () => runWork(DESK, remove));
    else await meanwhile(remove, () => runWork(DESK, push));
    const [display] = await findDisplays(db, venueId, [deviceId]);
    expect(display).toMatchObject({ pushed: null, desired: null });
  },
);

test('nor does one of which a third holds what it shows, when the removal and a push wait for that', async () => {
  const deviceId = await aScreen();
  const [first, second] = [await aPush(deviceId), await aPush(deviceId)];
  await runWork(DESK, first);
  const [isHeld, mayGo] = [aGate(), aGate()];
  const third = runWork(DESK, async ({ tx }) => {
    await lockDisplays(tx, venueId, [deviceId]);
    isHeld.open();
    await mayGo.opened;
  });
  await isHeld.opened;
  const removed = runWork(DESK, removal(deviceId));
  await waiting(1);
  const pushed = runWork(DESK, second);
  await waiting(2);
  mayGo.open();
  await Promise.all([third, removed]);
  expect(await pushed).toEqual([]);
  const [display] = await findDisplays(db, venueId, [deviceId]);
  expect(display).toMatchObject({ pushed: null, desired: null });
});

test('it is given no other firmware, which it could only fail to report', async () => {
  const deviceId = await aScreen();
  const { id: firmwareId } = await aFirmware(runWork, { venueId, deviceKind: 'SCREEN' });
  const deploy = () => aDeployment(runWork, { venueId, firmwareId, deviceIds: [deviceId] });
  await expect(meanwhile(removal(deviceId), deploy)).rejects.toThrow(NotFoundError);
});

test('it is told to do nothing more', async () => {
  const deviceId = await aScreen();
  const send = () => aReboot({ deviceIds: [deviceId] });
  await expect(meanwhile(removal(deviceId), send)).rejects.toThrow(NotFoundError);
});

test('what is meant for its group is told to the others, and to nobody where it was the last', async () => {
  const [gone, stays] = [await aScreen(), await aScreen()];
  const { id: groupId } = await aDeviceGroup(runWork, { venueId, deviceIds: [gone, stays] });
  const [, commands] = await meanwhile(removal(gone), () => aReboot({ groupId }));
  expect(commands.map(({ deviceId }) => deviceId)).toEqual([stays]);
  await expect(meanwhile(removal(stays), () => aReboot({ groupId }))).rejects.toThrow(ValidationError);
});

test('firmware that is meant for its group is given to the others', async () => {
  const [gone, stays] = [await aScreen(), await aScreen()];
  const { id: groupId } = await aDeviceGroup(runWork, { venueId, deviceIds: [gone, stays] });
  const { id: firmwareId } = await aFirmware(runWork, { venueId, deviceKind: 'SCREEN' });
  const deploy = () => aDeployment(runWork, { venueId, firmwareId, deviceIds: [], to: { groupId } });
  const [, { id }] = await meanwhile(removal(gone), deploy);
  const given = await db
    .selectFrom('firmware_update')
    .select('device_id')
    .where('deployment_id', '=', id)
    .execute();
  expect(given).toEqual([{ device_id: stays }]);
});

test('it comes into no group, which could be told nothing from then on', async () => {
  const [gone, stays] = [await aScreen(), await aScreen()];
  const group = (...deviceIds: string[]) => aDeviceGroup(runWork, { venueId, deviceIds });
  await expect(meanwhile(removal(gone), () => group(gone, stays))).rejects.toThrow(NotFoundError);
  const { id } = await group(stays);
  expect(await listGroupDevices(db, venueId, id)).toEqual([stays]);
});
