import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { RESERVATION_EVENTS } from '../../src/parking/events.ts';
import { PARKING_NOTICES } from '../../src/parking/notices.ts';
import { aFloorApp } from '../support/app.ts';
import { aUser } from '../support/builders.ts';
import { eventually } from '../support/deadline.ts';
import { aParkingLot } from '../support/parking.ts';
import { connect } from '../support/socket-client.ts';
import { transportsTo } from '../support/transports.ts';

/** What people are told of where they park, and of lots that are full. */

const floor = await aFloorApp({ machines: 0 });
const { venueId } = floor;
const { db, runWork } = floor.app().services;
const { http, signIn } = transportsTo(floor);
const [anna = '', bert = ''] = await Promise.all(
  ['anna', 'bert'].map(async (username) => {
    await aUser(runWork, { venueId, username });
    return (await signIn(username)).accessToken;
  }),
);
const clerk = await floor.token('OPERATOR');

const WATCH = `subscription { notifications(types: [RESERVATION, PARKING_LOT]) {
  ... on Notification { type severity message data } } }`;
const LIST = `query ($types: [NotificationType!]) { notifications(types: $types) { nodes { message data } } }`;
const RESERVE = `mutation ($input: ReserveParkingInput!) { reserveParking(input: $input) {
  ... on ReserveParkingSuccess { reservation { id } } ... on Error { code message } } }`;
const CANCEL = `mutation ($input: CancelParkingReservationInput!) { cancelParkingReservation(input: $input) {
  ... on CancelParkingReservationSuccess { reservation { status } } ... on Error { code } } }`;

/** What somebody is told from now on. */
async function watch(token: string) {
  const client = await connect({ port: Number(new URL(floor.app().url).port) });
  await client.init({ accessToken: token });
  client.subscribe('notices', WATCH);
  await client.roundTrip();
  const notices = () =>
    client.messages
      .filter(({ id, type }) => id === 'notices' && type === 'next')
      .map(({ payload }) => payload.data.notifications);
  return {
    notices,
    upTo: (count: number) => eventually(() => notices().length >= count && notices()),
  };
}

const minutes = (count: number) => new Date(Date.now() + count * 60_000).toISOString();
async function reserve(token: string, lotId: string): Promise<string> {
  const input = { lotId, endsAt: minutes(60) };
  const { data } = await http(RESERVE, { token, input });
  expect(data.reserveParking).toEqual({ reservation: { id: expect.any(String) } });
  return data.reserveParking.reservation.id;
}
const aLot = async (capacity: number) =>
  encodeGlobalId('ParkingLot', (await aParkingLot(runWork, { venueId, capacity })).id);

test('who reserves is told of it, with the reservation and how it stands, and nobody else is', async () => {
  const lotId = await aLot(5);
  const [hers, his] = [await watch(anna), await watch(bert)];
  const id = await reserve(anna, lotId);
  expect(await hers.upTo(1)).toEqual([
    {
      type: 'RESERVATION',
      severity: 'SUCCESS',
      message: expect.stringContaining('Reserved'),
      data: expect.objectContaining({ parkingReservationId: id, lotId, status: 'ACTIVE' }),
    },
  ]);
  await http(CANCEL, { token: anna, input: { reservationId: id } });
  expect((await hers.upTo(2))[1].data).toMatchObject({ parkingReservationId: id, status: 'CANCELLED' });
  // Told after hers was: what he was told before it would be there.
  const own = await reserve(bert, lotId);
  expect((await his.upTo(1)).map(({ data }: { data: object }) => data)).toEqual([
    expect.objectContaining({ parkingReservationId: own }),
  ]);
});

test('a lot becoming full is one notice to the staff, not one per car', async () => {
  const desk = await watch(clerk);
  const lotId = await aLot(3);
  for (const token of [anna, bert, anna]) await reserve(token, lotId);
  const told = (await desk.upTo(1)).filter(({ type }: { type: string }) => type === 'PARKING_LOT');
  expect(told).toEqual([
    expect.objectContaining({
      data: expect.objectContaining({ lotId, status: 'FULL', capacity: 3, free: 0 }),
    }),
  ]);
  const { data } = await http(LIST, { token: clerk, variables: { types: ['PARKING_LOT'] } });
  expect(data.notifications.nodes).toHaveLength(1);
  const others = await http(LIST, { token: anna, variables: { types: ['PARKING_LOT'] } });
  expect(others.data.notifications.nodes).toEqual([]);
});

test('a lot that is full again soon is not told again to the staff who have thrown the notice away', async () => {
  const desk = await watch(clerk);
  const fullOnes = () =>
    desk
      .notices()
      .filter(({ type }: { type: string }) => type === 'PARKING_LOT')
      .map(({ data }: { data: { lotId: string } }) => data.lotId);
  const [lotId, other] = [await aLot(1), await aLot(1)];
  const reservationId = await reserve(anna, lotId);
  await eventually(() => fullOnes().length === 1);
  // As if each of them had, whoever else is of the staff here.
  await db.deleteFrom('notification').where('venue_id', '=', venueId).execute();
  await http(CANCEL, { token: anna, input: { reservationId } });
  await reserve(bert, lotId);
  // Told after what is told of the first.
  await reserve(anna, other);
  await eventually(() => fullOnes().includes(other));
  expect(fullOnes()).toEqual([lotId, other]);
});

test('whatever happens to a reservation is told', () => {
  for (const type of RESERVATION_EVENTS) expect(PARKING_NOTICES).toHaveProperty([type]);
});
