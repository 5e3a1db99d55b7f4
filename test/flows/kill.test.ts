import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readLog } from '../../src/events/log.ts';
import { sequenceBatch } from '../../src/events/sequencer.ts';
import { createEgm } from '../../src/sas/simulator/egm.ts';
import { createSimulatedLine } from '../../src/sas/simulator/floor.ts';
import { createRunWork } from '../../src/work.ts';
import { aUser, aVenue, PASSWORD } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { aLine } from '../support/floor.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';

const KILLS = 3;
const ACKNOWLEDGED_PER_LIFE = 12;

const { connection, floor } = await cloneDatabase();
const folder = await mkdtemp(join(tmpdir(), 'floorwire-kill-'));
const runWork = createRunWork({ db: floor.db, onEvents: () => {} });
const { id: venueId } = await aVenue(runWork);
await aUser(runWork, { venueId, roles: ['OPERATOR'], username: 'operator' });
const { machines } = await aLine(runWork, { venueId, machines: 3, port: 'line' });
const egms = machines.map(({ address }) => createEgm({ address }));
const line = await createSimulatedLine({ egms, transport: { kind: 'PTY', path: join(folder, 'line') } });

const running = new Set<ServerProcess>();
afterAll(async () => {
  for (const server of running) server.process.kill('SIGKILL');
  await line[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

test('a server killed at any moment has announced, or will announce, everything it acknowledged', async () => {
  const acknowledged: string[] = [];
  for (let life = 0; life < KILLS; life += 1) {
    const server = await start();
    const token = await signIn(server);
    const load = machines.map((machine) =>
      keepLocking({ server, token, machineId: machine.id, acknowledged, life }),
    );
    const enough = acknowledged.length + ACKNOWLEDGED_PER_LIFE;
    while (acknowledged.length < enough) await new Promise((resolve) => setImmediate(resolve));
    server.process.kill('SIGKILL');
    await server.exited;
    running.delete(server);
    await Promise.all(load);
  }

  while ((await sequenceBatch(floor.db)) !== 0);
  const reasons = (
    await readLog(floor.db, { after: 0n, limit: 100_000, types: ['machine.event-raised'] })
  ).flatMap((event) =>
    event.type === 'machine.event-raised' && event.payload.event.type === 'LOCKED'
      ? [event.payload.event.data?.reason]
      : [],
  );
  expect(acknowledged.length).toBeGreaterThanOrEqual(KILLS * ACKNOWLEDGED_PER_LIFE);
  expect(reasons).toEqual(expect.arrayContaining(acknowledged));
  expect(new Set(reasons).size).toBe(reasons.length);
}, 120_000);

async function start(): Promise<ServerProcess> {
  const server = await startServerProcess({ DATABASE_URL: connection, DATA_DIR: folder });
  running.add(server);
  if (!server.url) throw new Error(server.stderr());
  return server;
}

async function ask(server: ServerProcess, body: object, token?: string) {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  });
  return (await response.json()) as { data: Record<string, { __typename: string; accessToken?: string }> };
}

async function signIn(server: ServerProcess): Promise<string> {
  const query =
    'mutation ($input: LoginInput!) { login(input: $input) { __typename ... on LoginSuccess { accessToken } } }';
  const { data } = await ask(server, {
    query,
    variables: { input: { identifier: 'operator', password: PASSWORD } },
  });
  return data.login?.accessToken ?? '';
}

/** Locks and unlocks until the server is gone; keeps the reasons of the locks that were acknowledged. */
async function keepLocking(options: {
  readonly server: ServerProcess;
  readonly token: string;
  readonly machineId: string;
  readonly acknowledged: string[];
  readonly life: number;
}): Promise<void> {
  const { server, token, machineId, acknowledged, life } = options;
  const id = Buffer.from(`Machine:${machineId}`).toString('base64url');
  const mutate = async (field: 'lockMachine' | 'unlockMachine', reason: string) => {
    const query = `mutation ($input: MachineReasonInput!) { ${field}(input: $input) { __typename } }`;
    const { data } = await ask(server, { query, variables: { input: { machineId: id, reason } } }, token);
    return data[field]?.__typename.endsWith('Success') ?? false;
  };
  try {
    for (let turn = 0; ; turn += 1) {
      if (!(await mutate('unlockMachine', 'next turn'))) continue;
      const reason = `${life}/${machineId}/${turn}`;
      if (await mutate('lockMachine', reason)) acknowledged.push(reason);
    }
  } catch {
    // The server was killed.
  }
}
