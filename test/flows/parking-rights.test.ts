import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { aFloorApp } from '../support/app.ts';
import { aUser } from '../support/builders.ts';
import { eventually } from '../support/deadline.ts';
import { aParkingLot } from '../support/parking.ts';
import { connect } from '../support/socket-client.ts';
import { transportsTo } from '../support/transports.ts';

/** Rights that change while streams of parking are open. */

const floor = await aFloorApp({ machines: 0 });
const { venueId } = floor;
const { runWork } = floor.app().services;
const { http, signIn } = transportsTo(floor);
const port = Number(new URL(floor.app().url).port);
const lot = encodeGlobalId('ParkingLot', (await aParkingLot(runWork, { venueId, capacity: 50 })).id);

const RESERVATIONS = 'subscription { parkingReservations { plate } }';
const OCCUPANCY = 'subscription { parking { reserved } }';
const RESERVE = `mutation ($input: ReserveParkingInput!) { reserveParking(input: $input) { __typename } }`;
const SET = `mutation ($input: SetUserRolesInput!) { setUserRoles(input: $input) { __typename } }`;

async function somebody(roles: Parameters<typeof aUser>[1]['roles'] = ['PLAYER']) {
  const { id, email } = await aUser(runWork, { venueId, roles });
  return { id, token: (await signIn(email)).accessToken };
}
async function reserve({ token }: { readonly token: string }, plate: string) {
  const endsAt = new Date(Date.now() + 3_600_000).toISOString();
  const { data } = await http(RESERVE, { token, input: { lotId: lot, endsAt, plate } });
  expect(data.reserveParking.__typename).toBe('ReserveParkingSuccess');
}
async function setRoles({ id }: { readonly id: string }, roles: readonly string[]) {
  const input = { userId: encodeGlobalId('User', id), roles };
  const { data } = await http(SET, { token: await floor.token('ADMIN'), input });
  expect(data.setUserRoles.__typename).toBe('SetUserRolesSuccess');
}

/** What somebody is told of reservations from now on, and of how full lots are. */
async function following({ token }: { readonly token: string }) {
  const client = await connect({ port });
  await client.init({ accessToken: token });
  client.subscribe('reservations', RESERVATIONS);
  client.subscribe('lots', OCCUPANCY);
  await client.message('lots', 'next');
  await client.roundTrip();
  const frames = (wanted: string) =>
    client.messages
      .filter(({ id, type }) => id === wanted && type === 'next')
      .map(({ payload }) => payload.data);
  const plates = (): readonly string[] =>
    frames('reservations').map(({ parkingReservations }) => parkingReservations.plate);
  const reserved = () => frames('lots').at(-1)?.parking.reserved;
  return { client, plates, reserved };
}

test('who oversees parking no more is told of nobody else’s reservation, and goes on with his own and the lots', async () => {
  const [clerk, stillClerk, bert] = [
    await somebody(['OPERATOR']),
    await somebody(['OPERATOR']),
    await somebody(),
  ];
  const [demoted, other] = [await following(clerk), await following(stillClerk)];
  await reserve(bert, 'BERT-1');
  await eventually(() => demoted.plates().includes('BERT-1') && other.plates().includes('BERT-1'));

  await setRoles(clerk, ['PLAYER']);
  await reserve(bert, 'BERT-2');
  await reserve(clerk, 'OWN-1');
  await eventually(() => demoted.plates().includes('OWN-1') && other.plates().includes('OWN-1'));
  expect(demoted.plates()).toEqual(['BERT-1', 'OWN-1']);
  expect(other.plates()).toEqual(['BERT-1', 'BERT-2', 'OWN-1']);
  await eventually(() => demoted.reserved() === 3);
  expect(demoted.client.messages.filter(({ type }) => type === 'error')).toEqual([]);
  for (const { client } of [demoted, other]) client.socket.close();
});

test('who has no role left is told nothing of parking any more', async () => {
  const [anna, bert] = [await somebody(), await somebody()];
  const stream = await following(anna);
  await setRoles(anna, []);
  expect(await stream.client.closed()).toMatchObject({ code: 4493 });
  const told = stream.client.messages.length;
  await reserve(bert, 'BERT-3');
  expect(stream.client.messages).toHaveLength(told);
});
