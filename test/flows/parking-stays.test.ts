import { sql } from 'kysely';
import { afterAll, describe, expect, test } from 'vitest';
import { decodeIdOf, encodeGlobalId } from '../../src/graphql/ids.ts';
import { aFloorApp } from '../support/app.ts';
import { aUser, PASSWORD } from '../support/builders.ts';
import { eventually } from '../support/deadline.ts';
import { aWallet } from '../support/money.ts';
import { aParkingLot, aParkingRate } from '../support/parking.ts';
import { connect, type SocketClient } from '../support/socket-client.ts';
import { transportsTo } from '../support/transports.ts';

const floor = await aFloorApp({ machines: 0 });
const { venueId } = floor;
const { db, runWork } = floor.app().services;
const port = Number(new URL(floor.app().url).port);
const { transports, http, signIn } = transportsTo(floor);
const [anna, bert] = await Promise.all(
  ['anna', 'bert'].map(async (username) => {
    const { id: userId } = await aUser(runWork, { venueId, username });
    return { userId, token: (await signIn(username)).accessToken };
  }),
);
if (!anna || !bert) throw new Error('nobody is there');
await aWallet(runWork, { venueId, userId: anna.userId, balanceMinor: 10_000n });
const clerk = await floor.token('OPERATOR');
const auditor = await floor.token('AUDITOR');
const stranger = await floor.token('FOREIGN_ADMIN');

/** Where there may be no place. */
const INSTEAD = `... on LotFullError { freeUntil alternatives { id } }
  ... on SpaceTakenError { freeUntil alternatives { id } }`;
const RESERVATION =
  'reservation { id status plate startsAt endsAt ownerId lot { id } space { id } session { id } }';
const SESSION =
  'session { id plate until endedAt reservationId charge { amount } paid { amount } due { amount currency } }';
const mutation = (name: string, shown: string, errors = '') => {
  const type = name.charAt(0).toUpperCase() + name.slice(1);
  return `mutation ($input: ${type}Input!) { done: ${name}(input: $input) { __typename ... on Error { code message } ${errors}
    ... on ${type}Success { success message ${shown} } } }`;
};
const RESERVE = mutation('reserveParking', `replayed ${RESERVATION}`, INSTEAD);
const EXTEND = mutation('extendParkingReservation', `replayed ${RESERVATION}`, INSTEAD);
const CANCEL = mutation('cancelParkingReservation', RESERVATION);
const START = mutation('startParkingSession', `replayed ${SESSION}`, INSTEAD);
const END = mutation('endParkingSession', `replayed ${SESSION}`);
const PAY = mutation('payParkingDue', `replayed ${SESSION}`);

const minutes = (count: number) => new Date(Date.now() + count * 60_000).toISOString();
async function aLot(capacity = 2): Promise<string> {
  return encodeGlobalId('ParkingLot', (await aParkingLot(runWork, { venueId, capacity })).id);
}
const done = async (query: string, token: string, input: object) =>
  (await http(query, { token, input })).data.done;
const freeOf = async (lotId: string) =>
  (
    await http('query ($id: ID!) { parkingLot(id: $id) { free occupied reserved capacity } }', {
      token: clerk,
      variables: { id: lotId },
    })
  ).data.parkingLot;

describe.each(transports)('over %s', (_name, ask) => {
  const tell = async (query: string, token: string | undefined, input: object) => {
    const { data, errors } = await ask(query, { token, input });
    return data?.done ?? errors?.[0]?.extensions?.code;
  };

  test('a place is reserved, kept for longer, used, and paid when the car goes', async () => {
    const lotId = await aLot();
    await aParkingRate(runWork, { venueId, lotId: decodeIdOf('ParkingLot', lotId), priceMinor: 250n });
    const reserved = await tell(RESERVE, anna.token, { lotId, endsAt: minutes(60), plate: 'ab-1 23' });
    expect(reserved).toMatchObject({
      success: true,
      replayed: false,
      reservation: { status: 'ACTIVE', plate: 'AB-123', lot: { id: lotId }, space: null, session: null },
    });
    const { id: reservationId } = reserved.reservation;
    expect(await freeOf(lotId)).toEqual({ capacity: 2, occupied: 0, reserved: 1, free: 1 });
    const later = minutes(90);
    const extended = await tell(EXTEND, anna.token, { reservationId, endsAt: later });
    expect(extended.reservation.endsAt).toBe(later);
    const started = await tell(START, anna.token, { reservationId });
    expect(started.session).toMatchObject({
      plate: 'AB-123',
      until: later,
      charge: null,
      due: null,
      reservationId,
    });
    expect(await freeOf(lotId)).toEqual({ capacity: 2, occupied: 1, reserved: 0, free: 1 });
    const { id: sessionId } = started.session;
    const ended = await tell(END, anna.token, { sessionId });
    expect(ended).toMatchObject({
      replayed: false,
      session: {
        charge: { amount: '2.50' },
        paid: { amount: '2.50' },
        due: { amount: '0.00', currency: 'USD' },
      },
    });
    expect(await tell(END, anna.token, { sessionId })).toMatchObject({
      replayed: true,
      session: ended.session,
    });
    expect(await freeOf(lotId)).toMatchObject({ free: 2 });
    const cancelled = await tell(CANCEL, anna.token, { reservationId });
    expect(cancelled).toMatchObject({ __typename: 'ParkingEndedError', code: 'API_001' });
  });

  test('a full lot is API_030, and a space that is taken API_031, with what could be had instead', async () => {
    const lot = await aParkingLot(runWork, {
      venueId,
      capacity: 2,
      spaces: [{ kind: 'ELECTRIC', prefix: 'E-', first: 1, last: 2, digits: 1 }],
    });
    const lotId = encodeGlobalId('ParkingLot', lot.id);
    const rows = await db
      .selectFrom('parking_space')
      .select('id')
      .where('lot_id', '=', lot.id)
      .orderBy('label')
      .execute();
    const [first, second] = rows.map(({ id }) => encodeGlobalId('ParkingSpace', id));
    const time = { startsAt: minutes(10), endsAt: minutes(20) };
    expect(await tell(RESERVE, anna.token, { spaceId: first, ...time })).toMatchObject({ success: true });
    expect(await tell(RESERVE, bert.token, { spaceId: first, ...time, startsAt: minutes(15) })).toMatchObject(
      {
        __typename: 'SpaceTakenError',
        code: 'API_031',
        alternatives: [{ id: second }],
      },
    );
    expect(await tell(RESERVE, bert.token, { lotId, kind: 'ELECTRIC', ...time })).toMatchObject({
      reservation: { space: { id: second } },
    });
    expect(await tell(START, bert.token, { lotId, until: minutes(15) })).toMatchObject({
      __typename: 'LotFullError',
      code: 'API_030',
      freeUntil: time.startsAt,
    });
  });

  test('nobody changes what is not his, and what he may not see is not there', async () => {
    const lotId = await aLot();
    const { reservation } = await tell(RESERVE, anna.token, { lotId, endsAt: minutes(60) });
    const of = { reservationId: reservation.id };
    for (const token of [bert.token, stranger]) {
      expect(await tell(CANCEL, token, of)).toMatchObject({ code: 'API_002' });
      expect(await tell(EXTEND, token, { ...of, endsAt: minutes(70) })).toMatchObject({ code: 'API_002' });
      expect(await tell(START, token, of)).toMatchObject({ code: 'API_002' });
    }
    expect(await tell(CANCEL, auditor, of)).toBe('AUTH_004');
    expect(
      await tell(RESERVE, bert.token, { lotId, endsAt: minutes(60), userId: reservation.ownerId }),
    ).toMatchObject({
      code: 'API_002',
    });
    expect(await tell(RESERVE, stranger, { lotId, endsAt: minutes(60) })).toMatchObject({ code: 'API_002' });
    expect(await tell(RESERVE, undefined, { lotId, endsAt: minutes(60) })).toBe('AUTH_001');
    const { session } = await tell(START, clerk, of);
    expect(await tell(END, bert.token, { sessionId: session.id })).toMatchObject({ code: 'API_002' });
    expect(await tell(END, clerk, { sessionId: session.id })).toMatchObject({ success: true });
    expect(await tell(PAY, clerk, { sessionId: session.id, idempotencyKey: 'not-his' })).toMatchObject({
      code: 'API_011',
    });
  });
});

test('a stay says how it stands, whose it is and by which reservation, and that one which stay', async () => {
  const WHO = 'owner { id } user { id }';
  const LIST = `query ($lotId: ID) { parkingSessions(lotId: $lotId) { nodes {
    id status ${WHO} reservation { id ${WHO} session { id } } } } }`;
  const lotId = await aLot();
  await aParkingRate(runWork, { venueId, lotId: decodeIdOf('ParkingLot', lotId) });
  const stays = async (token: string) =>
    (await http(LIST, { token, variables: { lotId } })).data.parkingSessions.nodes;
  const { reservation } = await done(RESERVE, bert.token, { lotId, endsAt: minutes(60) });
  const { session } = await done(START, bert.token, { reservationId: reservation.id });
  const his = { owner: { id: reservation.ownerId }, user: { id: reservation.ownerId } };
  const stay = {
    id: session.id,
    ...his,
    reservation: { id: reservation.id, ...his, session: { id: session.id } },
  };
  expect(await stays(bert.token)).toEqual([{ ...stay, status: 'OPEN' }]);
  const asOver = () =>
    db
      .updateTable('parking_session')
      .set({ until: sql<Date>`started_at + interval '1 microsecond'` })
      .where('id', '=', decodeIdOf('ParkingSession', session.id))
      .execute();
  await asOver();
  expect(await stays(bert.token)).toEqual([{ ...stay, status: 'OVERDUE' }]);
  await done(END, clerk, { sessionId: session.id });
  const { session: other } = await done(START, clerk, { lotId });
  await done(END, clerk, { sessionId: other.id });
  expect(await stays(clerk)).toEqual([
    { id: other.id, status: 'DUE', owner: null, user: null, reservation: null },
    { ...stay, status: expect.stringMatching(/^(DUE|ENDED)$/) },
  ]);
});

test('a clerk parks the car of nobody, and all of what it costs is due', async () => {
  const lotId = await aLot();
  await aParkingRate(runWork, { venueId, lotId: decodeIdOf('ParkingLot', lotId) });
  const { session } = await done(START, clerk, { lotId, plate: 'X-1' });
  expect(await done(START, clerk, { lotId, plate: 'x-1' })).toMatchObject({ __typename: 'CarParkedError' });
  const ended = await done(END, clerk, { sessionId: session.id });
  expect(ended.session).toMatchObject({
    charge: { amount: '1.00' },
    paid: { amount: '0.00' },
    due: { amount: '1.00' },
  });
});

test('what is due is paid later, once by its key', async () => {
  const lotId = await aLot();
  await aParkingRate(runWork, { venueId, lotId: decodeIdOf('ParkingLot', lotId) });
  const { session } = await done(START, bert.token, { lotId });
  await done(END, bert.token, { sessionId: session.id });
  const pay = (idempotencyKey: string) => done(PAY, bert.token, { sessionId: session.id, idempotencyKey });
  expect(await pay('one')).toMatchObject({ code: 'API_020' });
  const { id: walletId } = await aWallet(runWork, { venueId, userId: bert.userId, balanceMinor: 500n });
  // A key has one outcome for ever.
  expect(await pay('one')).toMatchObject({ code: 'API_020' });
  expect(await pay('two')).toMatchObject({ replayed: false, session: { due: { amount: '0.00' } } });
  expect(await pay('two')).toMatchObject({ replayed: true });
  expect(await pay('three')).toMatchObject({ success: true });
  const wallet = await http('query ($id: ID!) { wallet(id: $id) { posted { amount } } }', {
    token: bert.token,
    variables: { id: encodeGlobalId('Wallet', walletId) },
  });
  expect(wallet.data.wallet.posted.amount).toBe('4.00');
});

test('a key reserves once, and gives its refusal again though there is a place by then', async () => {
  const lotId = await aLot(1);
  const input = { lotId, startsAt: minutes(10), endsAt: minutes(20), idempotencyKey: 'reserve-once' };
  const first = await done(RESERVE, anna.token, input);
  expect(await done(RESERVE, anna.token, input)).toMatchObject({
    replayed: true,
    reservation: first.reservation,
  });
  expect(await done(RESERVE, anna.token, { ...input, endsAt: minutes(30) })).toMatchObject({
    code: 'API_004',
  });
  expect(await done(RESERVE, bert.token, input)).toMatchObject({ code: 'API_030' });
  await done(CANCEL, anna.token, { reservationId: first.reservation.id, reason: 'ill' });
  expect(await done(RESERVE, bert.token, input)).toMatchObject({ code: 'API_030' });
  expect(await done(RESERVE, bert.token, { ...input, idempotencyKey: 'again' })).toMatchObject({
    success: true,
  });
});

test('each sees his own reservations and stays, with their plates, and who oversees parking sees all', async () => {
  const lotId = await aLot(5);
  for (const { token } of [anna, bert]) {
    await done(RESERVE, token, {
      lotId,
      startsAt: minutes(5),
      endsAt: minutes(10),
      plate: `R-${token.length}`,
    });
    await done(START, token, { lotId });
  }
  const list = async (token: string, filter = '') => {
    const { data } = await http(
      `query ($lotId: ID) { parkingReservations(lotId: $lotId ${filter}) { totalCount nodes { ownerId plate } }
        parkingSessions(lotId: $lotId ${filter} status: OPEN) { totalCount nodes { ownerId lot { id } } } }`,
      { token, variables: { lotId } },
    );
    return data;
  };
  const [annaId, bertId] = [anna, bert].map(({ userId }) => encodeGlobalId('User', userId));
  const hers = await list(anna.token);
  expect(hers.parkingReservations).toMatchObject({ totalCount: 1, nodes: [{ ownerId: annaId }] });
  expect(hers.parkingReservations.nodes[0].plate).toContain('R-');
  expect(hers.parkingSessions).toMatchObject({ totalCount: 1, nodes: [{ ownerId: annaId }] });
  expect((await list(anna.token, `userId: "${bertId}"`)).parkingSessions).toMatchObject({
    totalCount: 0,
    nodes: [],
  });
  for (const token of [clerk, auditor]) {
    const all = await list(token);
    expect([all.parkingReservations.totalCount, all.parkingSessions.totalCount]).toEqual([2, 2]);
    expect((await list(token, `userId: "${bertId}"`)).parkingReservations.nodes).toMatchObject([
      { ownerId: bertId },
    ]);
  }
  expect((await list(stranger)).parkingReservations).toMatchObject({ totalCount: 0 });
});

describe('reservations that are followed', () => {
  const clients: SocketClient[] = [];
  afterAll(() => {
    for (const { socket } of clients) socket.terminate();
  });
  const WATCH = `subscription ($mine: Boolean!, $after: Cursor) { parkingReservations(mine: $mine, after: $after) {
    id status plate version cursor } }`;

  /** From now on: what the tests before did may not have been told yet. */
  async function watch(token: string, { mine = false, after = null as string | null } = {}) {
    const client = await connect({ port });
    clients.push(client);
    await client.init({ accessToken: token });
    client.subscribe('1', WATCH, { mine, after: after ?? (await floor.cursor()) });
    const frames = () =>
      client.messages
        .filter(({ type }) => type === 'next')
        .map(({ payload }) => payload.data.parkingReservations);
    return {
      client,
      frames,
      upTo: (count: number) => eventually(() => frames().length >= count && frames(), { deadlineMs: 60_000 }),
    };
  }

  test('are told to whose they are and to who oversees parking, once and in order, and to nobody else', async () => {
    const lotId = await aLot();
    const [hers, his, all] = [await watch(anna.token), await watch(bert.token), await watch(clerk)];
    const clerksOwn = await watch(clerk, { mine: true });
    const { reservation } = await done(RESERVE, anna.token, { lotId, endsAt: minutes(60), plate: 'SECRET1' });
    const { id } = reservation;
    const { session } = await done(START, anna.token, { reservationId: id });
    await done(END, anna.token, { sessionId: session.id });
    const told = ['ACTIVE', 'CHECKED_IN', 'COMPLETED'];
    for (const watcher of [hers, all]) {
      const frames = await watcher.upTo(3);
      expect(frames.map(({ status }) => status)).toEqual(told);
      expect(frames.every((frame) => frame.id === id && frame.plate === 'SECRET1')).toBe(true);
    }
    const [{ cursor }] = hers.frames();
    const missed = await watch(anna.token, { after: cursor });
    expect((await missed.upTo(2)).map(({ status }) => status)).toEqual(told.slice(1));
    await done(RESERVE, bert.token, { lotId, endsAt: minutes(60) });
    expect(await his.upTo(1)).toMatchObject([{ status: 'ACTIVE', plate: null }]);
    await all.upTo(4);
    expect([hers.frames().length, his.frames().length, clerksOwn.frames().length]).toEqual([3, 1, 0]);
  });

  test('events say which car it is to nobody', async () => {
    const plates = await db
      .selectFrom('event_log')
      .select('payload')
      .where('type', 'like', 'parking.%')
      .execute();
    expect(plates.length).toBeGreaterThan(10);
    expect(JSON.stringify(plates)).not.toContain('SECRET1');
  });
});

test('time alone ends what nobody comes for', async () => {
  const lotId = await aLot();
  const { reservation } = await done(RESERVE, anna.token, {
    lotId,
    // Still to come when the server looks.
    endsAt: new Date(Date.now() + 6_000).toISOString(),
  });
  const row = () =>
    db
      .selectFrom('parking_reservation')
      .selectAll()
      .where('id', '=', decodeIdOf('ParkingReservation', reservation.id))
      .executeTakeFirstOrThrow();
  const ended = await eventually(async () => ((await row()).status === 'EXPIRED' ? await row() : null), {
    deadlineMs: 60_000,
  });
  expect(ended.ended_at?.getTime()).toBeGreaterThanOrEqual(ended.ends_at.getTime());
  expect(await freeOf(lotId)).toMatchObject({ free: 2, reserved: 0 });
});

test('who deletes his account gives back what he reserved, and is forgotten by his car', async () => {
  const lotId = await aLot();
  const { id: userId, email } = await aUser(runWork, { venueId });
  const { accessToken: token } = await signIn(email);
  await done(RESERVE, token, { lotId, startsAt: minutes(10), endsAt: minutes(20), plate: 'GONE-1' });
  const { session } = await done(START, token, { lotId, plate: 'GONE-2', until: minutes(5) });
  const { reservation } = await done(RESERVE, token, { lotId, startsAt: minutes(40), endsAt: minutes(50) });
  await done(CANCEL, token, { reservationId: reservation.id, reason: 'my daughter is ill' });
  const DELETE = mutation('deleteMyAccount', '');
  const leave = () => done(DELETE, token, { password: PASSWORD });
  expect(await leave()).toMatchObject({ __typename: 'AccountIsParkedError', code: 'API_001' });
  await done(END, token, { sessionId: session.id });
  expect(await leave()).toMatchObject({ __typename: 'DeleteMyAccountSuccess' });
  const kept = await db
    .selectFrom('parking_reservation')
    .selectAll()
    .where('user_id', '=', userId)
    .orderBy('starts_at')
    .execute();
  expect(kept).toMatchObject([
    { status: 'CANCELLED', cancel_reason: 'account deleted', plate: null },
    { status: 'CANCELLED', cancel_reason: null },
  ]);
  const stays = await db.selectFrom('parking_session').selectAll().where('user_id', '=', userId).execute();
  expect(stays).toMatchObject([{ plate: null }]);
});
