import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'graphql-ws';
import { afterAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import { createApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { createEgm } from '../../src/sas/simulator/egm.ts';
import { createSimulatedLine } from '../../src/sas/simulator/floor.ts';
import { aUser, aVenue, PASSWORD } from '../support/builders.ts';
import { eventually, withDeadline } from '../support/deadline.ts';
import { aLine } from '../support/floor.ts';

const folder = await mkdtemp(join(tmpdir(), 'floorwire-away-'));
const config = readConfig({ DATA_DIR: folder, DEMO: '0', PORT: '0' });
const logger = createLogger('silent');

{
  await using setup = await createApp(config, logger);
  const { runWork } = setup.services;
  const { id: venueId } = await aVenue(runWork);
  await aUser(runWork, { venueId, roles: ['OPERATOR'], username: 'operator' });
  await aLine(runWork, { venueId, port: 'line' });
}
const egm = createEgm({ address: 1 });
const line = await createSimulatedLine({
  egms: [egm],
  transport: { kind: 'PTY', path: join(folder, 'line') },
});
const app = await createApp(config, logger);
const { accessToken } = await app.services.auth.login({ identifier: 'operator', password: PASSWORD }, {});
const client = createClient({
  url: app.services.info.webSocketUrl,
  webSocketImpl: WebSocket,
  connectionParams: { accessToken },
  retryAttempts: 0,
});

afterAll(async () => {
  await client.dispose();
  await app[Symbol.asyncDispose]();
  await line[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const health = async () => {
  const response = await fetch(`${app.url}/health`);
  return { httpStatus: response.status, ...((await response.json()) as { status: string }) };
};

const ask = async (query: string) => {
  const response = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${accessToken}` },
    body: JSON.stringify({ query }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: JSON as it came
  return (await response.json()) as any;
};

const postmaster = async () =>
  Number((await readFile(join(folder, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0]);

test('PostgreSQL goes away and comes back: health says so, answers have a code, streams and machines go on', async () => {
  await eventually(
    async () =>
      (await ask('{ machines { nodes { connection } } }')).data.machines.nodes[0].connection === 'ONLINE',
  );
  expect(await health()).toMatchObject({ httpStatus: 200, status: 'HEALTHY' });
  const { cursor } = (await ask('{ machineEvents(first: 1) { cursor } }')).data.machineEvents;
  const events = client.iterate<{ machineEvents: { type: string } }>({
    query: `subscription ($after: Cursor) { machineEvents(after: $after, types: [BILL_ACCEPTED_1, BILL_ACCEPTED_5, BILL_ACCEPTED_10]) { type } }`,
    variables: { after: cursor },
  });
  const next = async () =>
    (await withDeadline(events.next(), 60_000, 'an event')).value.data?.machineEvents.type;
  egm.insertBill(1n);
  expect(await next()).toBe('BILL_ACCEPTED_1');

  // Stopped, not ended: it is there and does not answer, until it is gone.
  const pid = await postmaster();
  const codes = new Set<string>();
  process.kill(pid, 'SIGQUIT');
  egm.insertBill(5n);
  await eventually(async () => {
    const [seen, answer] = await Promise.all([health(), ask('{ machines { totalCount } }')]);
    for (const error of answer.errors ?? []) codes.add(error.extensions.code);
    return seen.httpStatus === 503 && codes.size > 0;
  });
  expect([...codes]).toEqual(['SYS_002']);

  await eventually(async () => (await health()).status === 'HEALTHY');
  expect(await postmaster()).not.toBe(pid);
  expect(await next()).toBe('BILL_ACCEPTED_5');
  egm.insertBill(10n);
  expect(await next()).toBe('BILL_ACCEPTED_10');
  const { data } = await ask('{ machineEvents(types: [BILL_ACCEPTED_5]) { totalCount } }');
  expect(data.machineEvents.totalCount).toBe(1);
});
