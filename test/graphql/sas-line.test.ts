import { execute, parse } from 'graphql';
import type { KyselyPlugin } from 'kysely';
import { expect, test } from 'vitest';
import { createContext, type Services } from '../../src/graphql/context.ts';
import { buildSchema } from '../../src/graphql/schema.ts';
import { newId } from '../../src/lib/ids.ts';
import { runWorkOn } from '../support/auth.ts';
import { aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { aLine } from '../support/floor.ts';

test('the machines of all lines are one query', async () => {
  const { floor } = await cloneDatabase();
  const runWork = runWorkOn(floor);
  const { id: venueId } = await aVenue(runWork);
  for (const machines of [2, 1, 3]) await aLine(runWork, { venueId, machines });

  let queries = 0;
  const counting: KyselyPlugin = {
    transformQuery({ node }) {
      queries += 1;
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  const contextValue = createContext({ db: floor.db.withPlugin(counting) } as unknown as Services, {
    actor: {
      kind: 'user',
      userId: newId(),
      venueId,
      sessionId: newId(),
      roles: ['OPERATOR'],
      grants: [],
      mustChangePassword: false,
    },
    requestId: 'test',
    client: { address: null, userAgent: null },
  });
  const { data, errors } = await execute({
    schema: buildSchema(),
    document: parse('{ sasLines { machines { address } } }'),
    contextValue,
  });
  expect(errors).toBeUndefined();
  const { sasLines } = JSON.parse(JSON.stringify(data));
  expect(sasLines).toHaveLength(3);
  // They come by name, which says nothing about which was first.
  expect(sasLines).toEqual(
    expect.arrayContaining(
      [2, 1, 3].map((count) => ({
        machines: Array.from({ length: count }, (_, at) => ({ address: at + 1 })),
      })),
    ),
  );
  expect(queries).toBe(2);
});
