import { execute, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { bookSlot } from '../../src/booking/booking-service.ts';
import type { HotReads } from '../../src/db/hot-read.ts';
import { createContext } from '../../src/graphql/context.ts';
import { answerDay } from '../../src/graphql/day-query.ts';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { buildSchema } from '../../src/graphql/schema.ts';
import type { Role, Scope, SignedInActor } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import { aFloorApp } from '../support/app.ts';
import { aResource, DESK, dayAhead } from '../support/booking.ts';
import { aUser } from '../support/builders.ts';

const floor = await aFloorApp({ machines: 1 });
const { venueId } = floor;
const { services } = floor.app();
const { runWork } = services;
const schema = buildSchema();
const resource = await aResource(runWork, { venueId, capacity: 2 });
const [anna, bert] = await Promise.all(
  ['anna', 'bert'].map((username) => aUser(runWork, { venueId, username })),
);
if (!anna || !bert) throw new Error('nobody was made');
const day = dayAhead(resource);
for (const [userId, index] of [
  [anna.id, 3],
  [bert.id, 3],
  [bert.id, 4],
  [anna.id, 23],
] as const)
  await runWork(DESK, (work) =>
    bookSlot(work, { venueId, userId, slot: { resourceId: resource.id, day, index } }),
  );

const FIELDS = `__typename date total skipped slots { __typename id date index from: startsAt endsAt state free
  booking { __typename id ownerId status startsAt endsAt bookedAt version
    owner { __typename id username called: displayName } } }`;
const QUERY = `query ($resourceId: ID!, $date: LocalDate!) {
  day: slots(resourceId: $resourceId, date: $date) { ${FIELDS} } }`;

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

function argsFor(actor: SignedInActor, { query = QUERY, date = day as string, id = resource.id } = {}) {
  let statements = 0;
  const hotReads: Pick<HotReads, 'read'> = {
    read(...asked) {
      statements += 1;
      return services.hotReads.read(...asked);
    },
  };
  const contextValue = createContext(
    { ...services, hotReads },
    { actor, requestId: newId(), client: NOWHERE },
  );
  const variableValues = { resourceId: encodeGlobalId('Resource', id), date };
  return {
    args: { schema, document: parse(query), variableValues, contextValue },
    statements: () => statements,
  };
}
const NOWHERE = { address: null, userAgent: undefined };
const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

describe('a day is answered by one statement as by its execution', () => {
  test.each([
    ['an ADMIN', person(newId(), ['ADMIN'])],
    ['an OPERATOR', person(newId(), ['OPERATOR'])],
    ['an AUDITOR', person(newId(), ['AUDITOR'])],
    ['who booked', person(anna.id, ['PLAYER'])],
    ['who booked another', person(bert.id, ['PLAYER'])],
    ['a stranger', person(newId(), ['PLAYER'])],
    ['a player who may see bookings', person(newId(), ['PLAYER'], ['BOOKINGS_MANAGE'])],
    ['a key that sees slots', key(['BOOKINGS_READ'])],
    ['a key that sees bookings', key(['BOOKINGS_READ', 'BOOKINGS_MANAGE'])],
  ])('for %s', async (_who, actor) => {
    const { args, statements } = argsFor(actor);
    // Whoever asks for anything else would be told.
    const db = new Proxy({}, { get: () => expect.fail('something else was read') }) as never;
    const answer = await answerDay({ ...args, contextValue: { ...args.contextValue, db } });
    expect(statements()).toBe(1);
    expect(answer?.data).toBeTruthy();
    expect(plain(answer)).toEqual(plain(await execute(args)));
  });
});

test('what is refused, missing or selected otherwise is left to the execution', async () => {
  const admin = person(newId(), ['ADMIN']);
  const left = [
    argsFor(person(newId(), [])),
    argsFor(key([])),
    argsFor(admin, { id: newId() }),
    argsFor({ ...admin, venueId: newId() }),
    argsFor(admin, { date: '2026-02-30' }),
    argsFor(admin, { query: QUERY.replace('total', 'total @skip(if: true)') }),
    argsFor(admin, { query: QUERY.replace('total', 'available') }),
    argsFor(admin, { query: QUERY.replace('total', '... on SlotDay { total }') }),
    argsFor(admin, { query: QUERY.replace('total', 'total total') }),
    argsFor(admin, { query: QUERY.replace('called: displayName', 'email') }),
    argsFor(admin, { query: '{ me { id } }' }),
  ];
  for (const { args } of left) expect(await answerDay(args)).toBeNull();
});

test('over HTTP it is the same as with a fragment, and says what it costs', async () => {
  const variables = { resourceId: encodeGlobalId('Resource', resource.id), date: day };
  const ask = (query: string) => floor.ask(query, { as: 'OPERATOR', variables });
  const sooner = await ask(QUERY);
  expect(sooner.data.day.slots[3].booking.owner.username).toMatch(/anna|bert/);
  expect(sooner).toEqual(await ask(QUERY.replace(FIELDS, `... on SlotDay { ${FIELDS} }`)));
});
