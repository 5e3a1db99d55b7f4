import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import type { Scope } from '../../src/lib/actor.ts';
import { aFloorApp } from '../support/app.ts';
import { anApiKey, aUser } from '../support/builders.ts';
import { aParkingLot } from '../support/parking.ts';
import { refusalOf, transportsTo } from '../support/transports.ts';

/** What an API key is answered where a person parks his own car. */

const floor = await aFloorApp({ machines: 0 });
const { venueId } = floor;
const { runWork } = floor.app().services;
const { http } = transportsTo(floor);
const aKey = async (...scopes: Scope[]) => (await anApiKey(runWork, { venueId, scopes })).secret;
const { id: userId } = await aUser(runWork, { venueId });
const owner = encodeGlobalId('User', userId);
const minutes = (count: number) => new Date(Date.now() + count * 60_000).toISOString();
const aLot = async () => {
  const spaces = [{ prefix: 'A-', first: 1, last: 5, digits: 1, kind: 'STANDARD' }] as const;
  return await aParkingLot(runWork, { venueId, spaces });
};

test('a key that parks and manages and reads nothing sees what it did', async () => {
  const desk = await aKey('PARKING_WRITE', 'PARKING_MANAGE');
  const lot = await aLot();
  const shown = { id: encodeGlobalId('ParkingLot', lot.id), name: lot.name };
  const change = async (field: string, answer: string, input: object) => {
    const type = `${field.charAt(0).toUpperCase()}${field.slice(1)}`;
    const query = `mutation ($input: ${type}Input!) { ${field}(input: $input) {
      ... on ${type}Success { ${answer} } ... on Error { code message } } }`;
    const { data, errors } = await http(query, { token: desk, input });
    expect(errors).toBeUndefined();
    return data[field];
  };
  const lotId = shown.id;
  const SHOWN = 'id lot { id name } space { label }';
  const RESERVATION = `reservation { ${SHOWN} status session { id } }`;
  const SESSION = `session { ${SHOWN} status reservation { id } }`;
  const { reservation } = await change('reserveParking', RESERVATION, {
    lotId,
    kind: 'STANDARD',
    userId: owner,
    endsAt: minutes(60),
  });
  expect(reservation).toMatchObject({ status: 'ACTIVE', lot: shown, space: { label: 'A-1' } });
  const { id: reservationId } = reservation;
  const extended = await change('extendParkingReservation', RESERVATION, {
    reservationId,
    endsAt: minutes(90),
  });
  expect(extended.reservation.id).toBe(reservationId);
  const { session } = await change('startParkingSession', SESSION, { reservationId });
  expect(session).toMatchObject({ status: 'OPEN', lot: shown, reservation: { id: reservationId } });
  const ended = await change('endParkingSession', SESSION, { sessionId: session.id });
  expect(ended.session).toMatchObject({ id: session.id, status: 'ENDED' });
  const rate = { lotId, price: '1', per: 'PT30M' };
  expect(await change('setParkingRate', 'lot { id name } rate { price { amount } }', rate)).toEqual({
    lot: shown,
    rate: { price: { amount: '1.00' } },
  });
  const rename = { lotId, expectedVersion: 1, name: `${lot.name} A` };
  const RENAMED = 'lot { name free spaces { totalCount nodes { label } } }';
  expect((await change('updateParkingLot', RENAMED, rename)).lot).toMatchObject({
    name: `${lot.name} A`,
    spaces: { totalCount: 5 },
  });
  for (const query of ['{ parkingLots { totalCount } }', '{ parkingSessions { totalCount } }'])
    expect(refusalOf(await http(query, { token: desk }))).toBe('AUTH_004');
});

test('a key that may only write is shown no lot, and nothing of what others do there', async () => {
  const writer = await aKey('PARKING_WRITE');
  const lot = await aLot();
  const query = `{ node(id: "${encodeGlobalId('ParkingLot', lot.id)}") { id } }`;
  expect((await http(query, { token: writer })).data).toEqual({ node: null });
});
