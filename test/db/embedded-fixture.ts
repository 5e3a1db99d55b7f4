import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Connection, closeClient, connectClient } from '../../src/db/database.ts';
import { type EmbeddedOptions, type EmbeddedServer, startEmbedded } from '../../src/db/embedded.ts';
import { processStart } from '../../src/db/embedded-process.ts';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const OWNER = fileURLToPath(new URL('owner.ts', import.meta.url));

export const isRoot = process.getuid?.() === 0;

/** An embedded server for a test, which does not care for a crash of the machine. */
export const start = (dataDir: string, options: Partial<EmbeddedOptions> = {}): Promise<EmbeddedServer> =>
  startEmbedded({ dataDir, fsync: false, ...options });

/** The rows of one statement on a connection of its own. */
export async function rowsOf<Row extends object>(connection: Connection, text: string): Promise<Row[]> {
  const client = await connectClient(connection, { applicationName: 'test' });
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await closeClient(client);
  }
}

export const isAlive = async (pid: number): Promise<boolean> => (await processStart(pid)) !== null;

export interface Owner extends AsyncDisposable {
  readonly pid: number;
  /** What the program said first. */
  readonly answer: Promise<{ connection: Connection; serverPid: number; error?: string }>;
  kill(signal: NodeJS.Signals): Promise<void>;
}

/** Another process that owns the folder's server, with fsync, as `uid` where one is given. */
export function spawnOwner(dataDir: string, uid?: number): Owner {
  const child = spawn(process.execPath, ['--import', 'tsx', OWNER, dataDir], {
    cwd: REPOSITORY,
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(uid !== undefined && { uid, gid: uid }),
  });
  const answer = once(createInterface({ input: child.stdout }), 'line').then(([line]) =>
    JSON.parse(String(line)),
  );
  const kill = (signal: NodeJS.Signals) => killAndWait(child, signal);
  return { pid: child.pid ?? 0, answer, kill, [Symbol.asyncDispose]: () => kill('SIGTERM') };
}

async function killAndWait(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, 'exit');
}
