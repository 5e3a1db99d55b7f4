import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { makeOpaqueToken } from '../../src/auth/opaque-token.ts';
import { type Actor, type DeviceActor, system } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import type { Deployment, UpdateReport } from '../../src/signage/deployment.ts';
import {
  deployFirmware,
  failSilent,
  type ReportProgress,
  reportProgress,
} from '../../src/signage/deployment-service.ts';
import { findVisibleDeployments } from '../../src/signage/deployment-sight.ts';
import { findDeploymentsByIds } from '../../src/signage/deployment-store.ts';
import { registerDevice, removeDevice, updateDevice } from '../../src/signage/device-service.ts';
import type { Firmware } from '../../src/signage/firmware.ts';
import { findVisibleFirmware, uploadFirmware } from '../../src/signage/firmware-service.ts';
import { listUpdates } from '../../src/signage/firmware-update-store.ts';
import { UPLOAD_MARK } from '../../src/signage/stored-file.ts';
import { stageUpload } from '../../src/signage/upload-service.ts';
import { createRunWork } from '../../src/work.ts';
import { aBooking, aResource, aSlot } from '../support/booking.ts';
import { aDevice, anActor, aUser, aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { aDeviceGroup } from '../support/device.ts';
import { aDeployment, aFirmware, aFirmwareFile } from '../support/firmware.ts';

/** How firmware comes to devices, and who may send it. */

const { floor } = await cloneDatabase();
const { db } = floor;
/** Null: as late as it is. */
let nowAt: Date | null = null;
const runWork = createRunWork({
  db,
  onEvents: () => {},
  clockShiftMs: () => (nowAt === null ? 0 : nowAt.getTime() - Date.now()),
});
const { id: venueId } = await aVenue(runWork);
const TEST = system('test');
const now = () => nowAt ?? new Date();

async function at<T>(time: Date, does: () => Promise<T>): Promise<T> {
  nowAt = time;
  try {
    return await does();
  } finally {
    nowAt = null;
  }
}

const aBoard = async (): Promise<string> => (await aDevice(runWork, { venueId, kind: 'LAB_BOARD' })).id;
const boards = (count: number) => Promise.all(Array.from({ length: count }, aBoard));
const as = (deviceId: string): DeviceActor => ({ kind: 'device', deviceId, venueId, sessionId: newId() });

const say = (
  { id: deploymentId }: Pick<Deployment, 'id'>,
  deviceId: string,
  state: UpdateReport,
  given: Partial<ReportProgress> = {},
) =>
  runWork(as(deviceId), (work) =>
    reportProgress(work, as(deviceId), {
      deploymentId,
      state,
      percent: null,
      failure: state === 'FAILED' ? 'OTHER' : null,
      message: null,
      sha256: null,
      ...given,
    }),
  );
async function statesOf({ id: deploymentId }: Pick<Deployment, 'id'>, deviceIds: readonly string[]) {
  const range = { after: null, before: null, limit: 1_000, backward: false };
  const updates = await listUpdates(db, venueId, { of: { deploymentId, deviceIds: null }, range });
  return deviceIds.map((id) => updates.find(({ deviceId }) => deviceId === id)?.state);
}
const aDeploymentBy = (
  actor: Actor,
  { firmwareId, deviceId }: { readonly firmwareId: string; readonly deviceId: string },
) =>
  runWork(actor, (work) =>
    deployFirmware(work, {
      venueId,
      firmwareId,
      to: { deviceIds: [deviceId] },
      batchSize: 1,
      maxFailures: 0,
      timeoutSeconds: 60,
    }),
  );
const standing = async ({ id }: Deployment) => (await findDeploymentsByIds(db, venueId, [id]))[0];
async function eventsOf({ id }: Pick<Deployment, 'id'>): Promise<readonly string[]> {
  const { rows } = await sql<{ said: string }>`
    select concat_ws(' ', substr(type, length('signage.') + 1), payload ->> 'state', payload ->> 'failure') as said
    from outbox where payload ->> 'deploymentId' = ${id} order by id`.execute(db);
  return rows.map(({ said }) => said);
}

test('the next batch is offered it when each device of the one before is through', async () => {
  const [a = '', b = '', c = ''] = await boards(3);
  const { id: firmwareId } = await aFirmware(runWork, { venueId });
  const deviceIds = [a, b, c];
  const deployment = await aDeployment(runWork, { venueId, firmwareId, deviceIds, batchSize: 2 });
  expect(await statesOf(deployment, deviceIds)).toEqual(['OFFERED', 'OFFERED', 'PENDING']);

  for (const state of ['DOWNLOADING', 'VERIFYING', 'INSTALLING', 'UP_TO_DATE'] as const)
    await say(deployment, a, state);
  expect(await statesOf(deployment, deviceIds)).toEqual(['UP_TO_DATE', 'OFFERED', 'PENDING']);
  await say(deployment, b, 'UP_TO_DATE');
  expect(await statesOf(deployment, deviceIds)).toEqual(['UP_TO_DATE', 'UP_TO_DATE', 'OFFERED']);
  expect(await standing(deployment)).toMatchObject({ state: 'RUNNING', finishedAt: null });
  await say(deployment, c, 'UP_TO_DATE');
  expect(await standing(deployment)).toMatchObject({ state: 'FINISHED', finishedAt: expect.any(Date) });
  expect(await eventsOf(deployment)).toEqual([
    'deployment-started',
    'firmware-offered',
    'firmware-offered',
    'firmware-progressed DOWNLOADING',
    'firmware-progressed VERIFYING',
    'firmware-progressed INSTALLING',
    'firmware-progressed UP_TO_DATE',
    'firmware-progressed UP_TO_DATE',
    'firmware-offered',
    'firmware-progressed UP_TO_DATE',
    'deployment-finished FINISHED',
  ]);
});

test('with more failures than are allowed nothing more is offered, and who has begun goes on to the end', async () => {
  const [a = '', b = '', c = '', d = ''] = await boards(4);
  const deviceIds = [a, b, c, d];
  const { id: firmwareId } = await aFirmware(runWork, { venueId });
  const deployment = await aDeployment(runWork, {
    venueId,
    firmwareId,
    deviceIds,
    batchSize: 3,
    maxFailures: 1,
  });
  await say(deployment, a, 'FAILED');
  expect(await standing(deployment)).toMatchObject({ state: 'RUNNING' });
  await say(deployment, b, 'DOWNLOADING');
  await say(deployment, c, 'FAILED');
  expect(await statesOf(deployment, deviceIds)).toEqual(['FAILED', 'DOWNLOADING', 'FAILED', 'CANCELLED']);
  expect(await standing(deployment)).toMatchObject({ state: 'STOPPED', finishedAt: null });
  await expect(say(deployment, d, 'DOWNLOADING')).rejects.toMatchObject({ name: 'UpdateEndedError' });
  await say(deployment, b, 'UP_TO_DATE');
  expect(await standing(deployment)).toMatchObject({ state: 'STOPPED', finishedAt: expect.any(Date) });
  expect((await eventsOf(deployment)).at(-1)).toBe('deployment-finished STOPPED');
});

test('what a device said before it may say again, and nothing it says leads back', async () => {
  const deviceId = await aBoard();
  const { id: firmwareId } = await aFirmware(runWork, { venueId });
  const deployment = await aDeployment(runWork, { venueId, firmwareId, deviceIds: [deviceId] });
  await say(deployment, deviceId, 'DOWNLOADING', { percent: 40 });
  await say(deployment, deviceId, 'DOWNLOADING', { percent: 40 });
  await say(deployment, deviceId, 'DOWNLOADING', { percent: 10 });
  const further = await say(deployment, deviceId, 'DOWNLOADING', { percent: 80 });
  expect(further).toMatchObject({ state: 'DOWNLOADING', percent: 80 });
  const verified = await say(deployment, deviceId, 'VERIFYING');
  expect(verified).toMatchObject({ state: 'VERIFYING', percent: null });
  expect(await say(deployment, deviceId, 'DOWNLOADING', { percent: 90 })).toEqual(verified);
  const done = await say(deployment, deviceId, 'UP_TO_DATE');
  expect(await say(deployment, deviceId, 'UP_TO_DATE')).toEqual(done);
  expect(await say(deployment, deviceId, 'INSTALLING')).toEqual(done);
  await expect(say(deployment, deviceId, 'FAILED')).rejects.toMatchObject({ name: 'UpdateEndedError' });
  expect((await eventsOf(deployment)).filter((said) => said.startsWith('firmware-progressed'))).toEqual([
    'firmware-progressed DOWNLOADING',
    'firmware-progressed DOWNLOADING',
    'firmware-progressed VERIFYING',
    'firmware-progressed UP_TO_DATE',
  ]);
});

test('a download with another checksum has failed, whatever the device makes of it', async () => {
  const [right = '', wrong = ''] = await boards(2);
  const { id: firmwareId, file } = await aFirmware(runWork, { venueId });
  const deployment = await aDeployment(runWork, { venueId, firmwareId, deviceIds: [right, wrong] });
  const sha256 = file.sha256.toString('hex').toUpperCase();
  expect(await say(deployment, right, 'INSTALLING', { sha256 })).toMatchObject({ state: 'INSTALLING' });
  expect(await say(deployment, wrong, 'INSTALLING', { sha256: '00'.repeat(32) })).toMatchObject({
    state: 'FAILED',
    failure: 'CHECKSUM_MISMATCH',
  });
});

test.each<[string, UpdateReport, Partial<ReportProgress>]>([
  ['a failure without a reason', 'FAILED', { failure: null }],
  ['a reason without a failure', 'INSTALLING', { failure: 'OTHER' }],
  ['that it was silent', 'FAILED', { failure: 'TIMED_OUT' }],
  ['more than all', 'DOWNLOADING', { percent: 101 }],
  ['a short checksum', 'VERIFYING', { sha256: 'ab' }],
])('a device cannot say %s', async (_what, state, given) => {
  const deviceId = await aBoard();
  const { id: firmwareId } = await aFirmware(runWork, { venueId });
  const deployment = await aDeployment(runWork, { venueId, firmwareId, deviceIds: [deviceId] });
  await expect(say(deployment, deviceId, state, given)).rejects.toMatchObject({ name: 'ValidationError' });
  expect(await statesOf(deployment, [deviceId])).toEqual(['OFFERED']);
});

test('a device that was offered it and is silent for too long has failed, and the others go on', async () => {
  const [silent = '', next = ''] = await boards(2);
  const { id: firmwareId } = await aFirmware(runWork, { venueId });
  const deployment = await aDeployment(runWork, {
    venueId,
    firmwareId,
    deviceIds: [silent, next],
    batchSize: 1,
    maxFailures: 1,
    timeoutSeconds: 60,
  });
  const late = new Date(deployment.createdAt.getTime() + 61_000);
  await at(late, () => runWork(TEST, (work) => failSilent(work, { limit: 100 })));
  expect(await statesOf(deployment, [silent, next])).toEqual(['FAILED', 'OFFERED']);
  expect(await eventsOf(deployment)).toContain('firmware-progressed FAILED TIMED_OUT');
});

test('a device that says again and again how far it is, and is no further, is not silent', async () => {
  const board = await aBoard();
  const { id: firmwareId } = await aFirmware(runWork, { venueId });
  const given = { venueId, firmwareId, deviceIds: [board], timeoutSeconds: 60 };
  const deployment = await aDeployment(runWork, given);
  const startMs = Date.now();
  const later = (seconds: number) => new Date(startMs + seconds * 1_000);
  await at(later(40), () => say(deployment, board, 'INSTALLING'));
  await at(later(80), () => say(deployment, board, 'INSTALLING'));
  await at(later(120), () => runWork(TEST, (work) => failSilent(work, { limit: 10 })));
  expect(await statesOf(deployment, [board])).toEqual(['INSTALLING']);
  expect((await eventsOf(deployment)).filter((said) => said.includes('INSTALLING'))).toHaveLength(1);
  // What it said before and somebody sent late is a word of it, too.
  await at(later(130), () => say(deployment, board, 'DOWNLOADING'));
  await at(later(170), () => runWork(TEST, (work) => failSilent(work, { limit: 10 })));
  expect(await statesOf(deployment, [board])).toEqual(['INSTALLING']);
  await at(later(200), () => runWork(TEST, (work) => failSilent(work, { limit: 10 })));
  expect(await statesOf(deployment, [board])).toEqual(['FAILED']);
});

test('of two that give silent devices up at once only one says that it is over', async () => {
  const deviceId = await aBoard();
  const { id: firmwareId } = await aFirmware(runWork, { venueId });
  const deployment = await aDeployment(runWork, {
    venueId,
    firmwareId,
    deviceIds: [deviceId],
    timeoutSeconds: 60,
  });
  const giveUp = () => runWork(TEST, (work) => failSilent(work, { limit: 100 }));
  await at(new Date(deployment.createdAt.getTime() + 61_000), async () => {
    let both: Promise<unknown> = Promise.resolve();
    await db.transaction().execute(async (tx) => {
      await sql`select from deployment where id = ${deployment.id} for update`.execute(tx);
      both = Promise.all([giveUp(), giveUp()]);
      // Each has seen by then that the device is silent.
      await eventually(async () => {
        const { rows } = await sql<{
          waiting: number;
        }>`select count(distinct pid)::int as waiting from pg_locks
          where not granted and pid in (select pid from pg_stat_activity where datname = current_database())`.execute(
          db,
        );
        return rows[0]?.waiting === 2;
      });
    });
    await both;
  });
  expect(await eventsOf(deployment)).toEqual([
    'deployment-started',
    'firmware-offered',
    'firmware-progressed FAILED TIMED_OUT',
    expect.stringMatching(/^deployment-finished/),
  ]);
});

test('of two that give a device firmware at once one is refused, and a device out of use is given none', async () => {
  const deviceId = await aBoard();
  const { id: firmwareId } = await aFirmware(runWork, { venueId });
  const both = await Promise.allSettled(
    [1, 2].map(() => aDeployment(runWork, { venueId, firmwareId, deviceIds: [deviceId] })),
  );
  const refused = both.find((each) => each.status === 'rejected');
  const made = both.find((each) => each.status === 'fulfilled');
  expect(refused?.reason).toMatchObject({ name: 'DeviceUpdatingError', code: 'API_001' });
  if (!made) throw new Error('neither was begun');
  await runWork(TEST, (work) => removeDevice(work, { venueId, deviceId }));
  expect(await statesOf(made.value, [deviceId])).toEqual(['CANCELLED']);
  expect(await standing(made.value)).toMatchObject({ state: 'FINISHED' });
  await expect(aDeployment(runWork, { venueId, firmwareId, deviceIds: [deviceId] })).rejects.toMatchObject({
    code: 'API_002',
  });
});

test('firmware goes to what it is for: a kind, or one device', async () => {
  const board = await aDevice(runWork, { venueId, kind: 'LAB_BOARD' });
  const { id: gate } = await aDevice(runWork, { venueId, kind: 'GATE' });
  const another = await aBoard();
  const forAll = await aFirmware(runWork, { venueId });
  const forOne = await aFirmware(runWork, { venueId, deviceNumber: board.deviceNumber, deviceKind: null });
  expect(forOne).toMatchObject({ deviceKind: 'LAB_BOARD', deviceId: board.id });
  const refuse = async (firmware: Firmware, deviceIds: string[]) =>
    await expect(aDeployment(runWork, { venueId, firmwareId: firmware.id, deviceIds })).rejects.toMatchObject(
      { name: 'ValidationError' },
    );
  await refuse(forAll, [another, gate]);
  await refuse(forOne, [another]);
  await aDeployment(runWork, { venueId, firmwareId: forOne.id, deviceIds: [board.id] });
  const group = await aDeviceGroup(runWork, { venueId, deviceIds: await boards(2) });
  const toGroup = await aDeployment(runWork, {
    venueId,
    firmwareId: forAll.id,
    to: { groupId: group.id },
    deviceIds: [],
  });
  expect((await eventsOf(toGroup)).filter((said) => said === 'firmware-offered')).toHaveLength(2);
});

test('two firmwares for the same devices have different versions', async () => {
  const { deviceNumber } = await aDevice(runWork, { venueId, kind: 'LAB_BOARD' });
  await aFirmware(runWork, { venueId, version: '2.0' });
  await aFirmware(runWork, { venueId, version: '2.0', deviceNumber });
  await aFirmware(runWork, { venueId, version: '2.0', deviceKind: 'GATE' });
  for (const same of [{}, { deviceNumber }])
    await expect(aFirmware(runWork, { venueId, version: '2.0', ...same })).rejects.toMatchObject({
      name: 'FirmwareVersionTakenError',
    });
});

test('who has booked the board may give it firmware from the first second of his slot to the last', async () => {
  const resource = await aResource(runWork, { venueId });
  const { id: userId, ...rest } = await aUser(runWork, { venueId });
  const booker = anActor({ id: userId, ...rest });
  const stranger = anActor(await aUser(runWork, { venueId }));
  const made = makeOpaqueToken('x_');
  const board = await runWork(TEST, (work) =>
    registerDevice(work, {
      venueId,
      deviceNumber: 'board-of-the-hour',
      serialNumber: newId(),
      kind: 'LAB_BOARD',
      name: 'Board',
      resourceId: resource.id,
      pairingCodeHash: made.hash,
    }),
  );
  const slot = await aSlot(runWork, resource);
  const { startsAt, endsAt } = slot.time;
  await aBooking(runWork, { venueId, userId, slot: { resourceId: resource.id, startsAt } });

  const attempt =
    (actor: Actor, deviceNumber: string | null = board.deviceNumber) =>
    async () => {
      const token = await aFirmwareFile(runWork, venueId);
      const upload = {
        venueId,
        token,
        name: 'Mine',
        version: newId(),
        deviceKind: null,
        deviceNumber,
        notes: null,
      };
      return await runWork(actor, (work) => uploadFirmware(work, upload));
    };
  const announce = (actor: Actor) => () =>
    runWork(actor, (work) =>
      stageUpload(work, {
        venueId,
        announced: {
          purpose: 'FIRMWARE',
          fileName: 'mine.bin',
          contentType: 'application/octet-stream',
          byteSize: 4n,
          sha256: Buffer.alloc(32),
        },
        made: makeOpaqueToken(UPLOAD_MARK),
      }),
    );
  const second = (time: Date, seconds: number) => new Date(time.getTime() + seconds * 1_000);

  for (const outside of [second(startsAt, -1), second(endsAt, 1)]) {
    await expect(at(outside, attempt(booker))).rejects.toMatchObject({ code: 'API_002' });
    await expect(at(outside, announce(booker))).rejects.toMatchObject({ code: 'AUTH_004' });
  }
  for (const inside of [second(startsAt, 1), second(endsAt, -1)]) {
    expect(await at(inside, attempt(booker))).toMatchObject({ deviceId: board.id });
    await at(inside, announce(booker));
    await expect(at(inside, attempt(stranger))).rejects.toMatchObject({ code: 'API_002' });
    await expect(at(inside, announce(stranger))).rejects.toMatchObject({ code: 'AUTH_004' });
    await expect(at(inside, attempt(booker, null))).rejects.toMatchObject({ code: 'AUTH_004' });
  }

  // His own firmware he sees for good; to send it he needs the hour.
  const { id: firmwareId } = await at(second(startsAt, 10), attempt(booker));
  const deploy = () => aDeploymentBy(booker, { firmwareId, deviceId: board.id });
  await expect(at(second(startsAt, -1), deploy)).rejects.toMatchObject({ code: 'API_002' });
  await expect(at(second(endsAt, 1), deploy)).rejects.toMatchObject({ code: 'API_002' });
  const { id: deploymentId } = await at(second(endsAt, -1), deploy);
  const seen = (actor: Actor) =>
    findVisibleFirmware({ db, viewer: actor, now: now() }, venueId, [firmwareId]);
  expect(await seen(booker)).toHaveLength(1);
  expect(await seen(as(board.id))).toHaveLength(1);
  expect(await seen(stranger)).toEqual([]);
  expect(await seen(as(await aBoard()))).toEqual([]);
  expect(await findVisibleDeployments({ db, viewer: stranger, now: now() }, venueId, [deploymentId])).toEqual(
    [],
  );

  // Whose it is sees it at any time, and that is all.
  const { version } = await runWork(TEST, (work) =>
    updateDevice(work, {
      venueId,
      deviceId: board.id,
      expectedVersion: board.version,
      ownerId: stranger.userId,
    }),
  );
  expect(version).toBe(board.version + 1);
  await expect(at(second(startsAt, 5), attempt(stranger))).rejects.toMatchObject({ code: 'API_011' });
});

test('who has booked a board has a few uploads on their way, however many the venue may have', async () => {
  const resource = await aResource(runWork, { venueId });
  const { id: userId, ...rest } = await aUser(runWork, { venueId });
  await runWork(TEST, (work) =>
    registerDevice(work, {
      venueId,
      deviceNumber: 'board-of-few',
      serialNumber: newId(),
      kind: 'LAB_BOARD',
      name: 'Board',
      resourceId: resource.id,
      pairingCodeHash: makeOpaqueToken('x_').hash,
    }),
  );
  const { startsAt } = (await aSlot(runWork, resource)).time;
  await aBooking(runWork, { venueId, userId, slot: { resourceId: resource.id, startsAt } });
  const announced = {
    purpose: 'FIRMWARE',
    fileName: 'mine.bin',
    contentType: 'application/octet-stream',
    byteSize: 4n,
    sha256: Buffer.alloc(32),
  } as const;
  const stageBy = (actor: Actor) =>
    runWork(actor, (work) => stageUpload(work, { venueId, announced, made: makeOpaqueToken(UPLOAD_MARK) }));
  await at(startsAt, async () => {
    for (let each = 0; each < 5; each += 1) await stageBy(anActor({ id: userId, ...rest }));
    await expect(stageBy(anActor({ id: userId, ...rest }))).rejects.toMatchObject({
      name: 'ValidationError',
    });
    await stageBy(anActor(await aUser(runWork, { venueId, roles: ['ADMIN'] })));
  });
});
