import { expect, test } from 'vitest';
import { closeClient, connectClient } from '../../src/db/database.ts';
import { watchIdentity } from '../../src/events/identity-watch.ts';
import { settleLogIdentity } from '../../src/events/log.ts';
import { cloneDatabase } from '../support/database.ts';

const here = await cloneDatabase();
const elsewhere = await cloneDatabase();

test('the pool is asked for as long as no connection that listens has said which log it is', async () => {
  let asked = 0;
  const db = here.floor.db.withPlugin({
    transformQuery({ node }) {
      asked += 1;
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  const standing = watchIdentity(db, await settleLogIdentity(here.floor.db));
  expect([await standing.isSame(), await standing.isSame(), asked]).toEqual([true, true, 2]);
  const client = await connectClient(here.connection, { applicationName: 'listens' });
  await standing.confirm(async (text) => (await client.query(text)).rows);
  expect([await standing.isSame(), asked]).toEqual([true, 2]);
  standing.doubt();
  expect([await standing.isSame(), await standing.isSame(), asked]).toEqual([true, true, 4]);
  await closeClient(client);
});

test('what the connection that listens says holds, whatever the pool does', async () => {
  const standing = watchIdentity(here.floor.db, await settleLogIdentity(here.floor.db));
  await settleLogIdentity(elsewhere.floor.db);
  const client = await connectClient(elsewhere.connection, { applicationName: 'listens' });
  await standing.confirm(async (text) => (await client.query(text)).rows);
  await standing.replaced;
  expect(await standing.isSame()).toBe(false);
  await closeClient(client);
});
