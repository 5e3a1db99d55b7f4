import { expect, test } from 'vitest';
import { holdSlot } from '../../src/booking/slot-hold-service.ts';
import { aFloorApp } from '../support/app.ts';
import { aBooking, aResource, DESK, dayAhead } from '../support/booking.ts';
import { aUser, PASSWORD } from '../support/builders.ts';
import { aWallet } from '../support/money.ts';
import { transportsTo } from '../support/transports.ts';

const floor = await aFloorApp({ machines: 1 });
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
  return { id, leave };
}

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
