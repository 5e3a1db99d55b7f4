import { fileURLToPath } from 'node:url';
import { rotateKeys } from '../auth/keyring.ts';
import type { Config } from '../config.ts';
import { openDatabase } from '../db/database.ts';
import { DatabaseSetupError } from '../db/errors.ts';
import { pendingMigrations } from '../db/migrate.ts';
import { createRunWork } from '../work.ts';
import { reach } from './database.ts';

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));

/** Makes a new key sign; running servers take it up by themselves. As owner: the application may not. */
export async function rotateKeysCommand(config: Config): Promise<void> {
  await using database = await reach(config);
  const { connection } = database;
  if ((await pendingMigrations(connection, MIGRATIONS)).length > 0) {
    throw new DatabaseSetupError('The database is not up to date: run floorwire migrate first.');
  }
  await using floor = openDatabase({ connection, poolSize: 2, applicationName: 'floorwire keys' });
  const runWork = createRunWork({ db: floor.db, onEvents: () => {} });
  const kid = await rotateKeys({ runWork, secretKey: config.secretKey });
  process.stdout.write(`Tokens are signed with ${kid} from now on.\n`);
}
