import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Kysely } from 'kysely';
import { afterAll } from 'vitest';
import type { Database } from '../../src/db/schema.ts';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import type { Role } from '../../src/lib/actor.ts';
import { createEgm, type Egm } from '../../src/sas/simulator/egm.ts';
import { createSimulatedLine } from '../../src/sas/simulator/floor.ts';
import { createRunWork } from '../../src/work.ts';
import { aUser, aVenue, PASSWORD } from './builders.ts';
import { cloneDatabase } from './database.ts';
import { aLine } from './floor.ts';
import { programFile } from './program.ts';
import { type ServerProcess, startDriverProcess, startServerProcess } from './server-process.ts';
import { connect, type SocketClient } from './socket-client.ts';

/** One database with a venue and a line of one machine, for processes to be started on. */
export interface Installation {
  readonly db: Kysely<Database>;
  readonly venueId: string;
  readonly machineId: string;
  /** As the database knows it. */
  readonly lineId: string;
  readonly egm: Egm;
  /** Every machine of the line, that one first. */
  readonly egms: readonly Egm[];
  /** One more process; it is killed when the file is done. */
  start(environment?: Record<string, string>): Promise<ServerProcess>;
  /** One more `floorwire driver`, likewise. */
  startDriver(environment?: Record<string, string>): Promise<ServerProcess>;
  /** Runs `floorwire` with these arguments to its end. */
  run(...args: readonly string[]): Promise<void>;
  /** Somebody of this role who has no session yet. */
  somebody(role: Role): Promise<{ readonly id: string; readonly username: string }>;
}

/** @param transport how its line is reached: over TCP two processes may try, one after the other */
export async function anInstallation({
  transport = 'PTY',
  machines: count = 1,
}: {
  transport?: 'PTY' | 'TCP';
  machines?: number;
} = {}): Promise<Installation> {
  const { connection, floor } = await cloneDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'floorwire-installation-'));
  const runWork = createRunWork({ db: floor.db, onEvents: () => {} });
  const { id: venueId } = await aVenue(runWork, { slug: 'casino' });
  const egms = Array.from({ length: count }, (_, at) => createEgm({ address: at + 1 }));
  const line = await createSimulatedLine({
    egms,
    transport: transport === 'TCP' ? { kind: 'TCP', port: 0 } : { kind: 'PTY', path: join(folder, 'line') },
  });
  const { lineId, machines } = await aLine(runWork, {
    venueId,
    machines: count,
    port: transport === 'TCP' ? line.address : 'line',
  });
  const [machine] = machines;
  const [egm] = egms;
  if (!machine || !egm) throw new Error('the line has no machine');
  const running: ServerProcess[] = [];
  afterAll(async () => {
    for (const { process } of running) process.kill('SIGKILL');
    await Promise.all(running.map(({ exited }) => exited));
    await line[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  const settings = { DATABASE_URL: connection, DATA_DIR: folder, DATABASE_POOL: '6' };
  async function started(starting: Promise<ServerProcess>): Promise<ServerProcess> {
    const server = await starting;
    running.push(server);
    if (!server.url) throw new Error(server.stderr());
    return server;
  }
  let people = 0;
  return {
    db: floor.db,
    venueId,
    machineId: encodeGlobalId('Machine', machine.id),
    egm,
    egms,
    lineId,
    start: (environment = {}) => started(startServerProcess({ ...settings, ...environment })),
    startDriver: (environment = {}) => started(startDriverProcess({ ...settings, ...environment })),
    async run(...args) {
      const env = { PATH: process.env.PATH, ...settings };
      await promisify(execFile)(process.execPath, [programFile('cli'), ...args], { env });
    },
    async somebody(role) {
      people += 1;
      const username = `${role.toLowerCase()}-${people}`;
      const { id } = await aUser(runWork, { venueId, roles: [role], username });
      return { id: encodeGlobalId('User', id), username };
    },
  };
}

/** Asks one process. */
export async function ask(
  { url }: ServerProcess,
  query: string,
  { token, input }: { readonly token?: string; readonly input?: object } = {},
  // biome-ignore lint/suspicious/noExplicitAny: JSON as it came
): Promise<any> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables: { input } }),
  });
  return await response.json();
}

export interface SignedIn {
  readonly accessToken: string;
  readonly refreshToken: string;
}

export async function signIn(server: ServerProcess, username: string): Promise<SignedIn> {
  const { data } = await ask(
    server,
    `mutation ($input: LoginInput!) {
      login(input: $input) { ... on LoginSuccess { accessToken refreshToken } ... on Error { code } }
    }`,
    { input: { identifier: username, password: PASSWORD } },
  );
  if (!data.login.accessToken) throw new Error(`${username} may not sign in: ${data.login.code}`);
  return data.login;
}

/** Ends a process without a word. */
export async function kill({ process, exited }: ServerProcess): Promise<void> {
  process.kill('SIGKILL');
  await exited;
}

/** A socket to one process, opened on somebody's behalf. */
export async function openSocket({ url }: ServerProcess, accessToken: string): Promise<SocketClient> {
  const client = await connect({ port: Number(new URL(url).port) });
  await client.init({ accessToken });
  return client;
}
