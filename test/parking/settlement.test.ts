import { beforeAll, expect, test } from 'vitest';
import type { Actor, Role, UserActor } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import type { SettlementWay } from '../../src/parking/session.ts';
import { payDue } from '../../src/parking/session-ending.ts';
import { startWalkIn } from '../../src/parking/session-service.ts';
import { settleDue } from '../../src/parking/session-settlement.ts';
import { findSessionsByIds, listSessions } from '../../src/parking/session-store.ts';
import { findWalletsOf } from '../../src/wallet/wallet-store.ts';
import { createRunWork } from '../../src/work.ts';
import { DESK } from '../support/booking.ts';
import { aUser, aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { aWallet } from '../support/money.ts';
import { aDueStay, aParkingLot } from '../support/parking.ts';

const { floor } = await cloneDatabase();
const { db } = floor;
const runWork = createRunWork({ db, onEvents: () => {} });

let venueId: string;
beforeAll(async () => {
  venueId = (await aVenue(runWork)).id;
});

const actorOf = (userId: string, roles: readonly Role[] = ['PLAYER']): UserActor => ({
  kind: 'user',
  userId,
  venueId,
  sessionId: newId(),
  roles,
  grants: [],
  mustChangePassword: false,
});
const settle = (
  sessionId: string,
  {
    how = 'CASH' as SettlementWay,
    note = null as string | null,
    expectedVersion = 2,
    by = DESK as Actor,
  } = {},
) => runWork(by, (work) => settleDue(work, { venueId, sessionId, how, note, expectedVersion }));
const dueStays = async () => {
  const filter = { userId: null, lotId: null, status: 'DUE', from: null, to: null } as const;
  const range = { after: null, before: null, limit: 100, backward: false };
  const stays = await listSessions(db, venueId, { filter, range, now: new Date() });
  return stays.map(({ id }) => id);
};

test.each([
  { how: 'CASH', paidMinor: 100n },
  { how: 'CARD', paidMinor: 100n },
  { how: 'WAIVED', paidMinor: 0n },
] as const)('what is due of nobody’s stay is settled: $how', async ({ how, paidMinor }) => {
  const { id } = await aDueStay(runWork, { venueId, userId: null });
  expect(await dueStays()).toContain(id);
  const note = 'the barrier was open';
  const settled = await settle(id, { how, note });
  const settlement = { amountMinor: 100n, how, note, at: expect.any(Date) };
  expect(settled).toMatchObject({ paidMinor, settlement, version: 3 });
  expect(await findSessionsByIds(db, venueId, [id])).toEqual([settled]);
  expect(await dueStays()).not.toContain(id);
  await expect(settle(id, { expectedVersion: 3 })).rejects.toMatchObject({ name: 'ParkingEndedError' });
  const told = await db
    .selectFrom('outbox')
    .select('payload')
    .where('type', '=', 'parking.session-settled')
    .execute();
  expect(told.map(({ payload }) => payload)).toContainEqual(
    expect.objectContaining({
      parkingSessionId: id,
      settledMinor: '100',
      settledHow: how,
      settledNote: note,
    }),
  );
});

test('nothing is settled while the car stands there, of what costs nothing, or waived without a word', async () => {
  const { id: lotId } = await aParkingLot(runWork, { venueId });
  const place = { spaceId: null, kind: null };
  const { id: open } = await runWork(DESK, (work) =>
    startWalkIn(work, { venueId, lotId, place, userId: null, plate: null, until: null, mostOpen: 1 }),
  );
  await expect(settle(open, { expectedVersion: 1 })).rejects.toMatchObject({ name: 'ParkingEndedError' });
  const { id } = await aDueStay(runWork, { venueId, userId: null });
  await expect(settle(id, { how: 'WAIVED' })).rejects.toMatchObject({ code: 'API_001', field: ['note'] });
  await expect(settle(id, { how: 'WAIVED', note: ' ' })).rejects.toMatchObject({ field: ['note'] });
  await expect(settle(id, { expectedVersion: 1 })).rejects.toMatchObject({ currentVersion: 2 });
});

test('only who manages parking settles, and to whom a stay is not shown it is not there', async () => {
  const owner = (await aUser(runWork, { venueId })).id;
  const { id } = await aDueStay(runWork, { venueId, userId: owner });
  const other = (await aUser(runWork, { venueId })).id;
  await expect(settle(id, { by: actorOf(owner) })).rejects.toMatchObject({ code: 'API_011' });
  await expect(settle(id, { by: actorOf(other) })).rejects.toMatchObject({ code: 'API_002' });
  const auditor = actorOf(other, ['AUDITOR']);
  await expect(settle(id, { by: auditor })).rejects.toMatchObject({ code: 'API_011' });
});

test('what a wallet pays and what the desk takes at the same time is taken once', async () => {
  for (let round = 0; round < 5; round += 1) {
    const userId = (await aUser(runWork, { venueId })).id;
    const { id } = await aDueStay(runWork, { venueId, userId });
    await aWallet(runWork, { venueId, userId, balanceMinor: 500n });
    const pay = () => runWork(actorOf(userId), (work) => payDue(work, { venueId, sessionId: id }));
    const paying = [pay(), pay()];
    const taking = await Promise.allSettled([settle(id), settle(id), settle(id, { how: 'CARD' })]);
    await Promise.all(paying);
    const settled = taking.filter(({ status }) => status === 'fulfilled');
    const [wallet] = await findWalletsOf(db, venueId, userId);
    const fromWallet = 500n - (wallet?.postedMinor ?? 0n);
    expect(fromWallet + BigInt(settled.length) * 100n).toBe(100n);
    expect(await findSessionsByIds(db, venueId, [id])).toMatchObject([{ paidMinor: 100n, version: 3 }]);
  }
});

test('what was settled leaves the database nothing due, and no more than was', async () => {
  const { id } = await aDueStay(runWork, { venueId, userId: null });
  const write = (set: object) =>
    db
      .updateTable('parking_session')
      .set({ settled_at: new Date(), settled_by: '{}', ...set })
      .where('id', '=', id)
      .execute();
  for (const set of [
    { settled: 99n, settled_how: 'WAIVED', settled_note: 'no' },
    { settled: 100n, settled_how: 'WAIVED' },
    { settled: 100n, settled_how: 'CASH' },
    { settled: 101n, settled_how: 'CASH', paid: 100n },
    { settled: 100n, paid: 100n },
    { settled: 100n, settled_how: 'CHEQUE', paid: 100n },
  ])
    await expect(write(set)).rejects.toMatchObject({ code: '23514' });
});
