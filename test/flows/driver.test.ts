import { expect, test } from 'vitest';
import { exceptionCode } from '../../src/sas/codec/exceptions.ts';
import { eventually } from '../support/deadline.ts';
import { anInstallation, ask, kill, signIn } from '../support/installation.ts';
import type { ServerProcess } from '../support/server-process.ts';

/** Two drivers of one line, and a process that answers the API and drives nothing. */

const installation = await anInstallation({ transport: 'TCP' });
const { db, egm, lineId, machineId } = installation;
const LEASE = { SAS_LEASE: '8s', SAS_LEASE_RENEWAL: '1s' };
/** With the other driver's start, and a machine that has to be found again. */
const WAIT = { deadlineMs: 60_000 };
const LEASE_MS = 8_000;

const api = await installation.start({ SAS_DRIVES: 'none' });
const { accessToken } = await signIn(api, (await installation.somebody('OPERATOR')).username);
const startDriver = (name: string) =>
  installation.startDriver({ SAS_DRIVER_NAME: name, ...LEASE, LOG_LEVEL: 'debug' });

interface Line {
  readonly state: string;
  readonly cause: string | null;
  readonly driver: { readonly name: string; readonly lostAt: string | null } | null;
  readonly machines: readonly { readonly connection: string }[];
}

async function lineNow(): Promise<Line> {
  const { data } = await ask(
    api,
    '{ sasLines { state cause driver { name since leaseExpiresAt lostAt } machines { connection } } }',
    { token: accessToken },
  );
  return data.sasLines[0];
}

/** The line is driven by this one, and its machine answers. */
const drivenBy = (name: string) =>
  eventually(async () => {
    const { driver, state, machines } = await lineNow();
    const isOnline = machines.every(({ connection }) => connection === 'ONLINE');
    return driver?.name === name && driver.lostAt === null && state === 'UP' && isOnline;
  }, WAIT);

async function lock(reason: string): Promise<string> {
  const { data } = await ask(
    api,
    'mutation ($input: MachineReasonInput!) { lockMachine(input: $input) { __typename ... on Error { code } } }',
    { token: accessToken, input: { machineId, reason } },
  );
  return data.lockMachine.__typename;
}

/** Each exception that the machine has raised, by its data: a code of its own for each. */
let raised = 0;
const DOORS = ['SLOT_DOOR_OPENED', 'SLOT_DOOR_CLOSED', 'DROP_DOOR_OPENED', 'DROP_DOOR_CLOSED'] as const;
const expected: string[] = [];
function raise(): void {
  const name = DOORS[raised % DOORS.length] ?? 'SLOT_DOOR_OPENED';
  raised += 1;
  expected.push(name);
  egm.raise(exceptionCode(name));
}

/** What is on record of them, in order. */
async function onRecord(): Promise<string[]> {
  const rows = await db
    .selectFrom('machine_event')
    .select('type')
    .where('type', 'in', DOORS)
    .orderBy('occurred_at')
    .orderBy('id')
    .execute();
  return rows.map(({ type }) => type);
}
const allOnRecord = () => eventually(async () => (await onRecord()).length >= expected.length, WAIT);

async function leaseNow() {
  return await db
    .selectFrom('sas_line_lease')
    .selectAll()
    .where('line_id', '=', lineId)
    .executeTakeFirstOrThrow();
}

const eventTypes = async () =>
  (await db.selectFrom('event_log').select(['type', 'payload']).orderBy('position').execute()).flatMap(
    ({ type, payload }) => {
      const { driver } = (payload ?? {}) as { driver?: string };
      return driver === undefined ? [] : [`${type} ${driver}`];
    },
  );

let anna: ServerProcess;
let bert: ServerProcess;

test('a process that drives nothing leaves the lines to a driver, whom commands reach all the same', async () => {
  expect(await lineNow()).toMatchObject({ driver: null, state: 'UNKNOWN' });
  anna = await startDriver('anna');
  await drivenBy('anna');
  expect(await lock('by the API')).toBe('LockMachineSuccess');
  expect(egm.locked).toBe(true);
  raise();
  await allOnRecord();
}, 120_000);

test('a driver that is killed is succeeded once its lease is over, and no exception is lost or told twice', async () => {
  bert = await startDriver('bert');
  raise();
  raise();
  const killedAt = Date.now();
  await kill(anna);
  for (let more = 0; more < 3; more += 1) raise();
  await drivenBy('bert');
  expect(Date.now() - killedAt).toBeLessThan(LEASE_MS + 30_000);
  raise();
  await allOnRecord();
  expect(await onRecord()).toEqual(expected);
  await eventually(async () => (await eventTypes()).includes('machine.driver-lost anna'));
  expect(await lock('after the death')).toBe('LockMachineSuccess');
}, 120_000);

test('a driver that stood still for longer than its lease writes nothing and says nothing when it goes on', async () => {
  anna = await startDriver('anna');
  const before = await leaseNow();
  expect(before.driver).toBe('bert');
  bert.process.kill('SIGSTOP');
  raise();
  await drivenBy('anna');
  const taken = await leaseNow();
  expect(taken.epoch).toBeGreaterThan(before.epoch);
  raise();
  await allOnRecord();

  bert.process.kill('SIGCONT');
  await eventually(() => bert.stdout().includes('line driven no longer'), WAIT);
  for (let more = 0; more < 5; more += 1) raise();
  await allOnRecord();
  expect(await onRecord()).toEqual(expected);
  // It waits for its turn, and did not disturb who has it.
  expect(await leaseNow()).toMatchObject({ driver: 'anna', epoch: taken.epoch });
  expect(await lineNow()).toMatchObject({ state: 'UP', driver: { name: 'anna', lostAt: null } });
}, 180_000);

test('a driver that is told to end hands over at once', async () => {
  raise();
  const before = await leaseNow();
  expect(before.driver).toBe('anna');
  anna.process.kill('SIGTERM');
  const after = await eventually(async () => {
    const now = await leaseNow();
    return now.driver === 'bert' && now;
  }, WAIT);
  // Neither at the end of its lease nor at the next look that bert takes at the lines.
  expect(Number(after.taken_at)).toBeLessThan(Number(before.expires_at) - 3_000);
  expect(await anna.exited).toEqual({ code: 0, signal: null });
  await drivenBy('bert');
  raise();
  await allOnRecord();
  expect(await onRecord()).toEqual(expected);
  expect((await eventTypes()).slice(-2)).toEqual(['machine.line-released anna', 'machine.line-taken bert']);
}, 120_000);

test('a driver that dies without a successor is named by systemStatus', async () => {
  await kill(bert);
  const line = await eventually(async () => {
    const now = await lineNow();
    return now.state === 'DOWN' && now;
  }, WAIT);
  expect(line).toMatchObject({
    cause: 'Its driver bert does not answer.',
    driver: { name: 'bert', lostAt: expect.any(String) },
    machines: [{ connection: 'OFFLINE' }],
  });
}, 120_000);
