import { expect, test } from 'vitest';
import { openDatabase } from '../src/db/database.ts';
import { serverHealth } from '../src/health.ts';
import { cloneDatabase } from './support/database.ts';

const ALONE = { redis: null, isStorageFailing: null };
const { connection, floor } = await cloneDatabase();

test('a database that takes no writes is not well, however fast it answers', async () => {
  expect((await serverHealth({ db: floor.db, ...ALONE })).status).toBe('HEALTHY');
  const url = new URL(connection);
  url.searchParams.set('options', '-c default_transaction_read_only=on');
  await using standby = openDatabase({ connection: url.href, poolSize: 2, applicationName: 'standby' });
  expect(await serverHealth({ db: standby.db, ...ALONE })).toMatchObject({
    status: 'UNHEALTHY',
    checks: [{ name: 'database', status: 'UNHEALTHY', message: 'PostgreSQL takes no writes.' }],
  });
});
