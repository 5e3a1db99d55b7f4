import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { holdSlot } from '../../src/booking/slot-hold-service.ts';
import { eraseAuditedWords } from '../../src/events/audit-store.ts';
import { verifyAudit } from '../../src/events/audit-verification.ts';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { aFloorApp } from '../support/app.ts';
import { aBooking, aResource, DESK, dayAhead } from '../support/booking.ts';
import { aUser, PASSWORD } from '../support/builders.ts';
import { eventually } from '../support/deadline.ts';
import { aWallet } from '../support/money.ts';
import { transportsTo } from '../support/transports.ts';

const floor = await aFloorApp({ machines: 0 });
const { venueId } = floor;
const { db, runWork } = floor.app().services;
const { http, signIn } = transportsTo(floor);
const DELETE = `mutation ($input: DeleteMyAccountInput!) {
  deleteMyAccount(input: $input) { __typename ... on Error { code } }
}`;

async function somebody() {
  const { id, email } = await aUser(runWork, { venueId });
  const { accessToken: token } = await signIn(email);
  const leave = async (): Promise<string> =>
    (await http(DELETE, { token, input: { password: PASSWORD } })).data.deleteMyAccount.__typename;
  return { id, token, leave };
}

const CANCEL = `mutation ($input: CancelBookingInput!) {
  cancelBooking(input: $input) { __typename ... on CancelBookingSuccess { booking { cancelReason } } }
}`;
const AUDITED = `{ auditLog(first: 3, types: ["booking.cancelled"]) { nodes { data address actor { id } } } }`;

const claimsOf = (userId: string) =>
  db.selectFrom('slot_claim').select('kind').where('user_id', '=', userId).execute();

test('who deletes his account gives back what he has booked and what is held for him', async () => {
  const resource = await aResource(runWork, { venueId });
  const { id: userId, leave } = await somebody();
  const slot = { resourceId: resource.id, day: dayAhead(resource) };
  const { id } = await aBooking(runWork, { venueId, userId, slot: { ...slot, index: 1 } });
  await runWork(DESK, (work) =>
    holdSlot(work, {
      venueId,
      userId,
      slot: { ...slot, index: 2 },
      expiresInSeconds: 900,
      holdsPrice: false,
    }),
  );
  expect(await leave()).toBe('DeleteMyAccountSuccess');
  expect(await claimsOf(userId)).toEqual([]);
  const booking = await db.selectFrom('booking').selectAll().where('id', '=', id).executeTakeFirst();
  expect(booking).toMatchObject({ status: 'CANCELLED', cancel_reason: 'account deleted' });
});

test('why somebody cancelled what he had booked, in his words, goes with his account, and the record holds', async () => {
  const resource = await aResource(runWork, { venueId });
  const gone = await somebody();
  const other = await somebody();
  const desk = await floor.token('ADMIN');
  const cancel = async (
    index: number,
    { userId, token }: { userId: string; token: string },
    reason: string,
  ) => {
    const slot = { resourceId: resource.id, day: dayAhead(resource), index };
    const { id } = await aBooking(runWork, { venueId, userId, slot });
    const input = { bookingId: encodeGlobalId('Booking', id), reason };
    expect((await http(CANCEL, { token, input })).data.cancelBooking.booking).toEqual({
      cancelReason: reason,
    });
    return id;
  };
  const own = await cancel(1, { userId: gone.id, token: gone.token }, 'my daughter is ill');
  const byDesk = await cancel(2, { userId: gone.id, token: desk }, 'the table is broken');
  const ofOther = await cancel(3, { userId: other.id, token: other.token }, 'my train is late');
  const audited = async () => (await http(AUDITED, { token: desk })).data.auditLog.nodes;
  await eventually(async () => (await audited())[0]?.data.cancelReason === 'my train is late');

  expect(await gone.leave()).toBe('DeleteMyAccountSuccess');
  const reasons = await db
    .selectFrom('booking')
    .select(['id', 'cancel_reason as reason'])
    .where('id', 'in', [own, byDesk, ofOther])
    .orderBy('starts_at')
    .execute();
  expect(reasons.map(({ reason }) => reason)).toEqual([null, 'the table is broken', 'my train is late']);
  const record = await audited();
  expect(record.map(({ data }: { data: { cancelReason: string } | null }) => data?.cancelReason)).toEqual([
    'my train is late',
    'the table is broken',
    undefined,
  ]);
  expect(record[2]).toEqual({ data: null, address: null, actor: { id: encodeGlobalId('User', gone.id) } });
  expect((await verifyAudit(db, venueId, null)).broken).toBeNull();
});

test('his words go from the record also where they come on it only when his account is gone', async () => {
  const resource = await aResource(runWork, { venueId });
  const { id: userId, token, leave } = await somebody();
  const desk = await floor.token('ADMIN');
  const slot = { resourceId: resource.id, day: dayAhead(resource), index: 1 };
  const { id } = await aBooking(runWork, { venueId, userId, slot });
  const input = { bookingId: encodeGlobalId('Booking', id), reason: 'my son is ill' };
  // Whoever holds it keeps every process from putting anything in order.
  await db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(7307811, 1)`.execute(tx);
    await http(CANCEL, { token, input });
    expect(await leave()).toBe('DeleteMyAccountSuccess');
  });
  const record = await eventually(async () => {
    const { rows } = await sql<{ type: string; payload: object | null }>`
      select type, payload from audit_entry where actor ->> 'id' = ${userId} order by sequence`.execute(db);
    const isThere = rows.some(({ type }) => type === 'auth.user-deleted');
    return isThere && rows.some(({ payload }) => payload === null) && rows;
  });
  expect(record.filter(({ payload }) => payload === null).map(({ type }) => type)).toEqual([
    'booking.cancelled',
  ]);
  expect(JSON.stringify(record)).not.toContain('my son is ill');
  expect((await http('{ verifyAudit { valid } }', { token: desk })).data.verifyAudit).toEqual({
    valid: true,
  });
});

test('nothing is erased from the record of somebody whose account is there', async () => {
  const resource = await aResource(runWork, { venueId });
  const { id: userId, token } = await somebody();
  const slot = { resourceId: resource.id, day: dayAhead(resource), index: 1 };
  const { id } = await aBooking(runWork, { venueId, userId, slot });
  await http(CANCEL, { token, input: { bookingId: encodeGlobalId('Booking', id), reason: 'no time' } });
  const kept = async () =>
    await db
      .selectFrom('audit_entry')
      .select('payload')
      .where(sql`payload ->> 'bookingId'`, '=', id)
      .execute();
  await eventually(async () => (await kept()).length === 1);
  await eraseAuditedWords(db, userId);
  expect(await kept()).toHaveLength(1);
});

test('what would be refunded keeps the account, and the booking with it', async () => {
  const resource = await aResource(runWork, { venueId, priceMinor: 500n });
  const { id: userId, leave } = await somebody();
  await aWallet(runWork, { venueId, userId, balanceMinor: 500n });
  const slot = { resourceId: resource.id, day: dayAhead(resource), index: 1 };
  await aBooking(runWork, { venueId, userId, slot });
  expect(await leave()).toBe('AccountHasMoneyError');
  expect(await claimsOf(userId)).toEqual([{ kind: 'BOOKING' }]);
});

test('nobody is left with a slot whose account goes while he books', async () => {
  const resource = await aResource(runWork, { venueId });
  const slot = { resourceId: resource.id, day: dayAhead(resource) };
  for (let index = 0; index < 12; index += 1) {
    const { id: userId, leave } = await somebody();
    const book = () => aBooking(runWork, { venueId, userId, slot: { ...slot, index } });
    const [left] = await Promise.allSettled([leave(), book()]);
    expect(left).toMatchObject({ value: 'DeleteMyAccountSuccess' });
    expect(await claimsOf(userId)).toEqual([]);
  }
});
