import { getOperationAST, parse } from 'graphql';
import { expect, test } from 'vitest';
import { createContext, type Services } from '../../src/graphql/context.ts';
import { costOf } from '../../src/graphql/cost.ts';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { buildSchema } from '../../src/graphql/schema.ts';
import { ANONYMOUS } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';

const schema = buildSchema();
const context = createContext({} as Services, {
  actor: ANONYMOUS,
  requestId: 'r',
  client: { address: null, userAgent: null },
});

/** Of a selection of Query. */
function cost(selection: string): number {
  const document = parse(`{ ${selection} }`);
  const operation = getOperationAST(document);
  if (!operation) throw new Error('no operation');
  return costOf({ schema, document, operation, variables: {}, context });
}

const day = '(date: "2026-01-01")';
const ofResource = `(resourceId: "${encodeGlobalId('Resource', newId())}", date: "2026-01-01")`;

test('a day costs the same by itself as of its resource', () => {
  const shown = '{ cursor slots { id state } }';
  expect(cost(`slots${ofResource} ${shown}`)).toBe(24 + 1 + 1 + 24 * 2);
  const alone = cost('resources(first: 1) { nodes { id } }') - 1;
  expect(cost(`resources(first: 1) { nodes { slots${day} ${shown} } }`)).toBe(
    alone + cost(`slots${ofResource} ${shown}`),
  );
});

test('days within the slots of days cost too much before they are too many', () => {
  const within = (levels: number): string =>
    levels === 0 ? 'slots { id }' : `slots { resource { slots${day} { ${within(levels - 1)} } } }`;
  expect(cost(`slots${ofResource} { ${within(1)} }`)).toBeGreaterThan(24 * 24);
  expect(cost(`slots${ofResource} { ${within(2)} }`)).toBeGreaterThan(10_000);
});

test('free slots cost as many as there may be', () => {
  const times = 'from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z"';
  expect(cost(`freeSlots(${times}, first: 5) { id }`)).toBe(10 + 5);
  expect(cost(`freeSlots(${times}) { id }`)).toBe(10 + 100);
  expect(cost(`freeSlots(${times}, first: 500) { id }`)).toBe(10 + 500);
  // It is refused for what is wrong with it.
  expect(cost(`freeSlots(${times}, first: 2000000000) { id }`)).toBe(10 + 500);
  expect(cost(`freeSlots(${times}, first: -1) { id }`)).toBe(10);
});

test('free slots cost more of more days, each of which may be read', () => {
  const until = (to: string) => `freeSlots(from: "2026-01-01T00:00:00Z", to: "${to}", first: 1) { id }`;
  expect(cost(until('2026-01-01T09:00:00Z'))).toBe(10 + 1);
  expect(cost(until('2026-01-08T00:00:00Z'))).toBe(70 + 1);
  expect(cost(until('2026-02-01T00:00:00Z'))).toBe(310 + 1);
  expect(cost(until('2036-01-01T00:00:00Z'))).toBe(310 + 1);
  expect(cost(until('2016-01-01T00:00:00Z'))).toBe(10 + 1);
});

test('a list of up to a thousand devices costs more than one of some entries', () => {
  const shown = '{ id name serialNumber tags updatedAt }';
  const schedules = (first: number, what: string) =>
    `schedules(first: ${first}) { nodes { targets { ${what} } } }`;
  expect(cost(schedules(1, `devices ${shown}`))).toBe(1 + 1 + 1 + 1 + 100 * 5);
  expect(cost(schedules(1, 'groups { id }'))).toBe(1 + 1 + 1 + 1 + 10);
  expect(cost(schedules(100, `devices ${shown}`))).toBeGreaterThan(10_000);
  expect(cost(schedules(20, 'devices { id name }'))).toBeLessThan(10_000);
  const pushes = 'layouts(first: 1) { nodes { scheduledPushes { devices { id } } } }';
  expect(cost(pushes)).toBe(1 + 1 + 1 + 10 * (1 + 100));
});

test('what a page has once is counted once, however many entries it has', () => {
  const entries = cost('machines(first: 100) { nodes { id name } }');
  expect(entries).toBe(1 + 100 * 3);
  const whole = 'totalCount pageInfo { hasNextPage endCursor }';
  expect(cost(`machines(first: 100) { ${whole} nodes { id name } }`)).toBe(entries + 10 + 3);
  expect(
    cost(
      `machines(first: 100) { ...Page } } fragment Page on MachineConnection { ${whole} edges { cursor node { id } }`,
    ),
  ).toBe(1 + 10 + 3 + 100 * 4);
  expect(cost('machineEvents(first: 50) { cursor nodes { id } }')).toBe(1 + 1 + 50 * 2);
});

test('a page within a page costs its own for each entry of the other', () => {
  const inner = 'events(first: 5) { totalCount nodes { id } }';
  expect(cost(`machines(first: 20) { nodes { ${inner} } }`)).toBe(1 + 20 * (1 + (1 + 10 + 5 * 2)));
});

test('no page is free', () => {
  for (const size of ['first: 0', 'first: -5'])
    expect(cost(`machines(${size}) { totalCount nodes { id } }`)).toBe(1 + 10);
});
