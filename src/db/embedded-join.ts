import { realpath, stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { type Connection, closeClient, connectClient } from './database.ts';
import { clusterDirOf, DATABASE_NAME, OWNER_ROLE, readPassword } from './embedded-cluster.ts';
import { findPostmaster } from './embedded-postmaster.ts';
import { isPrivateFolder } from './embedded-socket.ts';
import { codeOf, DatabaseSetupError, isConnectionError } from './errors.ts';

const POLL_MS = 10;
/** The owner may be recovering its database from a crash. */
const ANSWER_TIMEOUT_MS = 120_000;

/**
 * The connection to the embedded server that another process runs on this data folder, once it answers;
 * null when none runs. This process does not become its owner: the server goes when its owner does.
 *
 * @throws DatabaseSetupError when the folder belongs to another user, or its socket could be a stranger's.
 */
export async function joinEmbedded(dataDir: string): Promise<Connection | null> {
  const folder = await realpath(dataDir).catch(() => null);
  if (folder === null) return null;
  const clusterDir = clusterDirOf(folder);
  const started = performance.now();
  for (;;) {
    const postmaster = await readable(folder, () => findPostmaster(clusterDir));
    if (!postmaster) return null;
    const { uid } = await stat(clusterDir);
    if (await isPrivateFolder(postmaster.socketFolder, uid)) {
      const password = await readable(folder, () => readPassword(folder));
      const connection = embeddedConnection(postmaster.socketFolder, password ?? '');
      if (postmaster.ready && (await answers(connection))) return connection;
    } else if (await findPostmaster(clusterDir)) {
      throw new DatabaseSetupError(
        `The socket folder ${postmaster.socketFolder} of the embedded PostgreSQL is missing or open to others: restart floorwire.`,
      );
    }
    if (performance.now() - started > ANSWER_TIMEOUT_MS) {
      throw new DatabaseSetupError(`The embedded PostgreSQL (pid ${postmaster.pid}) does not answer.`);
    }
    await pause(POLL_MS);
  }
}

/** A folder as host takes `%2F`; the port is part of the socket's name; nobody needs TLS on it. */
export function embeddedConnection(socketFolder: string, password: string): Connection {
  const host = encodeURIComponent(socketFolder);
  return `postgres://${OWNER_ROLE}:${encodeURIComponent(password)}@${host}:5432/${DATABASE_NAME}?sslmode=disable`;
}

/** Whether the server takes connections; false while it starts or stops. */
export async function answers(connection: Connection): Promise<boolean> {
  try {
    await closeClient(await connectClient(connection, { applicationName: 'floorwire readiness' }));
    return true;
  } catch (error) {
    if (isConnectionError(error)) return false;
    throw error;
  }
}

async function readable<Found>(dataDir: string, read: () => Promise<Found>): Promise<Found> {
  try {
    return await read();
  } catch (cause) {
    if (codeOf(cause) !== 'EACCES') throw cause;
    throw new DatabaseSetupError(`The data folder ${dataDir} belongs to another user.`, { cause });
  }
}
