import { setTimeout as pause } from 'node:timers/promises';
import { type Client, createClient } from 'graphql-ws';
import { afterAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import { APP_ROLE, openDatabase } from '../../src/db/database.ts';
import { readLog } from '../../src/events/log.ts';
import { eventually } from '../support/deadline.ts';
import { httpClient } from '../support/http-client.ts';
import { aTopology, requiresTopology, type TestTopology, WHICH_PROCESS } from '../support/topology.ts';

const READERS = 4;
const ENOUGH = 6;
const DEADLINE_MS = 90_000;

const LOCKS =
  'subscription ($after: Cursor) { machineEvents(types: [LOCKED, UNLOCKED], after: $after) { id data cursor } }';
const clients: Client[] = [];
afterAll(async () => {
  for (const client of clients) await client.dispose();
});

/** A stock client that comes back by itself, behind the last frame it has heard. */
interface Reader {
  /** The ids of the events it heard. */
  readonly heard: readonly string[];
  /** At which process it is. */
  process(): Promise<string>;
}

function read({ url, token }: TestTopology, after: string): Reader {
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { accessToken: token },
    retryAttempts: 100,
    retryWait: () => pause(200),
    shouldRetry: () => true,
  });
  clients.push(client);
  const heard: string[] = [];
  const payload = { query: LOCKS, variables: { after } };
  client.subscribe<{ machineEvents: { id: string; cursor: string } }>(payload, {
    next({ data, errors }) {
      if (!data || errors) throw new Error(JSON.stringify(errors));
      heard.push(Buffer.from(data.machineEvents.id, 'base64url').toString().replace('MachineEvent:', ''));
      payload.variables.after = data.machineEvents.cursor;
    },
    error: (error) => heard.push(`failed: ${JSON.stringify(error)}`),
    complete: () => {},
  });
  return {
    heard,
    async process() {
      for await (const { data } of client.iterate<{ apiInfo: { startedAt: string } }>({
        query: WHICH_PROCESS,
      }))
        return data?.apiInfo.startedAt ?? '';
      return '';
    },
  };
}

/** Locks and unlocks the machine through nginx, whatever fails in between. */
function keepLocking({ url, token, machineId }: TestTopology) {
  const stop = new AbortController();
  const acknowledged: string[] = [];
  const mutate = async (field: string, reason: string) => {
    const query = `mutation ($input: MachineReasonInput!) { ${field}(input: $input) { __typename } }`;
    const { body } = await httpClient(url).post(
      { query, variables: { input: { machineId, reason } } },
      { authorization: `Bearer ${token}` },
    );
    return body.data?.[field].__typename.endsWith('Success') ?? false;
  };
  const done = (async () => {
    for (let turn = 0; !stop.signal.aborted; turn += 1) {
      // nginx answers 502 for what was under way at the killed process, and in HTML.
      const locked = await mutate('lockMachine', `turn ${turn}`).catch(() => false);
      if (locked) acknowledged.push(`turn ${turn}`);
      await mutate('unlockMachine', 'next turn').catch(() => false);
    }
  })();
  return {
    acknowledged,
    async stop() {
      stop.abort();
      await done;
    },
  };
}

test('clients of a killed process go on at the other, with nothing lost or repeated', {
  timeout: 400_000,
}, async (context) => {
  requiresTopology(context);
  const topology = await aTopology();
  const [doomed] = topology.apis;
  const { body } = await httpClient(topology.url).ask('{ machineEvents(first: 1) { cursor } }', {
    authorization: `Bearer ${topology.token}`,
  });
  const readers = Array.from({ length: READERS }, () => read(topology, body.data.machineEvents.cursor));
  const before = await Promise.all(readers.map((reader) => reader.process()));
  expect(new Set(before).size).toBe(2);

  const load = keepLocking(topology);
  const patient = { deadlineMs: DEADLINE_MS };
  await eventually(() => readers.every(({ heard }) => heard.length >= ENOUGH), patient);
  process.kill(doomed.part.pid ?? Number.NaN, 'SIGKILL');
  expect(await topology.failure).toBe('api-1 ended (SIGKILL)');
  const many = load.acknowledged.length + ENOUGH;
  await eventually(() => load.acknowledged.length >= many, patient);
  await load.stop();

  const after = await Promise.all(readers.map((reader) => reader.process()));
  expect(new Set(after).size).toBe(1);
  expect(before).toContain(after[0]);

  await using floor = openDatabase({
    connection: topology.connection,
    poolSize: 1,
    applicationName: 'test',
    role: APP_ROLE,
  });
  const logged = async () =>
    (await readLog(floor.db, { after: 0n, limit: 10_000, types: ['machine.event-raised'] })).flatMap(
      (event) =>
        event.type === 'machine.event-raised' && /^(UN)?LOCKED$/.test(event.payload.event.type)
          ? [event.payload.event]
          : [],
    );
  const reasons = (await logged()).map(({ data }) => data?.reason);
  expect(reasons).toEqual(expect.arrayContaining(load.acknowledged));
  const ids = (await logged()).map(({ id }) => id);
  await eventually(() => readers.every(({ heard }) => heard.length >= ids.length), patient);
  for (const { heard } of readers) expect(heard).toEqual(ids);
});
