import { afterAll, describe, expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { aFloorApp } from '../support/app.ts';
import { aBooking, aResource, dayAhead } from '../support/booking.ts';
import { aUser } from '../support/builders.ts';
import { eventually } from '../support/deadline.ts';
import { aWallet } from '../support/money.ts';
import { connect, type SocketClient } from '../support/socket-client.ts';
import { transportsTo } from '../support/transports.ts';

const floor = await aFloorApp({ machines: 0 });
const { venueId } = floor;
const { db, runWork } = floor.app().services;
const port = Number(new URL(floor.app().url).port);
const { http, transports, signIn } = transportsTo(floor);

const JOIN = `mutation ($input: JoinWaitlistInput!) { joinWaitlist(input: $input) { __typename
  ... on JoinWaitlistSuccess { entry { id state ahead position secondsLeft slot { index } } } ... on Error { code } } }`;
const LEAVE = `mutation ($input: LeaveWaitlistInput!) { leaveWaitlist(input: $input) { __typename
  ... on LeaveWaitlistSuccess { entry { state endedAt } } ... on Error { code } } }`;
const ANSWER = `mutation ($input: AnswerWaitlistOfferInput!) { answerWaitlistOffer(input: $input) { __typename
  ... on AnswerWaitlistOfferSuccess { replayed entry { state booking { id status paid { amount } } } }
  ... on Error { code } ... on HoldEndedError { end } } }`;
const CANCEL = `mutation ($input: CancelBookingInput!) { cancelBooking(input: $input) { __typename } }`;
const BOOK = `mutation ($input: BookSlotInput!) { bookSlot(input: $input) { __typename ... on Error { code } } }`;
const MINE = '{ myWaitlist { id state ahead position secondsLeft offerExpiresAt slot { index state } } }';
const WATCH = `subscription ($after: Cursor) { waitlist(after: $after) {
  id ownerId state offerExpiresAt secondsLeft ahead cursor } }`;

/** Somebody of the venue with money and a token. */
async function somebody() {
  const { id, email } = await aUser(runWork, { venueId });
  await aWallet(runWork, { venueId, userId: id, balanceMinor: 10_000n });
  return { id, token: (await signIn(email)).accessToken };
}

/** A slot that somebody has booked, who can give it back. */
async function aTakenSlot(priceMinor = 700n) {
  const resource = await aResource(runWork, { venueId, priceMinor });
  const owner = await somebody();
  const slot = { resourceId: resource.id, day: dayAhead(resource), index: 9 };
  const { id } = await aBooking(runWork, { venueId, userId: owner.id, slot });
  const cancel = () =>
    http(CANCEL, { token: owner.token, input: { bookingId: encodeGlobalId('Booking', id) } });
  return {
    resource,
    input: { resourceId: encodeGlobalId('Resource', resource.id), date: slot.day, index: slot.index },
    cancel,
  };
}

describe.each(transports)('over %s', (_name, ask) => {
  test('who waits is offered what is given back, and books it once by a key', async () => {
    const { input, cancel } = await aTakenSlot();
    const [first, second, stranger] = [await somebody(), await somebody(), await somebody()];
    const joined = (await ask(JOIN, { token: first.token, input })).data.joinWaitlist.entry;
    expect(joined).toMatchObject({
      state: 'WAITING',
      ahead: 0,
      position: 1,
      secondsLeft: 0,
      slot: { index: 9 },
    });
    const behind = (await ask(JOIN, { token: second.token, input })).data.joinWaitlist.entry;
    expect(behind).toMatchObject({ state: 'WAITING', ahead: 1, position: 2 });
    await cancel();

    const [mine] = (await ask(MINE, { token: first.token })).data.myWaitlist;
    expect(mine).toMatchObject({ id: joined.id, state: 'OFFERED', ahead: null, slot: { state: 'HELD' } });
    expect(mine.secondsLeft).toBeGreaterThan(500);
    expect(mine.secondsLeft).toBeLessThanOrEqual(600);
    expect((await ask(BOOK, { token: stranger.token, input })).data.bookSlot.code).toBe('API_010');
    const early = await ask(ANSWER, { token: second.token, input: { entryId: behind.id, accept: true } });
    expect(early.data.answerWaitlistOffer.code).toBe('API_001');

    const answer = { entryId: joined.id, accept: true, idempotencyKey: `accept-${joined.id}` };
    const accepted = (await ask(ANSWER, { token: first.token, input: answer })).data.answerWaitlistOffer;
    expect(accepted).toMatchObject({
      replayed: false,
      entry: { state: 'ACCEPTED', booking: { status: 'BOOKED', paid: { amount: '7.00' } } },
    });
    const again = (await ask(ANSWER, { token: first.token, input: answer })).data.answerWaitlistOffer;
    expect(again).toEqual({ ...accepted, replayed: true });
    const mismatch = { ...answer, accept: false };
    expect((await ask(ANSWER, { token: first.token, input: mismatch })).data.answerWaitlistOffer.code).toBe(
      'API_004',
    );
    const { idempotencyKey: _, ...anew } = answer;
    expect((await ask(ANSWER, { token: first.token, input: anew })).data.answerWaitlistOffer).toMatchObject({
      code: 'API_013',
      end: 'CAPTURED',
    });
    expect((await ask(MINE, { token: first.token })).data.myWaitlist).toEqual([]);
  });

  test('a place in a line is nobody else’s to see or to change', async () => {
    const { input } = await aTakenSlot();
    const [waiting, stranger] = [await somebody(), await somebody()];
    const { id: entryId } = (await ask(JOIN, { token: waiting.token, input })).data.joinWaitlist.entry;
    const node = 'query ($id: ID!) { node(id: $id) { id } }';
    const seen = await ask(node, { token: stranger.token, variables: { id: entryId } });
    expect(seen.data.node).toBeNull();
    const left = await ask(LEAVE, { token: stranger.token, input: { entryId } });
    expect(left.data.leaveWaitlist.code).toBe('API_002');
    const own = await ask(LEAVE, { token: waiting.token, input: { entryId } });
    expect(own.data.leaveWaitlist.entry).toMatchObject({ state: 'LEFT', endedAt: expect.any(String) });
    const twice = await ask(LEAVE, { token: waiting.token, input: { entryId } });
    expect(twice.data.leaveWaitlist.entry).toEqual(own.data.leaveWaitlist.entry);
  });
});

test('an offer that nobody answers in time goes on to the next within the job’s second', async () => {
  const { input, cancel } = await aTakenSlot();
  const [first, second] = [await somebody(), await somebody()];
  const entries = [
    (await http(JOIN, { token: first.token, input })).data.joinWaitlist.entry.id,
    (await http(JOIN, { token: second.token, input })).data.joinWaitlist.entry.id,
  ];
  await cancel();
  // As if its time were over.
  await db
    .updateTable('slot_claim')
    .set({ expires_at: new Date(Date.now() - 1) })
    .where('user_id', '=', first.id)
    .where('kind', '=', 'OFFER')
    .execute();
  const offered = await eventually(async () => {
    const { data } = await http(MINE, { token: second.token });
    return data.myWaitlist[0].state === 'OFFERED' && data.myWaitlist[0];
  });
  expect(offered.id).toBe(entries[1]);
  expect((await http(MINE, { token: first.token })).data.myWaitlist).toEqual([]);
});

describe('the stream of one’s own lines', () => {
  const clients: SocketClient[] = [];
  afterAll(() => {
    for (const { socket } of clients) socket.terminate();
  });

  async function watch(token: string, variables: object = {}) {
    const client = await connect({ port });
    clients.push(client);
    await client.init({ accessToken: token });
    client.subscribe('1', WATCH, variables);
    await client.roundTrip();
    const frames = () =>
      client.messages.filter(({ type }) => type === 'next').map(({ payload }) => payload.data.waitlist);
    return (count: number) => eventually(() => frames().length >= count && frames());
  }

  test('counts down what is offered, to him alone, and goes on behind a cursor', async () => {
    const { input, cancel } = await aTakenSlot();
    const [first, second] = [await somebody(), await somebody()];
    const [hers, his] = [await watch(first.token), await watch(second.token)];
    const { id } = (await http(JOIN, { token: first.token, input })).data.joinWaitlist.entry;
    await http(JOIN, { token: second.token, input });
    await cancel();
    await http(ANSWER, { token: first.token, input: { entryId: id, accept: false } });

    const seen = await hers(3);
    expect(seen.map(({ state }: { state: string }) => state)).toEqual(['WAITING', 'OFFERED', 'DECLINED']);
    for (const frame of seen) expect(frame).toMatchObject({ id, ownerId: encodeGlobalId('User', first.id) });
    const [, offered, declined] = seen;
    expect(offered.secondsLeft).toBeGreaterThan(500);
    expect(offered.secondsLeft).toBeLessThanOrEqual(600);
    const left = Date.parse(offered.offerExpiresAt) - Date.now();
    expect(Math.abs(left - offered.secondsLeft * 1_000)).toBeLessThan(60_000);
    expect(declined.secondsLeft).toBe(0);

    const seenByHim = await his(2);
    expect(seenByHim.map(({ state }: { state: string }) => state)).toEqual(['WAITING', 'OFFERED']);
    for (const { ownerId } of seenByHim) expect(ownerId).toBe(encodeGlobalId('User', second.id));

    const resumed = await watch(first.token, { after: offered.cursor });
    expect((await resumed(1))[0]).toMatchObject({ state: 'DECLINED', cursor: declined.cursor });
  });

  test('is for people', async () => {
    const { errors } = await floor
      .follow(WATCH, { as: 'PARTNER' })
      .next()
      .catch((refusal) => ({ errors: refusal }));
    expect(errors[0].extensions.code).toBe('AUTH_004');
  });
});
