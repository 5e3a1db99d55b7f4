import { expect, test } from 'vitest';
import { exceptionCode } from '../../src/sas/codec/exceptions.ts';
import { createEgm } from '../../src/sas/simulator/egm.ts';
import { createSimulatedLine } from '../../src/sas/simulator/floor.ts';
import { eventually } from '../support/deadline.ts';
import { anInstallation, ask, kill, openSocket, signIn } from '../support/installation.ts';
import type { ServerProcess } from '../support/server-process.ts';

/** Two drivers of one line, and a process that answers the API and drives nothing. */

const installation = await anInstallation({ transport: 'TCP', machines: 3 });
const { db, egm, egms, lineId, machineId } = installation;
/** With the start of a process in it, and machines that have to be found again. */
const WAIT = { deadlineMs: 60_000 };
const DOORS = ['SLOT_DOOR_OPENED', 'SLOT_DOOR_CLOSED', 'DROP_DOOR_OPENED', 'DROP_DOOR_CLOSED'] as const;

const api = await installation.start({ SAS_DRIVES: 'none' });
const { accessToken } = await signIn(api, (await installation.somebody('OPERATOR')).username);
const startDriver = (name: string) =>
  installation.startDriver({ SAS_DRIVER_NAME: name, SAS_LEASE: '8s', SAS_LEASE_RENEWAL: '1s' });

const LINE = 'state cause driver { name since leaseExpiresAt lostAt } machines { connection }';

interface Line {
  readonly state: string;
  readonly driver: { readonly name: string; readonly lostAt: string | null } | null;
  readonly machines: readonly { readonly connection: string }[];
}

async function lineNow(): Promise<Line> {
  const { data } = await ask(api, `{ sasLines { ${LINE} } }`, { token: accessToken });
  return data.sasLines[0];
}

/** The line is driven by this one, and its machines answer. */
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

let rounds = 0;

/** Something happens at each machine; never the same twice in a row. */
function raise(): void {
  const name = DOORS[rounds % DOORS.length] ?? 'SLOT_DOOR_OPENED';
  rounds += 1;
  for (const each of egms) each.raise(exceptionCode(name));
}

/** What is on record of that, by machine, in order. */
async function onRecord(): Promise<readonly string[][]> {
  const rows = await db
    .selectFrom('machine_event as event')
    .innerJoin('machine', 'machine.id', 'event.machine_id')
    .select(['event.type', 'machine.address'])
    .where('event.type', 'in', DOORS)
    .orderBy('event.occurred_at')
    .orderBy('event.id')
    .execute();
  return egms.map(({ address }) => rows.filter((row) => row.address === address).map(({ type }) => type));
}

/** Each exception of each machine is on record, once and in order. */
async function expectAllOnRecord(): Promise<void> {
  await eventually(async () => (await onRecord()).every((each) => each.length >= rounds), WAIT);
  const told = Array.from({ length: rounds }, (_, at) => DOORS[at % DOORS.length]);
  expect(await onRecord()).toEqual(egms.map(() => told));
}

const leaseNow = () =>
  db.selectFrom('sas_line_lease').selectAll().where('line_id', '=', lineId).executeTakeFirstOrThrow();

/** What the log says of drivers. */
async function said(): Promise<readonly string[]> {
  const rows = await db.selectFrom('event_log').select(['type', 'payload']).orderBy('position').execute();
  return rows.flatMap(({ type, payload }) => {
    const { driver } = (payload ?? {}) as { readonly driver?: string };
    return driver === undefined ? [] : [`${type} ${driver}`];
  });
}

let anna: ServerProcess;
let bert: ServerProcess;

test('a process that drives nothing leaves the lines to a driver, whom commands reach all the same', async () => {
  expect(await lineNow()).toMatchObject({ driver: null, state: 'UNKNOWN' });
  anna = await startDriver('anna');
  await drivenBy('anna');
  expect(await lock('by the API')).toBe('LockMachineSuccess');
  expect(egm.locked).toBe(true);
  raise();
  await expectAllOnRecord();
}, 120_000);

test('a driver that is killed is succeeded when its lease is over, and no exception is lost or told twice', async () => {
  bert = await startDriver('bert');
  // It dies in the middle of them, at whichever moment of an exchange that is.
  for (let more = 0; more < 10; more += 1) raise();
  await eventually(async () => (await onRecord()).some((each) => each.length > 3), WAIT);
  const { expires_at: expiresAt } = await leaseNow();
  await kill(anna);
  for (let more = 0; more < 3; more += 1) raise();
  await drivenBy('bert');
  const { taken_at: takenAt } = await leaseNow();
  expect(Number(takenAt)).toBeGreaterThanOrEqual(Number(expiresAt));
  raise();
  await expectAllOnRecord();
  await eventually(async () => (await said()).includes('machine.driver-lost anna'));
  expect(await lock('after the death')).toBe('LockMachineSuccess');
}, 120_000);

test('a driver that stood still for longer than its lease writes nothing and says nothing when it goes on', async () => {
  anna = await startDriver('anna');
  const before = await leaseNow();
  expect(before.driver).toBe('bert');
  for (let more = 0; more < 5; more += 1) raise();
  bert.process.kill('SIGSTOP');
  raise();
  await drivenBy('anna');
  const taken = await leaseNow();
  expect(taken.epoch).toBeGreaterThan(before.epoch);
  raise();
  await expectAllOnRecord();

  for (let more = 0; more < 5; more += 1) raise();
  bert.process.kill('SIGCONT');
  await eventually(() => bert.stdout().includes('line driven no longer'), WAIT);
  for (let more = 0; more < 5; more += 1) raise();
  await expectAllOnRecord();
  // It waits for its turn, and did not disturb who has it.
  expect(await leaseNow()).toMatchObject({ driver: 'anna', epoch: taken.epoch });
  expect(await lineNow()).toMatchObject({ state: 'UP', driver: { name: 'anna', lostAt: null } });
}, 180_000);

test('a driver that is told to end hands over before its lease ends, and ends with 0', async () => {
  for (let more = 0; more < 5; more += 1) raise();
  expect((await leaseNow()).driver).toBe('anna');
  anna.process.kill('SIGTERM');
  expect(await anna.exited).toEqual({ code: 0, signal: null });
  await drivenBy('bert');
  raise();
  await expectAllOnRecord();
  // Had its lease ended, it would be lost.
  expect((await said()).slice(-2)).toEqual(['machine.line-released anna', 'machine.line-taken bert']);
}, 120_000);

test('a driver that dies without a successor is named by systemStatus of a process that drives nothing', async () => {
  const watcher = await openSocket(api, accessToken);
  watcher.subscribe(
    'status',
    `subscription { systemStatus { health { checks { name status message } } lines { ${LINE} } machinesOffline } }`,
  );
  await kill(bert);
  const frame = await eventually(() => {
    const frames = watcher.messages.flatMap(({ payload }) => payload?.data?.systemStatus ?? []);
    return frames.find(({ lines }) => lines[0].state === 'DOWN');
  }, WAIT);
  const offline = { connection: 'OFFLINE' };
  expect(frame).toMatchObject({
    lines: [
      {
        cause: 'Its driver bert does not answer.',
        driver: { name: 'bert', lostAt: expect.any(String) },
        machines: [offline, offline, offline],
      },
    ],
    machinesOffline: 3,
  });
  expect(frame.health.checks).toContainEqual(
    expect.objectContaining({
      status: 'DEGRADED',
      message: 'The line is down: Its driver bert does not answer.',
    }),
  );
  // Who watches is told at once, by a signal that may be sooner than the log.
  await eventually(async () => (await said()).at(-1) === 'machine.driver-lost bert', WAIT);
  watcher.socket.close();
}, 120_000);

test('a line and a machine that the API is told of are driven at once', async () => {
  await startDriver('carl');
  await drivenBy('carl');
  const { accessToken: token } = await signIn(api, (await installation.somebody('ADMIN')).username);
  const added = createEgm({ address: 7 });
  await using simulated = await createSimulatedLine({ egms: [added], transport: { kind: 'TCP', port: 0 } });
  const line = await ask(
    api,
    `mutation ($input: ConfigureSasLineInput!) {
      configureSasLine(input: $input) { ... on ConfigureSasLineSuccess { line { id drivenBy } } ... on Error { message } }
    }`,
    { token, input: { name: 'New line', port: simulated.address, wakeupMode: 'MARKED' } },
  );
  expect(line.data.configureSasLine).toMatchObject({ line: { drivenBy: 'main' } });
  const machine = await ask(
    api,
    `mutation ($input: RegisterMachineInput!) {
      registerMachine(input: $input) { ... on RegisterMachineSuccess { machine { id } } ... on Error { message } }
    }`,
    { token, input: { lineId: line.data.configureSasLine.line.id, address: 7, name: 'New machine' } },
  );
  const { id } = machine.data.registerMachine.machine;
  await eventually(async () => {
    const { data } = await ask(api, `{ machine(id: "${id}") { connection line { driver { name } } } }`, {
      token,
    });
    return data.machine.connection === 'ONLINE' && data.machine.line.driver.name === 'carl';
  }, WAIT);
}, 120_000);
