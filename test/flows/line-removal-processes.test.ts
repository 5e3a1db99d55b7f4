import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { eventually } from '../support/deadline.ts';
import { anInstallation, ask, signIn } from '../support/installation.ts';

/** A line is removed where nothing is driven: its driver, another process, lets the serial port go. */

const installation = await anInstallation();
const WAIT = { deadlineMs: 90_000 };
const { machineId } = installation;
const lineId = encodeGlobalId('SasLine', installation.lineId);

const api = await installation.start({ SAS_DRIVES: 'none' });
const { accessToken: token } = await signIn(api, (await installation.somebody('ADMIN')).username);
await installation.startDriver({ SAS_DRIVER_NAME: 'anna', SAS_DRIVES: 'main' });
await installation.startDriver({ SAS_DRIVER_NAME: 'bert', SAS_DRIVES: 'spare' });

async function change(name: string, input: object, answer = '') {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const { data } = await ask(
    api,
    `mutation ($input: ${type}Input!) { ${name}(input: $input) { ... on ${type}Success { success ${answer} } ... on Error { code } } }`,
    { token, input },
  );
  expect(data[name]).toMatchObject({ success: true });
  return data[name];
}

const lines = async () =>
  (await ask(api, '{ sasLines { id driver { name lostAt } machines { connection } } }', { token })).data
    .sasLines;
const drivenBy = (name: string) =>
  eventually(async () => {
    const [line] = await lines();
    return line?.driver?.name === name && line.machines[0]?.connection === 'ONLINE';
  }, WAIT);

test('a line that is removed on one process is let go by the other that drives it, and the port is the next line’s', async () => {
  await drivenBy('anna');
  await change('removeMachine', { machineId, expectedVersion: 1 });
  await change('removeSasLine', { lineId, expectedVersion: 1 });
  expect(await lines()).toEqual([]);

  // The port is locked by who has it open: bert has it only when anna has closed it.
  const next = { name: 'Next', port: 'line', wakeupMode: 'MARKED', drivenBy: 'spare' };
  const { line: spare } = await change('configureSasLine', next, 'line { id }');
  await change('registerMachine', { machineId, expectedVersion: 2, lineId: spare.id });
  await drivenBy('bert');

  // And back, to a line of anna's.
  await change('removeMachine', { machineId, expectedVersion: 3 });
  await change('removeSasLine', { lineId: spare.id, expectedVersion: 1 });
  const { line: again } = await change('configureSasLine', { ...next, drivenBy: 'main' }, 'line { id }');
  await change('registerMachine', { machineId, expectedVersion: 4, lineId: again.id });
  await drivenBy('anna');
}, 240_000);
