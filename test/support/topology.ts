import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'vitest';
import { findPrograms } from '../../deploy/native/programs.ts';
import { startTopology, type Topology } from '../../deploy/native/topology.ts';
import { APP_ROLE, openDatabase } from '../../src/db/database.ts';
import { startEmbedded } from '../../src/db/embedded.ts';
import { migrate } from '../../src/db/migrate.ts';
import { Running } from '../../src/lib/running.ts';
import { createEgm } from '../../src/sas/simulator/egm.ts';
import { createSimulatedLine } from '../../src/sas/simulator/floor.ts';
import { runWorkOn } from './auth.ts';
import { aUser, aVenue, PASSWORD } from './builders.ts';
import { afterEachFile } from './each-file.ts';
import { aLine } from './floor.ts';
import { httpClient } from './http-client.ts';
import { programFile } from './program.ts';
import { requires } from './requires.ts';
import { watchOutput } from './secrets.ts';
import { connect, type SocketClient } from './socket-client.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Two API processes behind nginx, a line of one machine that either of them may drive, and an OPERATOR. */
export interface TestTopology extends Topology {
  /** Its global id. */
  readonly machineId: string;
  readonly token: string;
  /** An OPERATOR's socket, through nginx, and the process at its other end. */
  socket(): Promise<{ readonly client: SocketClient; readonly process: string }>;
}

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));
export const ENV_FILE = fileURLToPath(new URL('../../deploy/floorwire.env.example', import.meta.url));

/** When a process began is told by itself alone, and by no other at the same millisecond. */
export const WHICH_PROCESS = '{ apiInfo { startedAt } }';

// For the whole file, whichever test began it.
let running = new Running();
afterEachFile(async () => {
  const ended = running;
  running = new Running();
  await ended[Symbol.asyncDispose]();
});

/** Skips the test where a program is missing. PostgreSQL there always is. */
export function requiresTopology(context: TestContext): void {
  for (const program of ['nginx', 'openssl', 'redis-server'] as const) requires(program, context);
}

/** Starts it, after `requiresTopology`, for the whole file. */
export async function aTopology(options: { readonly tlsFolder?: string } = {}): Promise<TestTopology> {
  const folder = await temporaryFolder();
  const machineId = await seed(folder);
  let output = '';
  watchOutput('what the topology said', () => output);
  const topology = running.add(
    await startTopology({
      ...options,
      envFile: ENV_FILE,
      folder,
      fsync: false,
      program: programFile('main'),
      log: (part, line) => {
        output += `${part} | ${line}\n`;
      },
    }),
  );
  const login = await httpClient(topology.url).ask(
    `mutation { login(input: { identifier: "operator", password: "${PASSWORD}" }) { ... on LoginSuccess { accessToken } } }`,
  );
  const token: string = login.body.data.login.accessToken;
  return {
    ...topology,
    machineId,
    token,
    async socket() {
      const client = await connect({ port: Number(new URL(topology.url).port) });
      await client.init({ accessToken: token });
      client.subscribe('which', WHICH_PROCESS);
      return { client, process: (await client.message('which', 'next')).payload.data.apiInfo.startedAt };
    },
  };
}

/** Before anybody serves the folder: which lines there are is read at the start. */
async function seed(folder: string): Promise<string> {
  const { postgres } = await findPrograms();
  await using server = await startEmbedded({
    dataDir: join(folder, 'database'),
    binaries: postgres,
    fsync: false,
  });
  const { connection } = server;
  await migrate(connection, MIGRATIONS);
  await using floor = openDatabase({ connection, poolSize: 2, applicationName: 'test', role: APP_ROLE });
  const runWork = runWorkOn(floor);
  const { id: venueId } = await aVenue(runWork);
  await aUser(runWork, { venueId, roles: ['OPERATOR'], username: 'operator' });
  const { machines } = await aLine(runWork, { venueId, port: 'line' });
  await mkdir(join(folder, 'files'));
  running.add(
    await createSimulatedLine({
      egms: [createEgm({ address: 1 })],
      transport: { kind: 'PTY', path: join(folder, 'files', 'line') },
    }),
  );
  return Buffer.from(`Machine:${machines[0]?.id}`).toString('base64url');
}
