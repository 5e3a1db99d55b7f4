import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { decodeIdOf, encodeGlobalId } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';
import { announceOccupancy } from '../../src/parking/occupancy-service.ts';
import { type Asker, aFloorApp } from '../support/app.ts';
import { DESK } from '../support/booking.ts';
import { aUser, aVenue } from '../support/builders.ts';
import { eventually } from '../support/deadline.ts';
import { aSignedInDevice, type SignedInDevice } from '../support/device.ts';
import { aParkingLot } from '../support/parking.ts';

const floor = await aFloorApp({ machines: 0 });
const { db, runWork } = floor.app().services;
const { venueId } = floor;
const gate = await aSignedInDevice(floor, 'GATE');
const sensor = await aSignedInDevice(floor, 'SENSOR');

const CREATE = `mutation ($input: CreateParkingLotInput!) { createParkingLot(input: $input) {
  __typename ... on Error { code message } ... on CreateParkingLotSuccess { lot { id version free capacity occupied reserved stale } } } }`;
const UPDATE = `mutation ($input: UpdateParkingLotInput!) { updateParkingLot(input: $input) {
  __typename ... on Error { code message } ... on LotClaimedError { claimed } ... on VersionConflictError { currentVersion }
  ... on UpdateParkingLotSuccess { lot { id version capacity name } } } }`;
const REPORT = `mutation ($input: ReportOccupancyInput!) { reportOccupancy(input: $input) {
  __typename ... on Error { code message } ... on LotCountedOtherwiseError { lotId countedBy }
  ... on ReportOccupancySuccess { outcomes } } }`;
const LOT = `query ($id: ID!) { parkingLot(id: $id) {
  id capacity occupied reserved free observedAt stale countedBy revision } }`;
const PARKING = `subscription ($lotIds: [ID!], $after: Cursor, $minIntervalMs: Int) {
  parking(lotIds: $lotIds, after: $after, minIntervalMs: $minIntervalMs) {
    cursor lotId capacity occupied reserved free observedAt stale revision skipped } }`;

const globalId = (id: string) => encodeGlobalId('ParkingLot', id);
const create = async (input: object, as: Asker = 'OPERATOR') =>
  (await floor.ask(CREATE, { as, variables: { input: { name: `Lot ${newId()}`, capacity: 5, ...input } } }))
    .data.createParkingLot;
const update = async (input: object) =>
  (await floor.ask(UPDATE, { variables: { input } })).data.updateParkingLot;
const look = async (id: string) => (await floor.ask(LOT, { variables: { id } })).data.parkingLot;
const report = async (device: SignedInDevice, reports: readonly object[]) => {
  const { data, errors } = await device.ask(REPORT, { input: { reports } });
  return data?.reportOccupancy ?? errors;
};
const ago = (seconds: number) => new Date(Date.now() - seconds * 1_000).toISOString();
const cars = (lotId: string, count: number, observedAt = ago(0)) =>
  report(gate, [{ lotId, cars: count, observedAt }]);
const aGatedLot = (fields: object = {}) =>
  create({ countedBy: 'GATES', ...fields }).then(({ lot }) => lot.id);

async function spacesOf(lotId: string): Promise<readonly { readonly id: string; readonly label: string }[]> {
  const { data } = await floor.ask(
    `query ($id: ID!) { parkingLot(id: $id) { spaces(first: 100) { nodes { id label } } } }`,
    { variables: { id: lotId } },
  );
  return data.parkingLot.spaces.nodes;
}

/** A place that is reserved from now on, or from so many milliseconds in the future. */
async function reserve(lotId: string, inMs = -1_000): Promise<void> {
  const { id: userId } = await aUser(runWork, { venueId });
  const [id, lot] = [newId(), decodeIdOf('ParkingLot', lotId)];
  const [startsAt, endsAt] = [new Date(Date.now() + inMs), new Date(Date.now() + 3_600_000)];
  await runWork(DESK, async (work) => {
    await sql`insert into parking_reservation (id, venue_id, lot_id, user_id, starts_at, ends_at, reserved_at, reserved_by, changed_at)
      values (${id}, ${venueId}, ${lot}, ${userId}, ${startsAt}, ${endsAt}, now(), '{}', now())`.execute(
      work.tx,
    );
    await sql`insert into parking_claim (id, venue_id, lot_id, starts_at, ends_at, reservation_id)
      values (${newId()}, ${venueId}, ${lot}, ${startsAt}, ${endsAt}, ${id})`.execute(work.tx);
    await announceOccupancy(work, lot);
  });
}

test('an operator makes a lot with 10 000 spaces by one short input, and a player does not', async () => {
  const { lot } = await create({ capacity: 10_000, spaces: [{ prefix: 'P-', first: 1, last: 10_000 }] });
  expect(lot).toMatchObject({ free: 10_000, occupied: 0, reserved: 0, stale: false, version: 1 });
  const { data } = await floor.ask(
    `query ($id: ID!) { parkingLot(id: $id) { spaces(last: 1) { totalCount nodes { label kind status occupied reserved lot { id } } } } }`,
    { as: 'PLAYER', variables: { id: lot.id } },
  );
  expect(data.parkingLot.spaces).toEqual({
    totalCount: 10_000,
    nodes: [
      {
        label: 'P-10000',
        kind: 'STANDARD',
        status: 'ACTIVE',
        occupied: false,
        reserved: false,
        lot: { id: lot.id },
      },
    ],
  });
  const { errors } = await floor.ask(CREATE, {
    as: 'PLAYER',
    variables: { input: { name: 'Mine', capacity: 1 } },
  });
  expect(errors?.[0]?.extensions.code).toBe('AUTH_004');
});

test('a lot is changed by who read it last, and to no less than is claimed: API_003, API_030', async () => {
  const { lot } = await create({ capacity: 3 });
  await reserve(lot.id);
  await reserve(lot.id);
  expect(await update({ lotId: lot.id, expectedVersion: 1, capacity: 1 })).toMatchObject({
    __typename: 'LotClaimedError',
    code: 'API_030',
    claimed: 2,
  });
  expect(await update({ lotId: lot.id, expectedVersion: 1, capacity: 2 })).toMatchObject({
    lot: { version: 2, capacity: 2 },
  });
  expect(await update({ lotId: lot.id, expectedVersion: 1, name: 'Late' })).toMatchObject({
    __typename: 'VersionConflictError',
    currentVersion: 2,
  });
  expect(await look(lot.id)).toMatchObject({ capacity: 2, reserved: 2, free: 0 });
});

test('what is said of spaces twice, of spaces of another lot, or in two ways is refused', async () => {
  const spaces = [{ prefix: 'A', first: 1, last: 2 }];
  const { lot } = await create({ spaces });
  const { lot: other } = await create({ spaces });
  const [foreign] = await spacesOf(other.id);
  const change = (input: object) => update({ lotId: lot.id, expectedVersion: 1, ...input });
  expect(await change({ addSpaces: spaces })).toMatchObject({ __typename: 'SpaceLabelTakenError' });
  expect(await change({ changeSpaces: [{ spaceIds: [foreign?.id], status: 'CLOSED' }] })).toMatchObject({
    code: 'API_002',
  });
  expect(await change({ changeSpaces: [{ status: 'CLOSED' }] })).toMatchObject({ code: 'API_001' });
  const both = { spaceIds: [foreign?.id], range: { first: 1, last: 1 } };
  expect(await change({ changeSpaces: [both] })).toMatchObject({ code: 'API_001' });
});

test('a gate says how many cars stand there; a repeat and what comes late change nothing', async () => {
  const lotId = await aGatedLot();
  expect(await look(lotId)).toMatchObject({ occupied: 0, free: 5, stale: true, observedAt: null });
  const [early, late] = [ago(20), ago(10)];
  expect(await cars(lotId, 3, late)).toMatchObject({ outcomes: ['APPLIED'] });
  const now = await look(lotId);
  expect(now).toMatchObject({ occupied: 3, free: 2, stale: false, observedAt: late, countedBy: 'GATES' });
  expect(await cars(lotId, 3, late)).toMatchObject({ outcomes: ['DUPLICATE'] });
  expect(await cars(lotId, 5, early)).toMatchObject({ outcomes: ['OUTDATED'] });
  expect(await cars(lotId, 4, late)).toMatchObject({ outcomes: ['OUTDATED'] });
  expect(await look(lotId)).toEqual(now);
  const mixed = [
    { lotId, cars: 1, observedAt: ago(2) },
    { lotId, cars: 2, observedAt: ago(5) },
    { lotId, cars: 0, observedAt: ago(1) },
  ];
  expect(await report(gate, mixed)).toMatchObject({ outcomes: ['APPLIED', 'OUTDATED', 'APPLIED'] });
  expect(await look(lotId)).toMatchObject({ occupied: 0, free: 5 });
});

test('sensors say where cars stand, and the lot has as many as they see', async () => {
  const { lot } = await create({
    countedBy: 'SENSORS',
    spaces: [{ prefix: 'S', first: 1, last: 5 }],
  });
  const spaces = await spacesOf(lot.id);
  const at = ago(1);
  const reports = spaces.map(({ id }, index) => ({ spaceId: id, occupied: index < 3, observedAt: at }));
  expect((await report(sensor, reports)).outcomes).toEqual(Array(5).fill('APPLIED'));
  expect((await report(sensor, reports)).outcomes).toEqual(Array(5).fill('DUPLICATE'));
  expect(await look(lot.id)).toMatchObject({ occupied: 3, free: 2, observedAt: at, stale: false });
  const { data } = await floor.ask(
    `query ($id: ID!) { parkingLot(id: $id) { spaces(first: 9, occupied: true) { totalCount nodes { label observedAt stale } } } }`,
    { variables: { id: lot.id } },
  );
  expect(data.parkingLot.spaces.totalCount).toBe(3);
  expect(data.parkingLot.spaces.nodes[0]).toEqual({ label: 'S1', observedAt: at, stale: false });
});

test('what may not be reported is refused whole: API_001, API_002, API_011, AUTH_004', async () => {
  const lotId = await aGatedLot();
  const { lot: byStays } = await create({});
  const { lot: seen } = await create({ countedBy: 'SENSORS', spaces: [{ prefix: 'S', first: 1, last: 1 }] });
  const [space] = await spacesOf(seen.id);
  const good = { lotId, cars: 1, observedAt: ago(0) };
  const elsewhere = await aVenue(runWork);
  const foreign = await aParkingLot(runWork, { venueId: elsewhere.id, countedBy: 'GATES' });
  const refusals: readonly (readonly [SignedInDevice, object, object])[] = [
    [gate, { ...good, observedAt: ago(-60) }, { __typename: 'ValidationError', code: 'API_001' }],
    [gate, { ...good, cars: -1 }, { code: 'API_001' }],
    [gate, { lotId, occupied: true, observedAt: ago(0) }, { code: 'API_001' }],
    [gate, { ...good, lotId: globalId(newId()) }, { code: 'API_002' }],
    [gate, { ...good, lotId: globalId(foreign.id) }, { code: 'API_002' }],
    [gate, { ...good, lotId: byStays.id }, { __typename: 'LotCountedOtherwiseError', countedBy: 'STAYS' }],
    [sensor, good, { __typename: 'NotOwnerError', code: 'API_011' }],
    [gate, { spaceId: space?.id, occupied: true, observedAt: ago(0) }, { code: 'API_011' }],
  ];
  for (const [device, bad, refusal] of refusals) {
    const reports = device === gate ? [good, bad] : [bad];
    expect(await report(device, reports)).toMatchObject(refusal);
  }
  expect(await look(lotId)).toMatchObject({ occupied: 0, observedAt: null });
  const { errors } = await floor.ask(REPORT, { as: 'ADMIN', variables: { input: { reports: [good] } } });
  expect(errors?.[0]?.extensions.code).toBe('AUTH_004');
  const stranger = await aSignedInDevice(floor, 'GATE', elsewhere);
  expect(await report(stranger, [good])).toMatchObject({ code: 'API_002' });
});

test('a lot whose gates stay silent becomes stale by itself, and is told so', async () => {
  const lotId = await aGatedLot({ staleAfter: 'PT2S' });
  const frames = floor.follow(PARKING, { variables: { lotIds: [lotId] } });
  expect((await frames.next()).parking).toMatchObject({ stale: true });
  // Where it takes as long to be heard as it takes to become stale it is said again.
  await eventually(async () => {
    await cars(lotId, 2);
    return !(await look(lotId)).stale;
  });
  await frames.until(({ parking }) => !parking.stale && parking.occupied === 2);
  const { parking } = await frames.until((frame) => frame.parking.stale);
  expect(parking).toMatchObject({ occupied: 2, free: 3 });
  await frames.end();
});

test('a place is reserved for the stream from when its time begins', async () => {
  const lotId = await aGatedLot();
  const frames = floor.follow(PARKING, { variables: { lotIds: [lotId] } });
  expect((await frames.next()).parking).toMatchObject({ reserved: 0, free: 5 });
  // Not begun when it is looked at.
  await reserve(lotId, 6_000);
  expect(await look(lotId)).toMatchObject({ reserved: 0 });
  const { parking } = await frames.until((frame) => frame.parking.reserved === 1);
  expect(parking).toMatchObject({ capacity: 5, occupied: 0, free: 4 });
  await frames.end();
});

test('however many report and reserve at once, free is capacity − occupied − reserved in every answer and frame', async () => {
  const lotId = await aGatedLot({ capacity: 200 });
  const frames = floor.follow(PARKING, { as: 'PLAYER', variables: { lotIds: [lotId] } });
  const seen: { capacity: number; occupied: number; reserved: number; free: number; revision: string }[] = [];
  seen.push((await frames.next()).parking);
  const start = Date.now() - 1_000;
  const storm = [
    ...Array.from({ length: 60 }, (_, index) =>
      cars(lotId, (index * 7) % 100, new Date(start + index).toISOString()),
    ),
    ...Array.from({ length: 12 }, (_, index) => reserve(lotId, index % 3 ? -1_000 : 200 + index * 50)),
    ...Array.from({ length: 10 }, async () => void seen.push(await look(lotId))),
  ];
  await Promise.all(storm);
  const last = (59 * 7) % 100;
  await frames.until(({ parking }) => {
    seen.push(parking);
    return parking.reserved === 12 && parking.occupied === last;
  });
  await frames.end();
  for (const { capacity, occupied, reserved, free } of seen)
    expect(free).toBe(capacity - occupied - reserved);
  expect(await look(lotId)).toMatchObject({ occupied: last, reserved: 12, free: 200 - last - 12 });
});

test('the last frame of a thousand reports is exact, however few frames there are', async () => {
  const { lot } = await create({
    capacity: 1_000,
    countedBy: 'SENSORS',
    spaces: [{ prefix: 'S', first: 1, last: 1_000 }],
  });
  const rows = await db
    .selectFrom('parking_space')
    .select('id')
    .where('lot_id', '=', decodeIdOf('ParkingLot', lot.id))
    .orderBy('id')
    .execute();
  const ids = rows.map(({ id }) => encodeGlobalId('ParkingSpace', id));
  const frames = floor.follow(PARKING, { variables: { lotIds: [lot.id], minIntervalMs: 200 } });
  expect((await frames.next()).parking).toMatchObject({ occupied: 0, free: 1_000 });
  const observedAt = ago(0);
  // Each device says ten of them at a time; two thirds are taken.
  const calls = Array.from({ length: 100 }, (_, call) =>
    report(
      sensor,
      ids
        .slice(call * 10, call * 10 + 10)
        .map((spaceId, at) => ({ spaceId, occupied: (call * 10 + at) % 3 > 0, observedAt })),
    ),
  );
  const answers = await Promise.all(calls);
  for (const { outcomes } of answers) expect(outcomes).toEqual(Array(10).fill('APPLIED'));
  let count = 0;
  const { parking } = await frames.until((frame) => {
    count += 1;
    return frame.parking.occupied === 666;
  });
  expect(parking).toMatchObject({ capacity: 1_000, free: 334, reserved: 0, stale: false });
  expect(count).toBeLessThan(50);
  expect(await look(lot.id)).toMatchObject({ occupied: 666, free: 334 });
  await frames.end();
});

test('a lot that becomes full is told of once, until there was a place again', async () => {
  const lotId = await aGatedLot({ capacity: 2 });
  const follow = `subscription ($after: Cursor) { events(types: ["parking.lot-filled"], after: $after) { payload } }`;
  const after = await floor.cursor();
  for (const [index, count] of [1, 2, 2, 3, 2, 1, 2].entries()) await cars(lotId, count, ago(100 - index));
  const frames = floor.follow(follow, { variables: { after } });
  const filled: unknown[] = [];
  for (let at = 0; at < 2; at += 1) filled.push((await frames.next()).events.payload);
  expect(filled).toEqual([
    expect.objectContaining({ lotId, occupied: 2, free: 0 }),
    expect.objectContaining({ lotId, occupied: 2, free: 0 }),
  ]);
  await frames.end();
  const { count } = await db
    .selectFrom('event_log')
    .select((row) => row.fn.countAll<string>().as('count'))
    .where('type', '=', 'parking.lot-filled')
    .where(sql<boolean>`payload ->> 'lotId' = ${decodeIdOf('ParkingLot', lotId)}`)
    .executeTakeFirstOrThrow();
  expect(Number(count)).toBe(2);
});

test('who follows lots behind a cursor is shown nothing that he has seen, and what he has not', async () => {
  const [one, two] = [await aGatedLot(), await aGatedLot()];
  const lotIds = [one, two];
  const frames = floor.follow(PARKING, { variables: { lotIds } });
  const first = [(await frames.next()).parking, (await frames.next()).parking];
  await frames.end();
  // Before the last of them one has not seen all.
  expect(first.map(({ cursor }) => cursor === null)).toEqual([true, false]);
  const behind = floor.follow(PARKING, { variables: { lotIds, after: first[1].cursor } });
  await cars(two, 4);
  const { parking } = await behind.next();
  expect(parking).toMatchObject({ lotId: two, occupied: 4 });
  await behind.end();
  const again = floor.follow(PARKING, { variables: { lotIds, after: first[1].cursor } });
  await again.until((frame) => frame.parking.lotId === two && frame.parking.occupied === 4);
  await again.end();
});

test('the query and the stream of the same name show the same, and one goes on behind the other', async () => {
  const lotIds = [await aGatedLot(), await aGatedLot()];
  const fields = 'cursor lotId capacity occupied reserved free observedAt stale revision skipped';
  const { data } = await floor.ask(`query ($lotIds: [ID!]) { parking(lotIds: $lotIds) { ${fields} } }`, {
    as: 'PLAYER',
    variables: { lotIds },
  });
  const frames = floor.follow(PARKING, { as: 'PLAYER', variables: { lotIds } });
  for (const { cursor, ...occupancy } of data.parking) {
    const { parking } = await frames.next();
    expect(parking).toMatchObject(occupancy);
    expect(parking.cursor === null).toBe(cursor === null);
  }
  await frames.end();
  await cars(lotIds[0] ?? '', 3);
  const behind = floor.follow(PARKING, { variables: { lotIds, after: data.parking[1].cursor } });
  await behind.until(({ parking }) => parking.lotId === lotIds[0] && parking.occupied === 3);
  await behind.end();
});

test('the cursor of the list goes on in the stream without a gap', async () => {
  const lotId = await aGatedLot();
  const { data } = await floor.ask('{ parkingLots(first: 1) { cursor nodes { id free rate { id } } } }');
  expect(data.parkingLots.nodes[0]).toEqual({ id: lotId, free: 5, rate: null });
  await cars(lotId, 1);
  const frames = floor.follow(PARKING, { variables: { lotIds: [lotId], after: data.parkingLots.cursor } });
  expect((await frames.next()).parking).toMatchObject({ occupied: 1, free: 4 });
  await frames.end();
});

test('lots of another venue, and what is none, cannot be followed: API_002', async () => {
  const { id } = await aParkingLot(runWork, { venueId: (await aVenue(runWork)).id });
  for (const lotId of [globalId(id), globalId(newId())]) {
    const frames = floor.follow(PARKING, { variables: { lotIds: [lotId] } });
    const refusal = await frames.next().catch((errors) => errors);
    expect(refusal[0]?.extensions.code).toBe('API_002');
    expect((await floor.ask(LOT, { variables: { id: lotId } })).errors?.[0]?.extensions.code).toBe('API_002');
  }
});

test('near lots are found with how far away they are, those with enough places only', async () => {
  const near = { latitude: 10, longitude: 20 };
  const away = { latitude: 10, longitude: 20.01 };
  const here = await aGatedLot({ location: near, capacity: 3 });
  const there = await aGatedLot({ location: away, capacity: 9 });
  const ask = async (minFree: number | null, after: string | null = null) =>
    (
      await floor.ask(
        `query ($near: GeoLocationInput!, $minFree: Int, $after: String) {
          parkingLots(near: $near, radiusMeters: 5000, minFree: $minFree, first: 1, after: $after) {
            totalCount pageInfo { endCursor hasNextPage } nodes { id distanceMeters location { latitude } } } }`,
        { as: 'PLAYER', variables: { near, minFree, after } },
      )
    ).data.parkingLots;
  const first = await ask(null);
  expect(first).toMatchObject({
    totalCount: 2,
    pageInfo: { hasNextPage: true },
    nodes: [{ id: here, distanceMeters: 0 }],
  });
  const second = await ask(null, first.pageInfo.endCursor);
  expect(second).toMatchObject({ pageInfo: { hasNextPage: false }, nodes: [{ id: there }] });
  expect(second.nodes[0].distanceMeters).toBeCloseTo(1_095, 0);
  expect(await ask(5)).toMatchObject({ totalCount: 1, nodes: [{ id: there }] });
});

test('a rate is set for now or later, and each of them can be read', async () => {
  const { lot } = await create({});
  const set = async (input: object) =>
    (
      await floor.ask(
        `mutation ($input: SetParkingRateInput!) { setParkingRate(input: $input) { __typename ... on Error { code }
          ... on SetParkingRateSuccess { rate { id } } } }`,
        { variables: { input: { lotId: lot.id, price: '1.50', per: 'PT30M', ...input } } },
      )
    ).data.setParkingRate;
  expect(await set({ grace: 'PT10M', dailyCap: '20' })).toMatchObject({
    __typename: 'SetParkingRateSuccess',
  });
  expect(await set({ price: '2', validFrom: ago(-3_600) })).toMatchObject({
    __typename: 'SetParkingRateSuccess',
  });
  expect(await set({ validFrom: ago(3_600) })).toMatchObject({ code: 'API_001' });
  expect(await set({ per: 'PT90S' })).toMatchObject({ code: 'API_001' });
  const { data } = await floor.ask(
    `query ($id: ID!) { parkingLot(id: $id) { rate { price { amount currency } per grace dailyCap { amount } }
      rates { totalCount nodes { price { amount } } } } }`,
    { as: 'PLAYER', variables: { id: lot.id } },
  );
  expect(data.parkingLot.rate).toEqual({
    price: { amount: '1.50', currency: 'USD' },
    per: 'PT30M',
    grace: 'PT10M',
    dailyCap: { amount: '20.00' },
  });
  expect(data.parkingLot.rates).toEqual({
    totalCount: 2,
    nodes: [{ price: { amount: '2.00' } }, { price: { amount: '1.50' } }],
  });
});

test('how full a lot was is kept, minute by minute', async () => {
  const lotId = await aGatedLot();
  const lot = decodeIdOf('ParkingLot', lotId);
  const base = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 4 * 3_600_000;
  for (const [minute, occupied] of [
    [10, 1],
    [20, 5],
    [50, 2],
    [130, 3],
  ] as const)
    await sql`insert into parking_occupancy (lot_id, venue_id, minute, capacity, occupied, reserved)
      values (${lot}, ${venueId}, ${new Date(base + minute * 60_000)}, 5, ${occupied}, 0)`.execute(db);
  const { data } = await floor.ask(
    `query ($id: ID!, $from: DateTime!, $to: DateTime!) { parkingLot(id: $id) {
      occupancyHistory(from: $from, to: $to, interval: "PT1H") { startsAt occupied free minFree } } }`,
    {
      variables: {
        id: lotId,
        from: new Date(base - 3_600_000).toISOString(),
        to: new Date(base + 3 * 3_600_000).toISOString(),
      },
    },
  );
  const at = (hour: number) => new Date(base + hour * 3_600_000).toISOString();
  expect(data.parkingLot.occupancyHistory).toEqual([
    { startsAt: at(0), occupied: 2, free: 3, minFree: 0 },
    { startsAt: at(1), occupied: 2, free: 3, minFree: 3 },
    { startsAt: at(2), occupied: 3, free: 2, minFree: 2 },
  ]);
});

test('health, stats and apiInfo tell how full the open lots are together', async () => {
  const counts = async () =>
    (
      await floor.ask(
        '{ health { parking { lots capacity occupied reserved free } } apiInfo { freeParkingPlaces } }',
      )
    ).data;
  const before = await counts();
  const lotId = await aGatedLot({ capacity: 10 });
  await cars(lotId, 4);
  await eventually(
    async () => (await counts()).health.parking.occupied === before.health.parking.occupied + 4,
  );
  const after = await counts();
  expect(after.health.parking.lots).toBe(before.health.parking.lots + 1);
  expect(after.health.parking.free).toBe(
    after.health.parking.capacity - after.health.parking.occupied - after.health.parking.reserved,
  );
  expect(after.apiInfo.freeParkingPlaces).toBe(after.health.parking.free);
  const anonymous = await floor.ask('{ health { parking { free } } }', { as: null });
  expect(anonymous.data.health.parking).toBeNull();
});
