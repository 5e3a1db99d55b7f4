import { execute, parse } from 'graphql';
import { expect, test } from 'vitest';
import type { HotReads } from '../../src/db/hot-read.ts';
import { createContext } from '../../src/graphql/context.ts';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { buildSchema } from '../../src/graphql/schema.ts';
import { aFloorApp } from '../support/app.ts';
import { aResource, dayAhead } from '../support/booking.ts';
import { anActor, aUser } from '../support/builders.ts';

const floor = await aFloorApp({ machines: 0 });
const { services } = floor.app();
const { venueId } = floor;

test('the day that each slot of a day asks for again is read once, of each resource', async () => {
  const player = await aUser(services.runWork, { venueId });
  const two = [
    await aResource(services.runWork, { venueId }),
    await aResource(services.runWork, { venueId }),
  ];
  const statements: string[] = [];
  const hotReads: Pick<HotReads, 'read'> = {
    read: (statement, values) => {
      statements.push(statement.name);
      return services.hotReads.read(statement, values);
    },
  };
  const contextValue = createContext(
    { ...services, hotReads },
    { actor: anActor(player), requestId: 'r', client: { address: null, userAgent: null } },
  );
  const slots = (of: string) => `slots(date: "${dayAhead(two[0] ?? { timeZone: 'UTC' })}") { ${of} }`;
  const ids = JSON.stringify(two.map(({ id }) => encodeGlobalId('Resource', id)));
  const { data, errors } = await execute({
    schema: buildSchema(),
    document: parse(`{ nodes(ids: ${ids}) { ... on Resource {
      ${slots(`slots { resource { id ${slots('resource { id } total')} } }`)} } } }`),
    contextValue,
  });
  expect(errors).toBeUndefined();
  expect(statements).toEqual(Array.from({ length: 4 }, () => 'slot_day'));
  const nodes = data?.nodes as { slots: { slots: { resource: { id: string; slots: object } }[] } }[];
  for (const [at, node] of nodes.entries()) {
    const id = encodeGlobalId('Resource', two[at]?.id ?? '');
    expect(node.slots.slots.length).toBeGreaterThan(20);
    for (const { resource } of node.slots.slots)
      expect(resource).toMatchObject({ id, slots: { resource: { id } } });
  }
});

test('a day that cannot be read keeps no other back', async () => {
  const player = await aUser(services.runWork, { venueId });
  const { id, timeZone } = await aResource(services.runWork, { venueId });
  const [bad, good] = [dayAhead({ timeZone }, 2), dayAhead({ timeZone })];
  const hotReads: Pick<HotReads, 'read'> = {
    read: (statement, values) =>
      values[0] === bad ? Promise.reject(new Error('lost')) : services.hotReads.read(statement, values),
  };
  const contextValue = createContext(
    { ...services, hotReads },
    { actor: anActor(player), requestId: 'r', client: { address: null, userAgent: null } },
  );
  const { data, errors } = await execute({
    schema: buildSchema(),
    document: parse(`{ node(id: ${JSON.stringify(encodeGlobalId('Resource', id))}) { ... on Resource {
      bad: slots(date: "${bad}") { date } good: slots(date: "${good}") { date } } } }`),
    contextValue,
  });
  expect(data?.node).toMatchObject({ bad: null, good: { date: good } });
  expect(errors).toMatchObject([{ message: 'lost', path: ['node', 'bad'] }]);
});
