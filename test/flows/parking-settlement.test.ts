import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { aFloorApp } from '../support/app.ts';
import { aUser } from '../support/builders.ts';
import { eventually } from '../support/deadline.ts';
import { aWallet } from '../support/money.ts';
import { aDueStay } from '../support/parking.ts';
import { connect } from '../support/socket-client.ts';
import { transportsTo } from '../support/transports.ts';

/** What the desk takes of what is due of stays. */

const floor = await aFloorApp({ machines: 0 });
const { venueId } = floor;
const { runWork } = floor.app().services;
const { http, signIn } = transportsTo(floor);
const { id: annaId, email } = await aUser(runWork, { venueId });
const { accessToken: anna } = await signIn(email);
const [clerk = '', admin = '', auditor = '', stranger = ''] = await Promise.all(
  (['OPERATOR', 'ADMIN', 'AUDITOR', 'FOREIGN_ADMIN'] as const).map((role) => floor.token(role)),
);

const STAY = `id version charge { amount } paid { amount } due { amount }
  settlement { amount { amount currency } how at note by { kind user { id } } }`;
const SETTLE = `mutation ($input: SettleParkingDueInput!) { settleParkingDue(input: $input) {
  __typename ... on Error { code } ... on VersionConflictError { currentVersion }
  ... on SettleParkingDueSuccess { success replayed session { ${STAY} } } } }`;
const PAY = `mutation ($input: PayParkingDueInput!) { payParkingDue(input: $input) {
  ... on Error { code } ... on PayParkingDueSuccess { session { ${STAY} } } } }`;
const EXPORT = `mutation { exportMyData(input: { sections: ["parkingSessions", "auditRecordOfOthers"] }) {
  ... on ExportMyDataSuccess { data } } }`;

const aStay = async (userId: string | null) => {
  const { id } = await aDueStay(runWork, { venueId, userId });
  return encodeGlobalId('ParkingSession', id);
};
let keys = 0;
const settle = async (token: string | undefined, sessionId: string, input: object = {}) => {
  keys += 1;
  const { data, errors } = await http(SETTLE, {
    token,
    input: { sessionId, how: 'CASH', expectedVersion: 2, idempotencyKey: `settle-${keys}`, ...input },
  });
  return data?.settleParkingDue ?? errors?.[0]?.extensions?.code;
};
const seen = async (token: string, id: string) =>
  (
    await http(`query ($id: ID!) { node(id: $id) { ... on ParkingSession { status ${STAY} } } }`, {
      token,
      variables: { id },
    })
  ).data.node;

test('the desk takes what is due of nobody’s stay, once by its key, and it is on record', async () => {
  const id = await aStay(null);
  const idempotencyKey = 'receipt-1';
  const settled = await settle(clerk, id, { note: ' receipt 1 ', idempotencyKey });
  expect(settled).toMatchObject({
    success: true,
    replayed: false,
    session: {
      charge: { amount: '1.00' },
      paid: { amount: '1.00' },
      due: { amount: '0.00' },
      settlement: {
        amount: { amount: '1.00', currency: 'USD' },
        how: 'CASH',
        note: 'receipt 1',
        by: { kind: 'USER', user: { id: expect.any(String) } },
      },
    },
  });
  expect(await settle(clerk, id, { note: ' receipt 1 ', idempotencyKey })).toEqual({
    ...settled,
    replayed: true,
  });
  expect(await settle(clerk, id, { how: 'CARD', idempotencyKey })).toMatchObject({ code: 'API_004' });
  expect(await settle(admin, id)).toMatchObject({
    __typename: 'VersionConflictError',
    code: 'API_003',
    currentVersion: 3,
  });
  expect(await settle(admin, id, { expectedVersion: 3 })).toMatchObject({
    __typename: 'ParkingEndedError',
  });
  const { data } = await http(
    '{ auditLog(types: ["parking.session-settled"], first: 1) { nodes { actor { user { id } } data } } }',
    { token: admin },
  );
  expect(data.auditLog.nodes).toMatchObject([
    {
      actor: { user: settled.session.settlement.by.user },
      data: { parkingSessionId: id, settledHow: 'CASH', settledMinor: '100', settledNote: 'receipt 1' },
    },
  ]);
});

test('what is settled of a person’s stay he is told and shown, but not what the desk notes of it', async () => {
  const id = await aStay(annaId);
  const client = await connect({ port: Number(new URL(floor.app().url).port) });
  await client.init({ accessToken: anna });
  client.subscribe('notices', 'subscription { notifications { ... on Notification { message data } } }');
  client.subscribe('log', 'subscription { events(types: ["parking.session-settled"]) { payload } }');
  await client.roundTrip();
  const next = (wanted: string) =>
    client.messages
      .filter(({ id: of, type }) => of === wanted && type === 'next')
      .map(({ payload }) => payload.data);
  const note = 'he was rude';
  expect(await settle(clerk, id, { how: 'WAIVED', note })).toMatchObject({
    session: { paid: { amount: '0.00' }, due: { amount: '0.00' }, settlement: { how: 'WAIVED', note } },
  });
  expect(await seen(anna, id)).toMatchObject({
    status: 'ENDED',
    due: { amount: '0.00' },
    settlement: { how: 'WAIVED', note: null, by: { user: null } },
  });
  expect(await seen(auditor, id)).toMatchObject({ settlement: { note } });
  const notices = () => next('notices').filter((told) => told.notifications.data.status === 'SETTLED');
  expect(await eventually(() => notices().length > 0 && notices())).toMatchObject([
    {
      notifications: { message: expect.stringContaining('$1.00 is waived'), data: { parkingSessionId: id } },
    },
  ]);
  const [told] = await eventually(() => next('log').length > 0 && next('log'));
  expect(told.events.payload).toMatchObject({ parkingSessionId: id, settledHow: 'WAIVED' });
  expect(told.events.payload).not.toHaveProperty('settledNote');
  client.socket.terminate();
  const kept = await eventually(async () => {
    const { data } = await http(EXPORT, { token: anna });
    const { parkingSessions, auditRecordOfOthers } = data.exportMyData.data;
    const ofIt = auditRecordOfOthers.filter(
      ({ type }: { readonly type: string }) => type === 'parking.session-settled',
    );
    return ofIt.length > 0 && { parkingSessions, ofIt };
  });
  // What is kept of his stay he may have, and what is on record of who wrote it without the words.
  expect(kept).toMatchObject({
    parkingSessions: [{ settledNote: note }],
    ofIt: [{ data: { settledHow: 'WAIVED' } }],
  });
  expect(JSON.stringify(kept.ofIt)).not.toContain(note);
  // There is nothing left for his wallet to pay.
  await aWallet(runWork, { venueId, userId: annaId, balanceMinor: 500n });
  const paid = await http(PAY, { token: anna, input: { sessionId: id, idempotencyKey: 'late' } });
  expect(paid.data.payParkingDue.session).toMatchObject({
    paid: { amount: '0.00' },
    due: { amount: '0.00' },
  });
});

test('what the wallet has paid since is not taken again', async () => {
  const { id: userId, email: hers } = await aUser(runWork, { venueId });
  const { accessToken: token } = await signIn(hers);
  const id = await aStay(userId);
  await aWallet(runWork, { venueId, userId, balanceMinor: 500n });
  await http(PAY, { token, input: { sessionId: id, idempotencyKey: 'first' } });
  expect(await settle(clerk, id)).toMatchObject({ code: 'API_003', currentVersion: 3 });
  expect(await seen(clerk, id)).toMatchObject({ paid: { amount: '1.00' }, settlement: null });
});

test('who oversees no parking settles nothing', async () => {
  const id = await aStay(null);
  expect(await settle(undefined, id)).toBe('AUTH_001');
  for (const token of [anna, auditor]) expect(await settle(token, id)).toBe('AUTH_004');
  expect(await settle(stranger, id)).toMatchObject({ code: 'API_002' });
  expect(await seen(clerk, id)).toMatchObject({ status: 'DUE', settlement: null });
});
