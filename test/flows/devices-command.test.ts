import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { cloneDatabase } from '../support/database.ts';
import { withDeadline } from '../support/deadline.ts';
import { httpClient } from '../support/http-client.ts';
import { programFile } from '../support/program.ts';
import { startServerProcess, UNDRIVEN_DEMO } from '../support/server-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const CLI = programFile('cli');
const { connection } = await cloneDatabase();
const place = { DATA_DIR: await temporaryFolder(), DATABASE_URL: connection };
const server = await startServerProcess({ ...place, ...UNDRIVEN_DEMO });
afterAll(async () => {
  server.process.kill('SIGTERM');
  await withDeadline(server.exited, 60_000, 'the end of the server');
});

const devices = (...args: string[]) =>
  promisify(execFile)(process.execPath, [CLI, 'devices', ...args], {
    env: { PATH: process.env.PATH, ...place },
  });
const add = (...more: string[]) => devices('add', '--venue', 'demo', '--number', 'GATE-2', ...more);

test('floorwire devices add pairs a device with a running server', async () => {
  const { stdout } = await add('--serial', 'A-1/7', '--kind', 'gate', '--name', 'North gate');
  const [, pairingCode = ''] = /^GATE-2 is registered\. .*: ([0-9A-Z-]{29})\n$/.exec(stdout) ?? [];
  const input = `{ venue: "demo", deviceNumber: "GATE-2", serialNumber: "A-1/7", pairingCode: "${pairingCode}" }`;
  const { body } = await httpClient(server.url).ask(
    `mutation { authenticateDevice(input: ${input}) {
      ... on AuthenticateDeviceSuccess { device { deviceNumber kind name serialNumber } } ... on Error { code }
    } }`,
  );
  expect(body.data.authenticateDevice).toEqual({
    device: { deviceNumber: 'GATE-2', kind: 'GATE', name: 'North gate', serialNumber: 'A-1/7' },
  });
  await expect(add('--serial', 'B')).rejects.toMatchObject({
    code: 1,
    stderr: 'floorwire: This device number is already taken.\n',
  });
});

test.each([
  [['--serial', 'C', '--kind', 'lamp'], '--kind takes SCREEN, LAB_BOARD, GATE or SENSOR.'],
  [['--serial', 'a b'], 'serialNumber takes 1 to 64 printable ASCII characters without blanks.'],
  [['--serial', 'C', '--venue', 'nowhere'], 'There is no venue nowhere.'],
  [[], 'devices add takes --venue, --number and --serial.'],
])('floorwire devices add %j is refused in one line', async (args, message) => {
  await expect(add(...args)).rejects.toMatchObject({ code: 1, stderr: `floorwire: ${message}\n` });
});
