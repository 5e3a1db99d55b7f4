import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';
import { aFloorApp } from '../support/app.ts';
import { aUser } from '../support/builders.ts';
import { aWallet } from '../support/money.ts';
import { aParkingLot, aParkingRate } from '../support/parking.ts';
import { transportsTo } from '../support/transports.ts';

const floor = await aFloorApp({ machines: 0 });
const { venueId } = floor;
const { db, runWork } = floor.app().services;
const { http, signIn } = transportsTo(floor);
const clerk = await floor.token('OPERATOR');
const PLACES = 5;
const CARS = 100;
const drivers = await Promise.all(
  Array.from({ length: 10 }, async (_, number) => {
    const username = `driver${number}`;
    const { id: userId } = await aUser(runWork, { venueId, username });
    return { userId, token: (await signIn(username)).accessToken };
  }),
);
const minutes = (count: number) => new Date(Date.now() + count * 60_000).toISOString();
const RESERVE = `mutation ($input: ReserveParkingInput!) { done: reserveParking(input: $input) {
  __typename ... on Error { code } ... on ParkingLimitError { maximum } } }`;
const START = `mutation ($input: StartParkingSessionInput!) { done: startParkingSession(input: $input) {
  __typename ... on Error { code } ... on StartParkingSessionSuccess { session { id } } } }`;
const END = `mutation ($input: EndParkingSessionInput!) { done: endParkingSession(input: $input) {
  __typename ... on Error { code } ... on EndParkingSessionSuccess { session { charge { amount } paid { amount } } } } }`;

/** Asks by one key until it is not the server's load that is in the way. */
async function insist(query: string, { token, input }: { token: string | undefined; input: object }) {
  const idempotencyKey = newId();
  for (let tries = 1; ; tries += 1) {
    const answer = await http(query, { token, input: { ...input, idempotencyKey } });
    if (tries === 20 || !answer.errors?.[0]?.extensions.retryable) return answer;
  }
}

/** The cars of the claims of a lot that stand or are expected at their fullest instant. */
function fullest(claims: readonly { readonly starts_at: Date; readonly ends_at: Date }[]): number {
  const at = (instant: Date) =>
    claims.filter(({ starts_at, ends_at }) => starts_at <= instant && ends_at > instant).length;
  return Math.max(0, ...claims.map(({ starts_at }) => at(starts_at)));
}

test('of a hundred cars that want the last five places over overlapping times never more than five have one', async () => {
  const lot = await aParkingLot(runWork, { venueId, capacity: PLACES + 3 });
  const lotId = encodeGlobalId('ParkingLot', lot.id);
  const driverOf = (car: number) => drivers[car % drivers.length]?.token;
  for (const car of [0, 1, 2])
    await insist(RESERVE, { token: driverOf(car), input: { lotId, endsAt: minutes(600) } });

  const answers = await Promise.allSettled(
    Array.from({ length: CARS }, (_, car) => {
      const token = driverOf(car);
      // Of three, one comes as he is; the others reserve, from now on or for later.
      if (car % 3 === 0)
        return insist(START, { token, input: { lotId, until: minutes(20 + (car % 7) * 40) } });
      const begins = car % 3 === 1 ? 0 : (car * 17) % 240;
      const time = { startsAt: minutes(begins), endsAt: minutes(begins + 30 + ((car * 29) % 180)) };
      return insist(RESERVE, { token, input: { lotId, ...time } });
    }),
  );
  const said = answers.map((answer) =>
    answer.status === 'fulfilled' ? (answer.value.data?.done.code ?? 'DONE') : 'FAILED',
  );
  expect(new Set(said)).toEqual(new Set(['DONE', 'API_030']));
  const claims = await db.selectFrom('parking_claim').selectAll().where('lot_id', '=', lot.id).execute();
  expect(claims).toHaveLength(said.filter((each) => each === 'DONE').length + 3);
  // It is sold out at some instant, and never more.
  expect(fullest(claims)).toBe(PLACES + 3);
  const { data } = await floor.ask(
    'query ($id: ID!) { parkingLot(id: $id) { capacity occupied reserved free } }',
    { variables: { id: lotId } },
  );
  const { capacity, occupied, reserved, free } = data.parkingLot;
  expect(free).toBe(capacity - occupied - reserved);
  expect(free).toBeGreaterThanOrEqual(0);
}, 120_000);

test('of five-and-twenty reservations that one person makes at once he has twenty, and again one that he gives back', async () => {
  const { id } = await aParkingLot(runWork, { venueId, capacity: 100 });
  const lotId = encodeGlobalId('ParkingLot', id);
  await aUser(runWork, { venueId, username: 'collector' });
  const { accessToken: token } = await signIn('collector');
  const input = { lotId, startsAt: minutes(60), endsAt: minutes(90) };
  const reserve = async () => (await insist(RESERVE, { token, input })).data.done;
  const answers = await Promise.all(Array.from({ length: 25 }, reserve));
  const refused = answers.filter(({ __typename }) => __typename === 'ParkingLimitError');
  expect(refused).toHaveLength(5);
  expect(refused[0]).toMatchObject({ code: 'API_012', maximum: 20 });
  const { data } = await http(
    '{ parkingReservations(first: 100, statuses: [ACTIVE]) { nodes { id user { id } } } }',
    { token },
  );
  expect(data.parkingReservations.nodes).toHaveLength(20);
  const cancel =
    'mutation ($input: CancelParkingReservationInput!) { cancelParkingReservation(input: $input) { __typename } }';
  await http(cancel, { token, input: { reservationId: data.parkingReservations.nodes[0].id } });
  expect((await reserve()).__typename).toBe('ReserveParkingSuccess');
}, 120_000);

test('of five-and-twenty cars that one person parks at once twenty stand, and a clerk parks one more for him', async () => {
  const { id } = await aParkingLot(runWork, { venueId, capacity: 100 });
  const { id: userId } = await aUser(runWork, { venueId, username: 'filler' });
  const { accessToken: token } = await signIn('filler');
  const input = { lotId: encodeGlobalId('ParkingLot', id) };
  const answers = await Promise.all(Array.from({ length: 25 }, () => insist(START, { token, input })));
  const said = answers.map(({ data }) => data?.done.code ?? 'DONE').sort();
  expect(said).toEqual([...Array(5).fill('API_012'), ...Array(20).fill('DONE')]);
  const more = await insist(START, {
    token: clerk,
    input: { ...input, userId: encodeGlobalId('User', userId) },
  });
  expect(more.data.done).toMatchObject({ __typename: 'StartParkingSessionSuccess' });
}, 120_000);

test('a space that sixty want at once is had by one at a time', async () => {
  const lot = await aParkingLot(runWork, {
    venueId,
    capacity: 50,
    spaces: [{ kind: 'STANDARD', prefix: 'A-', first: 1, last: 3, digits: 1 }],
  });
  const rows = await db.selectFrom('parking_space').select('id').where('lot_id', '=', lot.id).execute();
  const spaceIds = rows.map(({ id }) => encodeGlobalId('ParkingSpace', id));
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, car) => {
      const token = drivers[car % drivers.length]?.token;
      const spaceId = spaceIds[car % spaceIds.length];
      if (car % 5 === 0) return insist(START, { token, input: { spaceId, until: minutes(30) } });
      const begins = (car * 13) % 90;
      return insist(RESERVE, {
        token,
        input: { spaceId, startsAt: minutes(begins), endsAt: minutes(begins + 20) },
      });
    }),
  );
  const said = answers.map(({ data }) => data?.done.code ?? 'DONE');
  expect(new Set(said)).toEqual(new Set(['DONE', 'API_031']));
  for (const { id } of rows) {
    const claims = await db.selectFrom('parking_claim').selectAll().where('space_id', '=', id).execute();
    expect(claims.length).toBeGreaterThan(0);
    expect(fullest(claims)).toBe(1);
  }
}, 120_000);

test('fifty who end one stay at once are charged once', async () => {
  const lot = await aParkingLot(runWork, { venueId });
  await aParkingRate(runWork, { venueId, lotId: lot.id, priceMinor: 300n });
  const [driver] = drivers;
  if (!driver) throw new Error('nobody drives');
  const { id: walletId } = await aWallet(runWork, { venueId, userId: driver.userId, balanceMinor: 10_000n });
  const lotId = encodeGlobalId('ParkingLot', lot.id);
  const started = await http(START, { token: driver.token, input: { lotId } });
  const { id: sessionId } = started.data.done.session;
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, asker) =>
      insist(END, { token: asker % 2 ? driver.token : clerk, input: { sessionId } }),
    ),
  );
  for (const { data } of answers)
    expect(data.done).toMatchObject({ session: { charge: { amount: '3.00' }, paid: { amount: '3.00' } } });
  const entries = await db
    .selectFrom('ledger_transaction')
    .select('amount')
    .where('reference', 'like', 'parking:%')
    .where('kind', '=', 'FEE')
    .execute();
  expect(entries).toEqual([{ amount: 300n }]);
  const wallet = await http('query ($id: ID!) { wallet(id: $id) { posted { amount } } }', {
    token: driver.token,
    variables: { id: encodeGlobalId('Wallet', walletId) },
  });
  expect(wallet.data.wallet.posted.amount).toBe('97.00');
}, 120_000);
