import { expect, test } from 'vitest';
import { eventually } from '../support/deadline.ts';
import { anInstallation, ask, kill, openSocket, signIn } from '../support/installation.ts';
import type { ServerProcess } from '../support/server-process.ts';

const installation = await anInstallation();
const { machineId } = installation;
const [a, b, c] = await Promise.all([installation.start(), installation.start(), installation.start()]);
const { accessToken } = await signIn(a, (await installation.somebody('OPERATOR')).username);
const WAIT = { deadlineMs: 90_000 };

const open = (server: ServerProcess, many: number) =>
  Promise.all(Array.from({ length: many }, () => openSocket(server, accessToken)));

async function countOf(server: ServerProcess): Promise<number> {
  const { data } = await ask(server, '{ realtimeConnections(first: 1) { totalCount } }', {
    token: accessToken,
  });
  return data.realtimeConnections.totalCount;
}

/** Does something to the machine by one process, as soon as one that lives drives its line. */
const change = (server: ServerProcess, field: 'lockMachine' | 'unlockMachine', reason: string) =>
  eventually(async () => {
    const { data } = await ask(
      server,
      `mutation ($input: MachineReasonInput!) { ${field}(input: $input) { __typename } }`,
      { token: accessToken, input: { machineId, reason } },
    );
    return data[field].__typename.endsWith('Success');
  }, WAIT);

test('whichever process is killed, the others go on, and its connections vanish from what they count', async () => {
  const [follower] = await open(c, 1);
  if (!follower) throw new Error('no socket');
  follower.subscribe('events', 'subscription { machineEvents(types: [LOCKED, UNLOCKED]) { data } }');
  const arrived = (reason: string) =>
    eventually(
      () => follower.messages.some(({ payload }) => payload?.data?.machineEvents.data.reason === reason),
      WAIT,
    );

  await Promise.all([open(a, 3), open(b, 2)]);
  for (const server of [a, b, c]) await eventually(async () => (await countOf(server)) === 6, WAIT);
  await change(a, 'lockMachine', 'by a');
  await arrived('by a');

  await kill(a);
  await change(b, 'unlockMachine', 'by b');
  await arrived('by b');
  for (const server of [b, c]) await eventually(async () => (await countOf(server)) === 3, WAIT);

  await kill(b);
  await change(c, 'lockMachine', 'by c');
  await arrived('by c');
  await eventually(async () => (await countOf(c)) === 1, WAIT);

  const rows = await installation.db.selectFrom('realtime_process').select('id').execute();
  expect(rows.length).toBeLessThanOrEqual(2);
  follower.socket.close();
  await eventually(async () => (await countOf(c)) === 0, WAIT);
}, 300_000);
