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

/** The slots of a resource one after the other, from tomorrow on. Every other day is left to series. */
export const slotAt = (resource: Resource, number: number): ChosenSlot => ({
  resourceId: encodeGlobalId('Resource', resource.id),
  date: dayAhead(resource, 1 + 2 * Math.floor(number / HOURS)),
  index: number % HOURS,
});

/** What somebody has of a slot. */
export interface Had {
  readonly kind: 'BOOKING' | 'HOLD' | 'SERIES';
  /** Of a series: of its first booking. */
  readonly id: string;
  readonly seriesId: string | null;
  /** Of a hold. */
  readonly expiresAt: Date | null;
}

export interface HoldTerms {
  readonly expiresInSeconds?: number;
  readonly holdPrice?: boolean;
}

/** Somebody who wants slots. What is refused otherwise than because a slot is taken, which gives null, throws. */
export interface Contender {
  readonly userId: string;
  /** Where nobody else books. */
  readonly home: Resource;
  book(slot: ChosenSlot): Promise<Had | null>;
  /** The slot, and the same on the next day, or neither. */
  bookBoth(slot: ChosenSlot): Promise<Had | null>;
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
const BOOK_BOTH = `mutation ($input: BookSeriesInput!) { done: bookSeries(input: $input) ${BOOKED}
  ... on BookSeriesSuccess { series { id bookings(last: 1) { nodes { id } } } } } }`;
const HOLD = `mutation ($input: HoldSlotInput!) { done: holdSlot(input: $input) ${BOOKED}
  ... on HoldSlotSuccess { hold { id expiresAt } } } }`;
const CANCEL = `mutation ($input: CancelBookingInput!) { done: cancelBooking(input: $input) ${BOOKED} } }`;
const CANCEL_BOTH = `mutation ($input: CancelSeriesInput!) { done: cancelSeries(input: $input) ${BOOKED} } }`;
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

/** How it is said that a slot is somebody else's. */
const TAKEN: Readonly<Record<string, string>> = {
  SlotUnavailableError: 'API_010',
  SeriesConflictError: 'API_014',
};

function contender(post: Post, who: Pick<Contender, 'userId' | 'home'>): Contender {
  const done = async (query: string, input: object): Promise<Json | null> => {
    const answer = await post(query, input);
    // So many at once are more than a server has connections: what has a key, or was not begun, is asked again.
    const [error] = answer.errors ?? [];
    if (error?.extensions.retryable && ('idempotencyKey' in input || (error.path ?? []).length <= 1))
      return await done(query, input);
    const outcome = answer.data?.done;
    if (outcome?.code && outcome.code === TAKEN[outcome.__typename]) return null;
    if (!outcome?.__typename.endsWith('Success')) throw new Error(JSON.stringify(answer));
    return outcome;
  };
  const booked = async (query: string, input: object): Promise<Had | null> => {
    const outcome = await done(query, { ...input, idempotencyKey: newId() });
    return outcome && { kind: 'BOOKING', id: outcome.booking.id, seriesId: null, expiresAt: null };
  };
  return {
    ...who,
    book: (slot) => booked(BOOK, slot),
    bookHeld: ({ id: holdId }) => booked(BOOK, { holdId }),
    move: ({ id: bookingId }, slot) => booked(MOVE, { bookingId, ...slot }),
    async hold(slot, terms) {
      const outcome = await done(HOLD, { ...slot, ...terms });
      if (!outcome) return null;
      const { id, expiresAt } = outcome.hold;
      return { kind: 'HOLD', id, seriesId: null, expiresAt: new Date(expiresAt) };
    },
    async bookBoth(slot) {
      const input = { ...slot, rule: 'FREQ=DAILY;COUNT=2', idempotencyKey: newId() };
      const outcome = await done(BOOK_BOTH, input);
      if (!outcome) return null;
      const { id: seriesId, bookings } = outcome.series;
      return { kind: 'SERIES', id: bookings.nodes[0].id, seriesId, expiresAt: null };
    },
    async letGo({ kind, id, seriesId }) {
      if (kind === 'SERIES') await done(CANCEL_BOTH, { seriesId });
      else await (kind === 'HOLD' ? done(RELEASE, { holdId: id }) : done(CANCEL, { bookingId: id }));
    },
  };
}
