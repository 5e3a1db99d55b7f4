import type { Connection } from '../../src/db/database.ts';

/** The same server and user, another database. */
export function connectionTo(connection: Connection, database: string): Connection {
  return connection.replace(/^([a-z]+:\/\/[^/?]*)(\/[^?]*)?/, `$1/${database}`);
}
