import { expect, test } from 'vitest';
import { watchIdentity } from '../../src/events/identity-watch.ts';
import { settleLogIdentity } from '../../src/events/log.ts';
import { cloneDatabase } from '../support/database.ts';

const { floor } = await cloneDatabase();

test('a doubt that comes while another is cleared up is asked about as well', async () => {
  let asked = 0;
  const db = floor.db.withPlugin({
    transformQuery({ node }) {
      asked += 1;
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  const standing = watchIdentity(db, await settleLogIdentity(floor.db));
  expect([await standing.isSame(), asked]).toEqual([true, 0]);

  standing.doubt();
  const answer = standing.isSame();
  expect(asked).toBe(1);
  standing.doubt();
  expect([await answer, asked]).toEqual([true, 1]);
  expect([await standing.isSame(), asked]).toEqual([true, 2]);
  expect([await standing.isSame(), asked]).toEqual([true, 2]);
});
