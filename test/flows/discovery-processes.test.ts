import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { eventually } from '../support/deadline.ts';
import { anInstallation, ask, kill, signIn } from '../support/installation.ts';

/** A search is asked for where nothing is driven, and outlasts the driver that began it. */

const installation = await anInstallation({ transport: 'TCP', machines: 3 });
const { db } = installation;
/** With the start of a process in it, and a lease that has to end. */
const WAIT = { deadlineMs: 90_000 };

const lineId = encodeGlobalId('SasLine', installation.lineId);
const api = await installation.start({ SAS_DRIVES: 'none' });
const { accessToken: token } = await signIn(api, (await installation.somebody('ADMIN')).username);
const startDriver = (name: string) =>
  installation.startDriver({ SAS_DRIVER_NAME: name, SAS_LEASE: '8s', SAS_LEASE_RENEWAL: '1s' });

const LINE =
  'state driver { name lostAt } discovery { state progress } discoveredAddresses { address serialNumber } machines { id name address connection }';

async function lineNow() {
  const { data } = await ask(api, `{ sasLines { ${LINE} } }`, { token });
  return data.sasLines[0];
}

const drivenBy = (name: string) =>
  eventually(async () => {
    const { driver, state, machines } = await lineNow();
    const isOnline = machines.every((each: { connection: string }) => each.connection === 'ONLINE');
    return driver?.name === name && driver.lostAt === null && state === 'UP' && isOnline;
  }, WAIT);

async function discover(input: object) {
  const { data } = await ask(
    api,
    `mutation ($input: DiscoverMachinesInput!) {
      discoverMachines(input: $input) {
        __typename ... on DiscoverMachinesSuccess { line { ${LINE} } } ... on Error { code }
      }
    }`,
    { token, input: { lineId, ...input } },
  );
  return data.discoverMachines;
}

/** What the log says of searches. */
async function said(): Promise<readonly string[]> {
  const rows = await db.selectFrom('event_log').select('type').orderBy('position').execute();
  return rows.map(({ type }) => type).filter((type) => /discovery-(requested|started|finished)/.test(type));
}

test('a search that another process began goes on with the next driver when that dies', async () => {
  const anna = await startDriver('anna');
  await drivenBy('anna');
  const { machines } = await lineNow();
  for (const { id, name } of machines.slice(1)) {
    const removed = await ask(
      api,
      'mutation ($input: RemoveMachineInput!) { removeMachine(input: $input) { __typename } }',
      { token, input: { machineId: id, expectedVersion: 1 } },
    );
    expect(removed.data.removeMachine.__typename, name).toBe('RemoveMachineSuccess');
  }

  // Nobody is at 4 to 6: to look at them twice takes longer than to kill a process.
  const begun = await discover({ fromAddress: 1, toAddress: 6 });
  expect(begun).toMatchObject({
    __typename: 'DiscoverMachinesSuccess',
    line: { discovery: { state: 'RUNNING' } },
  });
  await eventually(async () => (await lineNow()).discovery.progress >= 0.3, WAIT);
  await kill(anna);
  const { discovery } = await lineNow();
  expect(discovery.state).toBe('RUNNING');

  await startDriver('bert');
  await drivenBy('bert');
  // It goes on behind what was asked, and does not begin again.
  expect((await lineNow()).discovery.progress).toBeGreaterThanOrEqual(discovery.progress);
  await eventually(async () => (await lineNow()).discovery.state === 'FINISHED', WAIT);
  const found = await lineNow();
  expect(found.discoveredAddresses).toEqual([
    { address: 2, serialNumber: expect.any(String) },
    { address: 3, serialNumber: expect.any(String) },
  ]);
  expect(await said()).toEqual([
    'machine.discovery-requested',
    'machine.discovery-started',
    'machine.discovery-finished',
  ]);
}, 240_000);
