import type { DatabaseConfig } from '../config.ts';
import { openDatabase } from '../db/database.ts';
import { renewLogIdentity } from '../events/log.ts';
import { reachMigrated } from './database.ts';

/**
 * Ends every cursor given out so far, for when the files of the database were put back from a copy: that
 * looks like the same log, whose positions then come to stand for other events. As the owner of the
 * tables: the application may not.
 */
export async function revokeCursorsCommand(config: DatabaseConfig): Promise<void> {
  await using database = await reachMigrated(config);
  await using owner = openDatabase({
    connection: database.connection,
    poolSize: 1,
    applicationName: 'floorwire cursors',
  });
  await renewLogIdentity(owner.db);
  process.stdout.write(
    'Every cursor given out so far gets WS_003. Start the server anew if it was running.\n',
  );
}
