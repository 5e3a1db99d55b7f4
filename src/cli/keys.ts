import { rotateKeys } from '../auth/keyring.ts';
import type { Config } from '../config.ts';
import { openDatabase } from '../db/database.ts';
import { createRunWork } from '../work.ts';
import { reachMigrated } from './database.ts';

/** Makes a new key sign; running servers take it up by themselves. As owner: the application may not. */
export async function rotateKeysCommand(config: Config): Promise<void> {
  await using database = await reachMigrated(config);
  await using floor = openDatabase({
    connection: database.connection,
    poolSize: 2,
    applicationName: 'floorwire keys',
  });
  const runWork = createRunWork({ db: floor.db, onEvents: () => {} });
  const kid = await rotateKeys({ runWork, secretKey: config.secretKey });
  process.stdout.write(`Tokens are signed with ${kid} from now on.\n`);
}
