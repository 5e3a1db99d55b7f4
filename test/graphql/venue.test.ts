import { graphql } from 'graphql';
import { expect, test } from 'vitest';
import { createContext, type Services } from '../../src/graphql/context.ts';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { buildSchema } from '../../src/graphql/schema.ts';
import { newId } from '../../src/lib/ids.ts';
import { runWorkOn } from '../support/auth.ts';
import { anActor, aUser, aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';

const { floor } = await cloneDatabase();
const runWork = runWorkOn(floor);
const own = await aVenue(runWork, { slug: 'own', name: 'Own', timeZone: 'Europe/Vienna', currency: 'EUR' });
const foreign = await aVenue(runWork, { slug: 'foreign' });
const actor = anActor(await aUser(runWork, { venueId: own.id }));
const schema = buildSchema();

async function ask(source: string) {
  const services: Partial<Services> = { db: floor.db, runWork };
  const client = { address: null, userAgent: null };
  const contextValue = createContext(services as Services, { actor, requestId: 'r', client });
  const { data, errors } = await graphql({ schema, source, contextValue });
  expect(errors).toBeUndefined();
  return JSON.parse(JSON.stringify(data));
}

test('venues are those where the caller has a role', async () => {
  const { venues } = await ask('{ venues { id slug name timeZone currency isDemo createdAt } }');
  expect(venues).toEqual([
    {
      id: encodeGlobalId('Venue', own.id),
      slug: 'own',
      name: 'Own',
      timeZone: 'Europe/Vienna',
      currency: 'EUR',
      isDemo: false,
      createdAt: own.createdAt.toISOString(),
    },
  ]);
});

test('another venue is no more there than one that does not exist', async () => {
  const [mine, theirs, nobodys] = [own.id, foreign.id, newId()].map((id) => encodeGlobalId('Venue', id));
  const { nodes } = await ask(`{ nodes(ids: ["${mine}", "${theirs}", "${nobodys}"]) { id } }`);
  expect(nodes).toEqual([{ id: mine }, null, null]);
});
