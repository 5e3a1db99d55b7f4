import { readFile } from 'node:fs/promises';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/db/database.ts';
import { system } from '../../src/lib/actor.ts';
import { aFloorApp } from '../support/app.ts';
import { aVenue } from '../support/builders.ts';
import { eventually } from '../support/deadline.ts';
import { httpClient } from '../support/http-client.ts';
import { scrape } from '../support/metrics.ts';
import { NO_RATE_LIMITS } from '../support/rate-limits.ts';
import { connect } from '../support/socket-client.ts';

const floor = await aFloorApp({ settings: { rateLimits: { ...NO_RATE_LIMITS, credentialsPerAccount: 1 } } });
const { url, services } = floor.app();
const port = Number(new URL(url).port);
const { ask } = httpClient(url);

const DURATION = 'floorwire_operation_duration_seconds_count';

/** How much each series has grown while `work` ran; one that was not told before began at 0. */
async function growth(series: readonly string[], work: () => Promise<void>): Promise<readonly number[]> {
  const before = await scrape(url);
  await work();
  const after = await scrape(url);
  return series.map((name) => (after.value(name) ?? 0) - (before.value(name) ?? 0));
}

test('operations are counted by kind and outcome, whatever they come over', async () => {
  const kinds = [
    `${DURATION}{kind="query",outcome="succeeded"}`,
    `${DURATION}{kind="query",outcome="failed"}`,
    `${DURATION}{kind="mutation",outcome="succeeded"}`,
    `${DURATION}{kind="subscription",outcome="succeeded"}`,
    `${DURATION}{kind="subscription",outcome="failed"}`,
  ];
  const grown = await growth(kinds, async () => {
    for (let i = 0; i < 3; i += 1) await ask('{ apiInfo { name } }');
    await ask('{ machines { nodes { id } } }');
    const accessToken = await floor.token('OPERATOR');
    const client = await connect({ port });
    await client.init({ accessToken });
    client.subscribe('q', '{ apiInfo { name } }');
    await client.message('q', 'complete');
    client.subscribe('s', 'subscription { systemStatus { machinesOnline } }');
    await client.message('s', 'next');
    client.subscribe('m', 'mutation { logout(input: {}) { __typename } }');
    await client.message('m', 'complete');
    client.socket.close();
    const nobody = await connect({ port });
    await nobody.init();
    nobody.subscribe('s', 'subscription { systemStatus { machinesOnline } }');
    await nobody.message('s', 'error');
    nobody.socket.close();
    floor.signInAgain('OPERATOR');
  });
  expect(grown).toEqual([4, 1, 1, 1, 1]);
});

test('every operation lies in a bucket, and the last holds them all', async () => {
  await ask('{ apiInfo { name } }');
  const { text, value } = await scrape(url);
  const buckets = [
    ...text.matchAll(
      /^floorwire_operation_duration_seconds_bucket\{kind="query",outcome="succeeded",le="([^"]+)"\} (\d+)$/gm,
    ),
  ];
  const counts = buckets.map(([, , count]) => Number(count));
  expect(counts).toEqual([...counts].sort((a, b) => a - b));
  expect(buckets.at(-1)?.[1]).toBe('+Inf');
  expect(counts.at(-1)).toBe(value(`${DURATION}{kind="query",outcome="succeeded"}`));
  expect(value('floorwire_operation_duration_seconds_sum{kind="query",outcome="succeeded"}')).toBeGreaterThan(
    0,
  );
});

test('sockets are counted while they are open, and by how they closed', async () => {
  // Those of the tests before are closed by their clients, and may still be on their way.
  await eventually(async () => (await scrape(url)).value('floorwire_sockets') === 0);
  const clients = await Promise.all(Array.from({ length: 5 }, () => connect({ port })));
  const open = await scrape(url);
  expect(open.value('floorwire_sockets')).toBe(5);
  const [left, ...others] = clients;
  const closes = ['1000', '4400', 'other'].map((code) => `floorwire_socket_closes_total{code="${code}"}`);
  const grown = await growth(closes, async () => {
    left?.socket.close(1000);
    others[0]?.socket.close(1000);
    others[1]?.socket.close(3456);
    others[2]?.send('no JSON');
    others[3]?.socket.close(3457);
    await eventually(async () => (await scrape(url)).value('floorwire_sockets') === 0);
  });
  expect(grown).toEqual([2, 1, 2]);
});

test('a stream of server-sent events is counted while it is open', async () => {
  const controller = new AbortController();
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${await floor.token('OPERATOR')}`,
    },
    body: JSON.stringify({ query: 'subscription { systemStatus { machinesOnline } }' }),
    signal: controller.signal,
  });
  expect(response.status).toBe(200);
  expect((await scrape(url)).value('floorwire_sse_streams')).toBe(1);
  controller.abort();
  await eventually(async () => (await scrape(url)).value('floorwire_sse_streams') === 0);
});

test('answers are counted by status, errors by code, refusals by limit', async () => {
  const login =
    'mutation { login(input: { identifier: "nobody", password: "wrong-in-any-case" }) { __typename } }';
  const series = [
    'floorwire_http_responses_total{status="4xx"}',
    'floorwire_errors_total{code="API_002"}',
    'floorwire_errors_total{code="API_001"}',
    'floorwire_errors_total{code="API_005"}',
    'floorwire_rate_limit_refusals_total{bucket="CREDENTIALS_PER_ACCOUNT"}',
  ];
  const grown = await growth(series, async () => {
    await (await fetch(`${url}/nowhere`)).text();
    await ask('{ there_is_no_such_field }');
    for (let i = 0; i < 3; i += 1) await ask(login);
  });
  expect(grown).toEqual([1, 1, 1, 2, 2]);
});

test.each(['http', 'websocket'])(
  'an error in a result is in the line of its request over %s and counted, each once',
  async (transport) => {
    const wrong = (name: string) =>
      `login(input: { identifier: "${transport}-${name}", password: "wrong-in-any-case" }) {
        __typename ... on Error { code requestId }
      }`;
    const query = `mutation Twice { a: ${wrong('a')} b: ${wrong('b')} }`;
    let answer: { a: { requestId: string }; b: object } | undefined;
    const grown = await growth(['floorwire_errors_total{code="AUTH_001"}'], async () => {
      if (transport === 'http') answer = (await ask(query)).body.data;
      else {
        const client = await connect({ port });
        await client.init();
        client.subscribe('m', query);
        answer = (await client.message('m', 'next')).payload.data;
        client.socket.close();
      }
    });
    expect(answer).toMatchObject({ a: { code: 'AUTH_001' }, b: { code: 'AUTH_001' } });
    expect(grown).toEqual([2]);
    const line = await eventually(() => linesOf(answer?.a.requestId).at(0));
    expect(line).toMatchObject({ level: 'info', transport, operation: 'Twice', codes: ['AUTH_001'] });
    expect(linesOf(answer?.a.requestId)).toHaveLength(1);
  },
);

/** What the log says of a request. */
const linesOf = (requestId: string | undefined): readonly object[] =>
  floor
    .logged()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
    .filter((line) => line.requestId === requestId);

test('lines and machines are counted by state', async () => {
  await floor.online();
  const { value } = await scrape(url);
  expect(value('floorwire_sas_lines{state="UP"}')).toBe(1);
  expect(value('floorwire_sas_lines{state="DOWN"}')).toBe(0);
  expect(value('floorwire_sas_lines_silent')).toBe(0);
  expect(value('floorwire_machines{connection="ONLINE"}')).toBe(2);
});

test('what waits for its place in the log is counted, with how long it has', async () => {
  const { db, runWork } = services;
  await eventually(async () => (await scrape(url)).value('floorwire_outbox_events') === 0);
  await using owner = openDatabase({ connection: floor.connection, poolSize: 1, applicationName: 'owner' });
  const countWaiting = async () => {
    const { n } = await db
      .selectFrom('outbox')
      .select((eb) => eb.fn.countAll<bigint>().as('n'))
      .executeTakeFirstOrThrow();
    return Number(n);
  };
  const before = await owner.db.transaction().execute(async (tx) => {
    // The lock of `sequence_outbox`: no event moves on while it is held.
    await sql`select pg_advisory_xact_lock(7307811, 1)`.execute(tx);
    const standing = await scrape(url);
    await aVenue(runWork, { slug: 'waiting' });
    expect(await countWaiting()).toBeGreaterThan(0);
    await eventually(async () => ((await scrape(url)).value('floorwire_outbox_age_seconds') ?? 0) > 0.2);
    const held = await eventually(async () => {
      const least = await countWaiting();
      const now = await scrape(url);
      // The machines may say something meanwhile.
      return (await countWaiting()) === least && { least, now };
    });
    expect(held.now.value('floorwire_outbox_events')).toBe(held.least);
    expect(held.now.value('floorwire_log_position')).toBe(standing.value('floorwire_log_position'));
    return standing;
  });
  const after = await eventually(async () => {
    const now = await scrape(url);
    return now.value('floorwire_outbox_events') === 0 && now;
  });
  expect(after.value('floorwire_outbox_age_seconds')).toBe(0);
  expect(after.value('floorwire_log_position')).toBeGreaterThan(before.value('floorwire_log_position') ?? 0);
  await eventually(async () => (await scrape(url)).value('floorwire_tail_lag_events') === 0);
});

test('connections to the database are counted, those that work and what waits for one', async () => {
  const { db, runWork } = services;
  const busy = 'floorwire_database_connections{state="busy"}';
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const holders = Array.from({ length: 12 }, () => db.connection().execute(() => held));
  // The pool has 8: the scrape itself gets none, so the database counts as away.
  const full = await eventually(async () => {
    const now = await scrape(url);
    return now.value(busy) === 8 && now;
  });
  expect(full.value('floorwire_database_waiting')).toBeGreaterThanOrEqual(4);
  expect(full.value('floorwire_database_up')).toBe(0);
  release();
  await Promise.all(holders);
  await runWork(system('test'), async () => {});
  await eventually(async () => (await scrape(url)).value('floorwire_database_up') === 1);
});

test('README speaks of no series that is not told', async () => {
  const { text } = await scrape(url);
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const section = /^## Watching it\n(.*?)^## /ms.exec(readme)?.[1] ?? '';
  const names = [...section.matchAll(/\bfloorwire_[a-z_]+/g)].map(([name]) => name.replace(/_bucket$/, ''));
  expect(names.length).toBeGreaterThan(5);
  for (const name of names) expect(text).toContain(`# TYPE ${name} `);
});

test('the metrics name nobody and nothing secret', async () => {
  const { text } = await scrape(url);
  expect(text).not.toMatch(/operator|casino|example\.com|@|Bearer/i);
  expect(text).toContain(`floorwire_build_info{version="${services.info.version}"} 1`);
});
