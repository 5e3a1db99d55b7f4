import { afterAll } from 'vitest';
import type { Resource } from '../../src/booking/resource.ts';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';
import type { FloorApp } from './app.ts';
import { aResource, dayAhead } from './booking.ts';
import { aUser } from './builders.ts';
import { eventually } from './deadline.ts';
import { connect } from './socket-client.ts';
import { transportsTo } from './transports.ts';

/** As the inputs of the API take it. */
export interface ChosenSlot {
  readonly resourceId: string;
  readonly date: string;
  readonly index: number;
}

export const HOURS = 24;

/** The slots of a resource one after the other, from tomorrow on. */
export const slotAt = (resource: Resource, number: number): ChosenSlot => ({
  resourceId: encodeGlobalId('Resource', resource.id),
  date: dayAhead(resource, 1 + Math.floor(number / HOURS)),
  index: number % HOURS,
});

/** What somebody has of a slot. */
export interface Had {
  readonly kind: 'BOOKING' | 'HOLD';
  readonly id: string;
  /** Of a hold. */
  readonly expiresAt: Date | null;
}

export interface HoldTerms {
  readonly expiresInSeconds?: number;
  readonly holdPrice?: boolean;
}

/** Somebody who wants slots. What is refused otherwise than by `SlotUnavailableError`, which gives null, throws. */
export interface Contender {
  readonly userId: string;
  /** Where nobody else books. */
  readonly home: Resource;
  book(slot: ChosenSlot): Promise<Had | null>;
  bookHeld(hold: Had): Promise<Had | null>;
  hold(slot: ChosenSlot, terms?: HoldTerms): Promise<Had | null>;
  move(booking: Had, slot: ChosenSlot): Promise<Had | null>;
  letGo(had: Had): Promise<void>;
}

type Post = (query: string, input: object) => Promise<Json>;
// biome-ignore lint/suspicious/noExplicitAny: JSON as it came
type Json = any;

const BOOKED = '{ __typename ... on Error { code message }';
const BOOK = `mutation ($input: BookSlotInput!) { done: bookSlot(input: $input) ${BOOKED}
  ... on BookSlotSuccess { booking { id } } } }`;
const MOVE = `mutation ($input: RescheduleBookingInput!) { done: rescheduleBooking(input: $input) ${BOOKED}
  ... on RescheduleBookingSuccess { booking { id } } } }`;
const HOLD = `mutation ($input: HoldSlotInput!) { done: holdSlot(input: $input) ${BOOKED}
  ... on HoldSlotSuccess { hold { id expiresAt } } } }`;
const CANCEL = `mutation ($input: CancelBookingInput!) { done: cancelBooking(input: $input) ${BOOKED} } }`;
const RELEASE = `mutation ($input: ReleaseSlotHoldInput!) { done: releaseSlotHold(input: $input) ${BOOKED} } }`;
const ANSWER_MS = 120_000;

/** Players of the floor's venue, each with a resource of his own; every other one asks over a socket he keeps. */
export async function aCrowd(floor: FloorApp, size: number): Promise<readonly Contender[]> {
  const crowd: Contender[] = [];
  while (crowd.length < size) {
    const next = Array.from({ length: Math.min(AT_ONCE, size - crowd.length) }, (_, at) => crowd.length + at);
    crowd.push(...(await Promise.all(next.map((number) => aContender(floor, number)))));
  }
  return crowd;
}

/** Passwords are dear to check: a server refuses to check many at once. */
const AT_ONCE = 8;

async function aContender(floor: FloorApp, number: number): Promise<Contender> {
  const { venueId } = floor;
  const { runWork } = floor.app().services;
  const { http, signIn } = transportsTo(floor);
  const username = `contender-${number}`;
  const { id: userId } = await aUser(runWork, { venueId, username });
  const home = await aResource(runWork, { venueId });
  const { accessToken: token } = await signIn(username);
  const isOverHttp = number % 2 === 0;
  const post: Post = isOverHttp
    ? (query, input) => http(query, { token, input })
    : await overSocket(floor, token);
  return contender(post, { userId, home });
}

async function overSocket(floor: FloorApp, token: string): Promise<Post> {
  const client = await connect({ port: Number(new URL(floor.app().url).port) });
  afterAll(() => client.socket.terminate());
  await client.init({ accessToken: token });
  let asked = 0;
  return async (query, input) => {
    asked += 1;
    const id = String(asked);
    client.subscribe(id, query, { input });
    const { payload } = await eventually(
      () => client.messages.find((each) => each.id === id && each.type !== 'complete'),
      { deadlineMs: ANSWER_MS },
    );
    return Array.isArray(payload) ? { errors: payload } : payload;
  };
}

function contender(post: Post, who: Pick<Contender, 'userId' | 'home'>): Contender {
  const done = async (query: string, input: object): Promise<Json | null> => {
    const answer = await post(query, input);
    // So many at once are more than a server has connections: what has a key, or was not begun, is asked again.
    const [error] = answer.errors ?? [];
    if (error?.extensions.retryable && ('idempotencyKey' in input || (error.path ?? []).length <= 1))
      return await done(query, input);
    const outcome = answer.data?.done;
    if (outcome?.__typename === 'SlotUnavailableError' && outcome.code === 'API_010') return null;
    if (!outcome?.__typename.endsWith('Success')) throw new Error(JSON.stringify(answer));
    return outcome;
  };
  const booked = async (query: string, input: object): Promise<Had | null> => {
    const outcome = await done(query, { ...input, idempotencyKey: newId() });
    return outcome && { kind: 'BOOKING', id: outcome.booking.id, expiresAt: null };
  };
  return {
    ...who,
    book: (slot) => booked(BOOK, slot),
    bookHeld: ({ id: holdId }) => booked(BOOK, { holdId }),
    move: ({ id: bookingId }, slot) => booked(MOVE, { bookingId, ...slot }),
    async hold(slot, terms) {
      const outcome = await done(HOLD, { ...slot, ...terms });
      return outcome && { kind: 'HOLD', id: outcome.hold.id, expiresAt: new Date(outcome.hold.expiresAt) };
    },
    async letGo({ kind, id }) {
      await (kind === 'HOLD' ? done(RELEASE, { holdId: id }) : done(CANCEL, { bookingId: id }));
    },
  };
}
