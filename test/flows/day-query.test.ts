import { type ExecutionArgs, execute, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { blockSlots } from '../../src/booking/block-service.ts';
import { cancelBooking } from '../../src/booking/booking-service.ts';
import type { Resource } from '../../src/booking/resource.ts';
import { updateResource } from '../../src/booking/resource-service.ts';
import { holdSlot } from '../../src/booking/slot-hold-service.ts';
import { boundsOf } from '../../src/booking/slot-times.ts';
import { joinWaitlist } from '../../src/booking/waitlist-service.ts';
import type { HotReads } from '../../src/db/hot-read.ts';
import { createContext } from '../../src/graphql/context.ts';
import { writeDay } from '../../src/graphql/day-query.ts';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { buildSchema } from '../../src/graphql/schema.ts';
import type { Role, Scope, SignedInActor } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import { createRandom } from '../sas/codec/generated/random.ts';
import { aFloorApp } from '../support/app.ts';
import { aBooking, aResource, DESK, dayAhead } from '../support/booking.ts';
import { aUser } from '../support/builders.ts';
import { allOf, type Selectable, someOf } from '../support/selections.ts';

const floor = await aFloorApp({ machines: 0 });
const { venueId } = floor;
const { services } = floor.app();
const { runWork } = services;
const schema = buildSchema();
const aPlayer = (username: string) =>
  aUser(runWork, { venueId, username, displayName: `"${username}" \\ ü` });
const [anna, bert] = [await aPlayer('anna'), await aPlayer('bert')];

/** The last Sunday of a month, far enough ahead. */
function changeOfClocks(month: number): string {
  const last = new Date(Date.UTC(new Date().getUTCFullYear() + 1, month, 31));
  return new Date(last.getTime() - last.getUTCDay() * 86_400_000).toISOString().slice(0, 10);
}

/** A day with something of everything, at these slots of it. */
async function aFullDay(resource: Resource, day: string): Promise<void> {
  const at = (index: number) => ({ resourceId: resource.id, day, index });
  const book = (userId: string, index: number) => aBooking(runWork, { venueId, userId, slot: at(index) });
  await book(anna.id, 3);
  await book(bert.id, 3);
  await book(bert.id, 4);
  const cancelled = await book(anna.id, 6);
  await runWork(DESK, (work) =>
    cancelBooking(work, { venueId, bookingId: cancelled.id, reason: 'rain', refund: 'RULE' }),
  );
  const { from } = boundsOf(day, resource.timeZone);
  const hour = (n: number) => new Date(from.getTime() + n * 3_600_000);
  await runWork(DESK, (work) =>
    blockSlots(work, {
      venueId,
      resourceId: resource.id,
      startsAt: new Date(hour(9).getTime() + 600_001),
      endsAt: hour(11),
      reason: 'wet "paint"',
    }),
  );
  await runWork(DESK, (work) =>
    holdSlot(work, { venueId, userId: anna.id, slot: at(14), expiresInSeconds: 900, holdsPrice: false }),
  );
  // Who is next in line for a full slot is offered what is given back.
  await book(anna.id, 16);
  const given = await book(bert.id, 16);
  const next = await aUser(runWork, { venueId });
  await runWork(DESK, (work) => joinWaitlist(work, { venueId, userId: next.id, slot: at(16) }));
  await runWork(DESK, (work) =>
    cancelBooking(work, { venueId, bookingId: given.id, reason: null, refund: 'RULE' }),
  );
}

const resource = await aResource(runWork, { venueId, capacity: 2, bookableDays: 1_096 });
const ordinary = dayAhead(resource);
const days = [ordinary, changeOfClocks(2), changeOfClocks(9)];
for (const day of days) await aFullDay(resource, day);
/** Booked by the hour, and cut otherwise since. */
const recut = await aResource(runWork, { venueId, capacity: 2, bookableDays: 1_096 });
await aFullDay(recut, ordinary);
await runWork(DESK, (work) =>
  updateResource(work, { venueId, resourceId: recut.id, expectedVersion: recut.version, slotMinutes: 45 }),
);
const closed = await aResource(runWork, { venueId });
await aBooking(runWork, {
  venueId,
  userId: anna.id,
  slot: { resourceId: closed.id, day: ordinary, index: 0 },
});
await runWork(DESK, (work) =>
  updateResource(work, { venueId, resourceId: closed.id, expectedVersion: closed.version, status: 'CLOSED' }),
);

const MONEY: Selectable = { type: 'Money', fields: { amount: null, currency: null } };
const RESOURCE: Selectable = { type: 'Resource', fields: { id: null, kind: null, name: null } };
const OWNER: Selectable = { type: 'User', fields: { id: null, username: null, displayName: null } };
const BOOKING: Selectable = {
  type: 'Booking',
  fields: {
    ...{
      id: null,
      resource: RESOURCE,
      ownerId: null,
      owner: OWNER,
      startsAt: null,
      endsAt: null,
      status: null,
    },
    ...{ paid: MONEY, refunded: MONEY, bookedAt: null, cancelledAt: null, cancelReason: null },
    ...{ checkedInAt: null, changedAt: null, version: null, cursor: null },
  },
};
const SLOT: Selectable = {
  type: 'Slot',
  fields: {
    ...{
      id: null,
      resource: RESOURCE,
      date: null,
      index: null,
      startsAt: null,
      endsAt: null,
      startTime: null,
    },
    ...{ endTime: null, state: null, free: null, price: MONEY, booking: BOOKING, bookings: BOOKING },
    ...{ blockReason: null, blockId: null },
  },
};
const DAY: Selectable = {
  type: 'SlotDay',
  fields: {
    ...{ resource: RESOURCE, date: null, slots: SLOT, availableSlots: null, bookedSlots: null, total: null },
    ...{ available: null, booked: null, skipped: null },
  },
};
const queryOf = (selection: string, fragments = '') =>
  `query ($resourceId: ID!, $date: LocalDate!) {
    day: slots(resourceId: $resourceId, date: $date) ${selection} } ${fragments}`;
const EVERYTHING = queryOf(allOf(DAY));

const person = (userId: string, roles: readonly Role[], grants: readonly Scope[] = []): SignedInActor => ({
  kind: 'user',
  userId,
  venueId,
  sessionId: newId(),
  roles,
  grants,
  mustChangePassword: false,
});
const key = (scopes: readonly Scope[]): SignedInActor => ({
  kind: 'partner',
  apiKeyId: newId(),
  venueId,
  scopes,
  eventTypes: [],
});
const WHO: readonly (readonly [string, SignedInActor])[] = [
  ['an ADMIN', person(newId(), ['ADMIN'])],
  ['an OPERATOR', person(newId(), ['OPERATOR'])],
  ['an AUDITOR', person(newId(), ['AUDITOR'])],
  ['who booked', person(anna.id, ['PLAYER'])],
  ['who booked another', person(bert.id, ['PLAYER'])],
  ['a stranger', person(newId(), ['PLAYER'])],
  ['a player who may see bookings', person(newId(), ['PLAYER'], ['BOOKINGS_MANAGE'])],
  ['a key that sees slots', key(['BOOKINGS_READ'])],
  ['a key that sees bookings', key(['BOOKINGS_READ', 'BOOKINGS_MANAGE'])],
];

function argsFor(actor: SignedInActor, { query = EVERYTHING, date = ordinary, id = resource.id } = {}) {
  const read: string[] = [];
  const hotReads: Pick<HotReads, 'read'> = {
    read(statement, values) {
      read.push(statement.text);
      return services.hotReads.read(statement, values);
    },
  };
  const contextValue = createContext(
    { ...services, hotReads },
    { actor, requestId: newId(), client: NOWHERE },
  );
  const variableValues = { resourceId: encodeGlobalId('Resource', id), date };
  return { args: { schema, document: parse(query), variableValues, contextValue }, read };
}
const NOWHERE = { address: null, userAgent: undefined };

/** What is written, and nothing but the statement was asked for it. */
async function written({ args, read }: ReturnType<typeof argsFor>): Promise<unknown> {
  const db = new Proxy({}, { get: () => expect.fail('something else was read') });
  const contextValue = Object.assign(Object.create(args.contextValue), { db });
  const text = await writeDay({ ...args, contextValue });
  expect(read).toHaveLength(1);
  return { data: JSON.parse(text ?? 'null') };
}
const executed = async (args: ExecutionArgs) => JSON.parse(JSON.stringify(await execute(args)));

describe('a day is written out of one statement as it is executed', () => {
  describe.each(WHO)('for %s', (_who, actor) => {
    test.each([
      ['an ordinary day', resource, days[0]],
      ['a day of 23 hours', resource, days[1]],
      ['a day of 25 hours', resource, days[2]],
      ['a day cut otherwise since', recut, ordinary],
      ['a day of what is closed', closed, ordinary],
      ['a day long ago', resource, '1999-12-31'],
    ])('%s', async (_what, { id }, date) => {
      const asked = argsFor(actor, { id, ...(date && { date }) });
      expect(await written(asked)).toEqual(await executed(asked.args));
    });
  });

  test('whatever of it is selected, in whatever way', async () => {
    const random = createRandom(20_261_121);
    const pick = <T>(of: readonly T[]) => of[random.below(of.length)] as T;
    for (let round = 0; round < 60; round += 1) {
      const { selection, fragments } = someOf(random, DAY);
      const query = queryOf(selection, fragments);
      const asked = argsFor(pick(WHO)[1], { query, date: pick(days), id: pick([resource, recut]).id });
      const answers = [await written(asked), await executed(asked.args)];
      // As texts, so that the order counts too.
      const [sooner, later] = answers.map((answer) => JSON.stringify(answer));
      expect(sooner, query).toBe(later);
    }
  });
});

test('of the day nothing is read that is not shown', async () => {
  const few = argsFor(WHO[0]?.[1] ?? expect.fail(), { query: queryOf('{ slots { index state } }') });
  await written(few);
  expect(few.read[0]).not.toMatch(/booked_at|app_user|join lateral|event_log|resource\.\*/);
  const more = argsFor(WHO[0]?.[1] ?? expect.fail(), {
    query: queryOf('{ timestamp cursor slots { booking { bookedAt } } }'),
  });
  await written(more);
  expect(more.read[0]).toMatch(/event_log/);
  expect(more.read[0]).toMatch(/booked_at/);
  expect(more.read[0]).not.toMatch(/app_user|changed_at/);
});

test('a cursor of the day is one behind which it is followed', async () => {
  const variables = { resourceId: encodeGlobalId('Resource', resource.id), date: ordinary };
  const { data } = await floor.ask(
    'query ($resourceId: ID!, $date: LocalDate!) { slots(resourceId: $resourceId, date: $date) { cursor timestamp } }',
    { as: 'OPERATOR', variables },
  );
  expect(Math.abs(Date.parse(data.slots.timestamp) - Date.now())).toBeLessThan(60_000);
  const follow = floor.follow(
    `subscription ($resourceId: ID!, $date: LocalDate!, $after: Cursor) {
      slots(resourceId: $resourceId, date: $date, after: $after) { slots { index state } } }`,
    { as: 'OPERATOR', variables: { ...variables, after: data.slots.cursor } },
  );
  const frame = follow.next();
  await aBooking(runWork, {
    venueId,
    userId: bert.id,
    slot: { resourceId: resource.id, day: ordinary, index: 20 },
  });
  await aBooking(runWork, {
    venueId,
    userId: anna.id,
    slot: { resourceId: resource.id, day: ordinary, index: 20 },
  });
  expect((await frame).slots.slots).toHaveLength(24);
});

test('what is refused, missing or selected otherwise is left to the execution', async () => {
  const admin = person(newId(), ['ADMIN']);
  const total = (instead: string) => ({ query: queryOf('{ total }').replace('total', instead) });
  const left = [
    argsFor(person(newId(), [])),
    argsFor(key([])),
    argsFor(admin, { id: newId() }),
    argsFor({ ...admin, venueId: newId() }),
    argsFor(admin, { date: '2026-02-30' }),
    argsFor(admin, total('total @skip(if: true)')),
    argsFor(admin, total('... @include(if: true) { total }')),
    argsFor(admin, total('slots { price { formatted(locale: "de") } }')),
    argsFor(admin, total('slots { booking { owner { email } } }')),
    argsFor(admin, { query: '{ me { id } }' }),
  ];
  for (const { args } of left) expect(await writeDay(args)).toBeNull();
  expect(await writeDay(argsFor(admin, total('total')).args)).toBe('{"day":{"total":24}}');
});

test('over HTTP and over a socket it is the same as by its execution, and says what it costs', async () => {
  const variables = { resourceId: encodeGlobalId('Resource', resource.id), date: ordinary };
  const query = queryOf(
    `{ date slots { __typename id index startsAt state booking { ...Booked } } }`,
    BOOKED,
  );
  const ask = (text: string) => floor.ask(text, { as: 'OPERATOR', variables });
  const sooner = await ask(query);
  expect(sooner.data.day.slots[3].booking.owner.username).toMatch(/anna|bert/);
  expect(sooner).toEqual(await ask(query.replace('{ date', '{ date @include(if: true)')));
  const client = floor.client('OPERATOR');
  const frame = await client.iterate({ query, variables }).next();
  expect(frame.value).toEqual(sooner);
  await client.dispose();
});
const BOOKED =
  'fragment Booked on Booking { id status paid { amount currency } owner { username displayName } }';
