import { expect, test } from 'vitest';
import { withCrc } from '../../src/sas/codec/crc.ts';
import { createRunWork, type RunWork } from '../../src/work.ts';
import { listContradictions } from '../support/aft.ts';
import { aMachine, aPlace, creditsOf } from '../support/aft-place.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** What comes of a transfer whose machine goes away and comes back, or does not. */

const [TRANSFER, INTERROGATE, NOT_NOW] = [0x72, 0xff, 0x87];
/** By which meters are asked for. */
const METERS: readonly number[] = [0x1c, 0x2f, 0x6f, 0xaf];
const STATUS_AT = 4;
const WAIT = { deadlineMs: 60_000 };

const { floor } = await cloneDatabase();
const { db } = floor;
const runWork = createRunWork({ db, onEvents: () => {} });
const floorOf = { db, runWork, folder: await temporaryFolder() };

test('an order that waits for a machine to be asked what became of it is not taken for one that never was', {
  timeout: 120_000,
}, async () => {
  const egm = aMachine({});
  let isSent = () => {};
  const sent = new Promise<void>((resolve) => {
    isSent = resolve;
  });
  let goesOn = () => {};
  const asked = new Promise<void>((resolve) => {
    goesOn = resolve;
  });
  // The commit of what is about to be sent takes as long as the machine is away.
  const slow: RunWork = async (actor, task, origin) => {
    let isSending = false;
    const value = await runWork(
      actor,
      async (work) =>
        await task({
          ...work,
          emit(event, author) {
            isSending = event.type === 'machine.aft-transfer-changed' && event.transfer.state === 'SENT';
            work.emit(event, author);
          },
        }),
      origin,
    );
    if (isSending) {
      isSent();
      await asked;
    }
    return value;
  };
  let transfersHeard = 0;
  await using place = await aPlace(egm, {
    ...floorOf,
    drivenBy: slow,
    arrives(answer) {
      if (answer[1] === TRANSFER) transfersHeard += 1;
      return answer;
    },
  });
  const transfer = await place.order(2_000n);
  await sent;
  await place.line.unplug();
  await place.line.plug();
  const before = transfersHeard;
  // Back again, it is asked before anything else.
  await eventually(() => transfersHeard > before, WAIT);
  goesOn();
  await eventually(async () => (await transfer())?.finishedAt != null, WAIT);
  const next = await place.order(100n);
  await eventually(async () => (await next())?.finishedAt != null, WAIT);
  const wallet = await place.wallet();
  expect(wallet).toMatchObject({ heldMinor: 0n });
  expect((wallet?.postedMinor ?? 0n) + creditsOf(egm)).toBe(50_000n);
});

test('another machine at the address knows nothing of a transfer, and says nothing of it', {
  timeout: 120_000,
}, async () => {
  const egm = aMachine({});
  const other = aMachine({ assetNumber: 8 });
  let isDeaf = false;
  await using place = await aPlace(egm, {
    ...floorOf,
    arrives: (answer) => (isDeaf && answer[1] === TRANSFER ? null : answer),
  });
  isDeaf = true;
  const transfer = await place.order(2_000n);
  await eventually(() => creditsOf(egm) > 0n, WAIT);
  place.take(other);
  isDeaf = false;
  await eventually(async () => {
    const { finishedAt, state } = (await transfer()) ?? {};
    return finishedAt || state === 'IN_DOUBT';
  }, WAIT);
  expect(await transfer()).toMatchObject({ state: 'IN_DOUBT', doubt: 'NO_ANSWER' });
  expect(await place.wallet()).toMatchObject({ postedMinor: 50_000n, heldMinor: 2_000n });

  place.take(egm);
  await eventually(async () => (await transfer())?.finishedAt, WAIT);
  expect(await transfer()).toMatchObject({ state: 'SETTLED' });
  expect(await place.wallet()).toMatchObject({ postedMinor: 48_000n, heldMinor: 0n });
});

test('a machine that did what it had refused is on record once, and nothing is booked', {
  timeout: 120_000,
}, async () => {
  const egm = aMachine({});
  let isSorry = false;
  await using place = await aPlace(egm, {
    ...floorOf,
    arrives(answer, request) {
      if (isSorry || request[1] !== TRANSFER || request[3] === INTERROGATE) return answer;
      isSorry = true;
      return withCrc(answer.with(STATUS_AT, NOT_NOW).subarray(0, -2));
    },
  });
  const transfer = await place.order(2_000n);
  const contradictions = () => listContradictions(db, place.machineId);
  await eventually(async () => (await contradictions()).length > 0);
  expect(await transfer()).toMatchObject({ state: 'REJECTED', failure: { status: 'NOT_NOW' } });
  // What it has last, it says each time it comes back.
  await place.line.unplug();
  await eventually(async () => (await place.connection()) === 'OFFLINE');
  await place.line.plug();
  const next = await eventually(() => place.order(100n));
  await eventually(async () => (await next())?.finishedAt);
  const [said, ...others] = await contradictions();
  expect(said?.data).toMatchObject({ said: '20.00', booked: '0.00', direction: 'TO_MACHINE' });
  expect(others).toEqual([]);
  expect(await place.wallet()).toMatchObject({ postedMinor: 49_900n, heldMinor: 0n });
  expect(creditsOf(egm)).toBe(2_100n);
});

test('another machine that goes by the same asset number is none that never did a transfer', {
  timeout: 120_000,
}, async () => {
  const egm = aMachine({ serialNumber: 'A' });
  let isDeaf = false;
  await using place = await aPlace(egm, {
    ...floorOf,
    arrives: (answer) => (isDeaf && [TRANSFER, ...METERS].includes(answer[1] ?? 0) ? null : answer),
  });
  const isIdentified = () =>
    db
      .selectFrom('machine')
      .select('id')
      .where('id', '=', place.machineId)
      .where('serial_number', '=', 'A')
      .executeTakeFirst();
  await eventually(isIdentified, WAIT);
  isDeaf = true;
  const transfer = await place.order(2_000n);
  await eventually(() => creditsOf(egm) > 0n, WAIT);
  place.take(null);
  await eventually(async () => (await place.connection()) === 'OFFLINE', WAIT);
  isDeaf = false;
  place.take(aMachine({ serialNumber: 'B' }));
  await eventually(async () => {
    const { finishedAt, state } = (await transfer()) ?? {};
    return finishedAt || state === 'IN_DOUBT';
  }, WAIT);
  expect(await transfer()).toMatchObject({ state: 'IN_DOUBT', doubt: 'NO_ANSWER' });
  expect(await place.wallet()).toMatchObject({ postedMinor: 50_000n, heldMinor: 2_000n });
  await eventually(async () => !(await isIdentified()), WAIT);
  expect(await transfer()).toMatchObject({ state: 'IN_DOUBT', doubt: 'NO_ANSWER' });

  place.take(null);
  await eventually(async () => (await place.connection()) === 'OFFLINE', WAIT);
  place.take(egm);
  await eventually(async () => (await transfer())?.finishedAt, WAIT);
  expect(await transfer()).toMatchObject({ state: 'SETTLED' });
  expect(await place.wallet()).toMatchObject({ postedMinor: 48_000n, heldMinor: 0n });
});
