import { afterEach, describe, expect, test } from 'vitest';
import { AFT_REGISTRATION } from '../../../src/sas/codec/long-polls/aft-registration.ts';
import { METERS } from '../../../src/sas/codec/meters.ts';
import {
  type AftOrder,
  aftStatus,
  cancelAftLock,
  cancelAftTransfer,
  interrogateAft,
  requestAftLock,
  sendAftTransfer,
} from '../../../src/sas/host/aft-commands.ts';
import { recoverAft } from '../../../src/sas/host/aft-history.ts';
import { readAftMeters } from '../../../src/sas/host/aft-meters.ts';
import { registrationKeyOf } from '../../../src/sas/host/aft-registration.ts';
import { discrepancies } from '../../../src/sas/simulator/audit.ts';
import type { MachineSettings } from '../../../src/sas/simulator/machine-settings.ts';
import { AFT_FEATURES } from '../../support/aft.ts';
import { ASSET, anOrder } from './aft-orders.ts';
import { aFloor, type Floor } from './floor.ts';

const floors: Floor[] = [];

afterEach(async () => {
  for (const floor of floors.splice(0)) {
    expect(discrepancies(floor.egm(1).state())).toEqual([]);
    await floor[Symbol.asyncDispose]();
  }
});

async function anAftFloor(settings: Partial<MachineSettings> = {}): Promise<Floor> {
  const machines = [{ address: 1, settings: { assetNumber: ASSET, features: AFT_FEATURES, ...settings } }];
  const floor = await aFloor({ machines });
  floors.push(floor);
  await floor.clock.advance(10_000);
  return floor;
}

async function done<T>(floor: Floor, promise: Promise<T>, ms = 2_000): Promise<T> {
  await floor.clock.advance(ms);
  return await promise;
}

/** Sent, done, and read by the host after 69. */
async function moved(floor: Floor, change: Partial<AftOrder> = {}) {
  const order = anOrder(change);
  expect(await done(floor, sendAftTransfer(floor.host, 1, order))).toMatchObject({ kind: 'PENDING' });
  return await done(floor, interrogateAft(floor.host, 1, order));
}

const credits = (floor: Floor): bigint => floor.egm(1).meters().get(0x0c) ?? 0n;
const transfers = (floor: Floor) => floor.reports.filter((made) => made.kind === 'transfer');

test('a transfer is pending, told by 69, asked for by the host, and over', async () => {
  const floor = await anAftFloor();
  const before = transfers(floor).length;
  expect(await done(floor, sendAftTransfer(floor.host, 1, anOrder()))).toMatchObject({ kind: 'PENDING' });
  expect(floor.exceptions(1).filter((code) => code === 0x69)).toEqual([0x69]);
  expect(
    transfers(floor)
      .slice(before)
      .map(({ asked, answer }) => [asked?.code, answer.status]),
  ).toEqual([
    ['FULL', 'PENDING'],
    ['INTERROGATE', 'FULL_DONE'],
  ]);
  expect(floor.egm(1).state().aft).toMatchObject({ current: null, history: [{ transactionId: 'FW-1' }] });
  expect(credits(floor)).toBe(500n);
});

test('every kind and way adds up, on the machine and in its meters', async () => {
  const floor = await anAftFloor();
  expect(await readMeters(floor)).toMatchObject({ AFT_CASHABLE_IN_CENTS: 0n, AFT_CASHABLE_OUT_CENTS: 0n });
  await moved(floor, { transactionId: 'A', cashable: 500n, restricted: 200n, nonrestricted: 100n, pool: 3 });
  await moved(floor, { transactionId: 'B', type: 'MACHINE_TO_HOST', cashable: 300n, nonrestricted: 100n });
  await moved(floor, { transactionId: 'C', type: 'BONUS_COIN_OUT_WIN', cashable: 50n });
  const part = { transactionId: 'D', type: 'MACHINE_TO_HOST', code: 'PARTIAL', cashable: 9_000n } as const;
  expect(await moved(floor, part)).toMatchObject({
    kind: 'SETTLED',
    extent: 'PARTIAL',
    moved: { cashable: 250n, restricted: 0n, nonrestricted: 0n },
    bufferPosition: 4,
    cumulative: [{ value: 550n }, { value: 0n }, { value: 100n }],
  });
  expect(await readMeters(floor)).toEqual({
    AFT_CASHABLE_IN_CENTS: 500n,
    AFT_RESTRICTED_IN_CENTS: 200n,
    AFT_NONRESTRICTED_IN_CENTS: 100n,
    AFT_CASHABLE_OUT_CENTS: 550n,
    AFT_RESTRICTED_OUT_CENTS: 0n,
    AFT_NONRESTRICTED_OUT_CENTS: 100n,
    AFT_DEBIT_IN_CENTS: 0n,
    AFT_BONUS_CASHABLE_IN_CENTS: 50n,
    AFT_BONUS_NONRESTRICTED_IN_CENTS: 0n,
    AFT_CASHABLE_TO_TICKET_CENTS: 0n,
    AFT_RESTRICTED_TO_TICKET_CENTS: 0n,
    AFT_DEBIT_TO_TICKET_CENTS: 0n,
  });
  expect(credits(floor)).toBe(200n);
});

async function readMeters(floor: Floor) {
  const meters = await done(floor, readAftMeters(floor.host, 1));
  return (
    meters && Object.fromEntries(Array.from(meters, ([code, read]) => [METERS.get(code)?.name, read.value]))
  );
}

test('a machine that is away tells no meters', async () => {
  const floor = await anAftFloor();
  await floor.unplug();
  expect(await done(floor, readAftMeters(floor.host, 1))).toBeNull();
});

test('a transfer is cancelled while it is pending, and not afterwards', async () => {
  const floor = await anAftFloor({ transferMs: 5_000 });
  await done(floor, sendAftTransfer(floor.host, 1, anOrder()));
  expect(await done(floor, cancelAftTransfer(floor.host, 1, anOrder()))).toEqual({ kind: 'CANCELLED' });
  await floor.clock.advance(10_000);
  expect(credits(floor)).toBe(0n);
  const next = anOrder({ transactionId: 'FW-2' });
  await done(floor, sendAftTransfer(floor.host, 1, next), 10_000);
  expect(await done(floor, cancelAftTransfer(floor.host, 1, next))).toMatchObject({ kind: 'SETTLED' });
});

test('the same id again is told to have been logged, and what became of it is found', async () => {
  const floor = await anAftFloor();
  await moved(floor);
  expect(await done(floor, sendAftTransfer(floor.host, 1, anOrder()))).toEqual({ kind: 'LOGGED_BEFORE' });
  expect(await done(floor, recoverAft(floor.host, 1, anOrder()))).toMatchObject({ kind: 'SETTLED' });
  expect(credits(floor)).toBe(500n);
});

test('an older one is found among many, and one that never was is not', async () => {
  const floor = await anAftFloor();
  for (const id of ['A', 'B', 'C', 'D']) await moved(floor, { transactionId: id, cashable: 100n });
  const lost = (transactionId: string) => ({ ...anOrder({ transactionId, cashable: 100n }) });
  expect(await done(floor, recoverAft(floor.host, 1, lost('B')), 20_000)).toMatchObject({
    kind: 'SETTLED',
    bufferPosition: 2,
  });
  expect(await done(floor, recoverAft(floor.host, 1, lost('X')), 20_000)).toEqual({ kind: 'NO_TRACE' });
});

test('a transfer that depends on the lock gets it after the game, told by 6F', async () => {
  const floor = await anAftFloor();
  const lock = { conditions: ['TO_MACHINE'], timeoutHundredths: 1_000 } as const;
  const order = anOrder({ onlyIfLocked: true });
  floor.egm(1).insertBill(1n);
  expect(await done(floor, sendAftTransfer(floor.host, 1, order))).toMatchObject({
    kind: 'REFUSED',
    code: 'SAS_008',
  });
  floor.egm(1).startGame({ wager: 10n, win: 0n });
  const status = await done(floor, requestAftLock(floor.host, 1, lock));
  expect(status).toMatchObject({ status: { lockStatus: 'PENDING' } });
  floor.egm(1).endGame();
  await floor.clock.advance(1_000);
  expect(floor.exceptions(1)).toContain(0x6f);
  expect(await moved(floor, { onlyIfLocked: true, transactionId: 'FW-2' })).toMatchObject({
    kind: 'SETTLED',
  });
  await done(floor, requestAftLock(floor.host, 1, lock));
  expect(await done(floor, cancelAftLock(floor.host, 1))).toMatchObject({
    status: { lockStatus: 'NOT_LOCKED' },
  });
});

describe('the cash-out to the host', () => {
  test('is asked for by 6A, and taken with what the machine says it has', async () => {
    const floor = await anAftFloor();
    await moved(floor, { hostCashOut: 'SOFT' });
    floor.egm(1).cashOut();
    await floor.clock.advance(500);
    expect(floor.exceptions(1)).toContain(0x6a);
    const status = await done(floor, aftStatus(floor.host, 1), 500);
    if (status.kind !== 'STATUS') throw new Error('no status');
    const { cashable, assetNumber } = status.status;
    const taken = { type: 'MACHINE_TO_HOST', cashable: cashable ?? 0n, assetNumber } as const;
    expect(
      await moved(floor, { ...taken, transactionId: 'FW-2', answersCashOut: true, hostCashOut: 'SOFT' }),
    ).toMatchObject({ kind: 'SETTLED', extent: 'FULL', moved: { cashable: 500n } });
    expect(credits(floor)).toBe(0n);
    expect(floor.egm(1).state().handpays).toEqual([]);
  });

  test.each([
    ['SOFT', 0n, 1],
    ['HARD', 500n, 0],
  ] as const)('that nobody takes: %s', async (hostCashOut, left, handpays) => {
    const floor = await anAftFloor();
    await moved(floor, { hostCashOut });
    floor.egm(1).cashOut();
    await floor.clock.advance(15_000);
    expect(credits(floor)).toBe(left);
    expect(floor.egm(1).state().handpays).toHaveLength(handpays);
    expect(floor.exceptions(1).filter((code) => code === 0x6a)).toHaveLength(hostCashOut === 'HARD' ? 2 : 1);
  });

  test('of a win is asked for by 6B, and taken as a win', async () => {
    const floor = await anAftFloor();
    await moved(floor, { hostCashOut: 'SOFT' });
    floor.egm(1).play({ wager: 100n, win: 300n });
    floor.egm(1).cashOutWin();
    await floor.clock.advance(500);
    expect(floor.exceptions(1)).toContain(0x6b);
    const win = { transactionId: 'W', type: 'WIN_TO_HOST', cashable: 300n, answersCashOut: true } as const;
    expect(await moved(floor, win)).toMatchObject({ kind: 'SETTLED', moved: { cashable: 300n } });
    expect(credits(floor)).toBe(400n);
  });
});

describe('registration', () => {
  const key = Uint8Array.from({ length: 20 }, (_, at) => at + 1);
  const asked = { assetNumber: ASSET, registrationKey: key, posId: 9 };

  async function keyOf(floor: Floor) {
    const said = await done(floor, aftStatus(floor.host, 1));
    if (said.kind !== 'STATUS') throw new Error('no status');
    return await done(floor, registrationKeyOf(floor.host, 1, said.status));
  }

  test('is of others, and its key is read from the machine for every transfer', async () => {
    const floor = await anAftFloor();
    expect(await keyOf(floor)).toEqual({ kind: 'KEY', key: new Uint8Array(20) });
    expect(floor.transcript.filter((line) => line.startsWith('> 01 73'))).toEqual([]);
    for (const code of ['INITIALISE', 'REGISTER'] as const)
      await done(floor, floor.host.execute(1, AFT_REGISTRATION, { code, ...asked }));
    expect(await done(floor, sendAftTransfer(floor.host, 1, anOrder()))).toMatchObject({
      kind: 'REFUSED',
      status: 'KEY_DIFFERS',
    });
    expect(await keyOf(floor)).toEqual({ kind: 'KEY', key });
    expect(await moved(floor, { transactionId: 'FW-9', registrationKey: key })).toMatchObject({
      kind: 'SETTLED',
    });
  });

  test('that cannot be read is not guessed', async () => {
    const floor = await anAftFloor();
    await floor.unplug();
    const capabilities = ['REGISTERED'] as const;
    expect(await done(floor, registrationKeyOf(floor.host, 1, { capabilities }))).toMatchObject({
      kind: 'NO_ANSWER',
    });
  });
});
