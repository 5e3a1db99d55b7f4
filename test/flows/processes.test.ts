import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../support/deadline.ts';
import { anInstallation, ask, kill, openSocket, signIn } from '../support/installation.ts';
import { aRedis } from '../support/redis.ts';
import type { ServerProcess } from '../support/server-process.ts';

const installation = await anInstallation();
const { egm, machineId } = installation;
const WAIT = { deadlineMs: 60_000 };

const EVENTS = 'subscription { machineEvents(types: [LOCKED, UNLOCKED]) { cursor type data } }';
const METERS = 'subscription { meters { version readAt } }';

/** Follows the floor on one process; when which lock arrived is kept. */
async function aFollower(server: ServerProcess, accessToken: string) {
  const client = await openSocket(server, accessToken);
  onTestFinished(() => client.socket.terminate());
  const arrivals = new Map<string, number>();
  const reasons: string[] = [];
  const cursors: string[] = [];
  let version = 0n;
  client.socket.on('message', (text) => {
    const { id, payload } = JSON.parse(String(text));
    const event = id === 'events' && payload?.data?.machineEvents;
    if (event) {
      cursors.push(event.cursor);
      reasons.push(event.data.reason);
      arrivals.set(event.data.reason, performance.now());
    }
    const meters = id === 'meters' && payload?.data?.meters;
    if (meters) version = BigInt(meters.version);
  });
  client.subscribe('events', EVENTS);
  client.subscribe('meters', METERS);
  client.subscribe('ready', '{ viewer { roles } }');
  await client.message('ready', 'next');
  return { client, arrivals, reasons, cursors, version: () => version };
}

type Follower = Awaited<ReturnType<typeof aFollower>>;

async function twoProcesses(environment: Record<string, string>) {
  const startedMs = Date.now();
  const [a, b] = await Promise.all([installation.start(environment), installation.start(environment)]);
  onTestFinished(async () => {
    await Promise.all([kill(a), kill(b)]);
  });
  const { username } = await installation.somebody('OPERATOR');
  const { accessToken } = await signIn(a, username);
  await eventually(async () => {
    const { data } = await ask(b, '{ machines { nodes { connection line { driver { since } } } } }', {
      token: accessToken,
    });
    const [{ connection, line }] = data.machines.nodes;
    // Processes that were killed have left a lease behind, and a machine that was online.
    return connection === 'ONLINE' && Date.parse(line.driver.since) >= startedMs;
  }, WAIT);
  return { a, b, accessToken, onA: await aFollower(a, accessToken), onB: await aFollower(b, accessToken) };
}

/** Locks and unlocks the machine by one process. */
async function change(server: ServerProcess, token: string, reason: string): Promise<void> {
  for (const field of ['lockMachine', 'unlockMachine']) {
    const { data } = await ask(
      server,
      `mutation ($input: MachineReasonInput!) { ${field}(input: $input) { __typename } }`,
      { token, input: { machineId, reason: `${field} ${reason}` } },
    );
    expect(data[field].__typename).toMatch(/Success$/);
  }
}

const reasonsOf = (rounds: readonly string[]) =>
  rounds.flatMap((round) => [`lockMachine ${round}`, `unlockMachine ${round}`]);

/** Inserts a bill, and answers the version of the meters that know of it. */
async function changeMeters(server: ServerProcess, token: string): Promise<bigint> {
  const read = async () =>
    BigInt((await ask(server, '{ meters { version } }', { token })).data.meters[0].version);
  const before = await read();
  egm.insertBill(20n);
  await eventually(async () => (await read()) > before, WAIT);
  return await read();
}

/** A meter that changes on the floor changes for followers of every process. */
async function expectMetersToArrive(followers: readonly Follower[]): Promise<void> {
  await eventually(() => followers.every(({ version }) => version() > 0n), WAIT);
  const before = followers.map(({ version }) => version());
  await eventually(() => {
    egm.insertBill(20n);
    return followers.every(({ version }, at) => version() > (before[at] ?? 0n));
  }, WAIT);
}

/** How much later the same event came by the other process, in milliseconds. */
function tellDelay(title: string, { onA, onB }: { readonly onA: Follower; readonly onB: Follower }): void {
  const delays = [...onA.arrivals].map(([reason, at]) => (onB.arrivals.get(reason) ?? Number.NaN) - at);
  const sorted = delays.sort((one, other) => one - other).map((delay) => delay.toFixed(1));
  console.info(`${title}: median ${sorted[sorted.length >> 1]} ms, worst ${sorted.at(-1)} ms later`);
}

test('what is done by one process arrives by the other, in order and once, also while Redis restarts', async (context) => {
  const redis = await aRedis(context);
  redis.start();
  const { a, b, accessToken, onA, onB } = await twoProcesses({ REDIS_URL: redis.url });
  await expectMetersToArrive([onA, onB]);

  await change(a, accessToken, '1');
  await redis.kill();
  await change(a, accessToken, '2');
  const newest = await changeMeters(a, accessToken);
  redis.start();
  // Nobody could tell of it, and nothing changes any more.
  await eventually(() => [onA, onB].every(({ version }) => version() >= newest), WAIT);
  await change(b, accessToken, '3');

  const all = reasonsOf(['1', '2', '3']);
  await eventually(() => onA.reasons.length >= all.length && onB.reasons.length >= all.length, WAIT);
  expect(onA.reasons).toEqual(all);
  expect(onB.reasons).toEqual(all);
  expect(onB.cursors).toEqual(onA.cursors);
  await expectMetersToArrive([onA, onB]);
  tellDelay('with Redis', { onA, onB });
}, 300_000);

test('without Redis what is done by one process arrives by the other too, state as well', async () => {
  const { a, b, accessToken, onA, onB } = await twoProcesses({});
  const rounds = ['1', '2', '3', '4'];
  const all = reasonsOf(rounds);
  for (const [at, round] of rounds.entries()) await change(at % 2 ? a : b, accessToken, round);
  await eventually(() => onA.reasons.length >= all.length && onB.reasons.length >= all.length, WAIT);
  expect([onA.reasons, onB.reasons]).toEqual([all, all]);
  await expectMetersToArrive([onA, onB]);
  tellDelay('without Redis', { onA, onB });
}, 300_000);
