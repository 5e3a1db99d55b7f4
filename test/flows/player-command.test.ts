import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { createRunWork } from '../../src/work.ts';
import { aDevice } from '../support/builders.ts';
import { eventually } from '../support/deadline.ts';
import { anInstallation } from '../support/installation.ts';
import { programFile } from '../support/program.ts';
import { aLayout, aPush, aRegion } from '../support/signage.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

vi.setConfig({ testTimeout: 200_000, hookTimeout: 120_000 });

const installation = await anInstallation();
const { db, venueId } = installation;
const runWork = createRunWork({ db, onEvents: () => {} });
const server = await installation.start();
const folder = await temporaryFolder();

const started: ChildProcess[] = [];
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
});

function play(args: readonly string[], { preload = [] }: { preload?: readonly string[] } = {}) {
  const child = spawn(process.execPath, [...preload, programFile('cli'), 'player', ...args], {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const exited = once(child, 'exit').then(([code]: unknown[]) => code);
  return { child, exited, stdout: () => stdout, stderr: () => stderr };
}

test('floorwire player draws what its screen is told, also when nobody answers any more', async () => {
  const { id, ...device } = await aDevice(runWork, { venueId });
  const args = ['--url', server.url, '--venue', 'casino', '--device', device.deviceNumber];
  const all = [...args, '--serial', device.serialNumber, '--state', join(folder, 'screen.json')];
  const code = ['--code', device.pairingCode];
  const player = play([...all, ...code]);
  await eventually(() => player.stdout().includes(`${device.deviceNumber}: nothing to show\n`));
  const regions = [aRegion('lobby', { kind: 'TEXT', text: 'Welcome to the floor' })];
  await aPush(runWork, { venueId, deviceIds: [id] }, await aLayout(runWork, { venueId, regions }));
  await eventually(() => player.stdout().includes('│Welcome to the floor'));
  player.child.kill('SIGTERM');
  expect(await player.exited).toBe(0);

  const alone = play([...all.map((each) => (each === server.url ? 'http://127.0.0.1:9' : each)), ...code]);
  await eventually(() => alone.stdout().includes('│Welcome to the floor'));
  expect(alone.stdout()).toContain('(not connected)');
  alone.child.kill('SIGTERM');
  expect(await alone.exited).toBe(0);

  const wrong = play([...args, '--serial', device.serialNumber, '--code', '00000-00000-00000-00000-00000']);
  expect(await wrong.exited).toBe(1);
  expect(wrong.stderr()).toBe(
    'floorwire: The venue, the device number, the serial number or the pairing code is wrong.\n',
  );
});

/** The program stands still once it has written its first picture, as it may on a busy machine. */
const SLOW_WRITER = `data:text/javascript,${encodeURIComponent(`
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = (...args) => {
    const done = write(...args);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
    return done;
  };
`)}`;

test('a signal that comes with its first picture ends floorwire player with 0', async () => {
  const { deviceNumber, serialNumber, pairingCode } = await aDevice(runWork, { venueId });
  const args = [
    '--venue',
    'casino',
    '--device',
    deviceNumber,
    '--serial',
    serialNumber,
    '--code',
    pairingCode,
  ];
  const player = play(['--url', server.url, ...args], { preload: ['--import', SLOW_WRITER] });
  await once(player.child.stdout, 'data');
  player.child.kill('SIGTERM');
  expect(await player.exited).toBe(0);
});

test.each([
  [[], 'player takes --url, --venue, --device, --serial and --code.'],
  [
    ['--url', 'screen', '--venue', 'v', '--device', 'd', '--serial', 's', '--code', 'c'],
    '--url takes the address of a server: http://127.0.0.1:8000.',
  ],
])('floorwire player %j is refused in one line', async (args, message) => {
  const player = play(args);
  expect(await player.exited).toBe(1);
  expect(player.stderr()).toBe(`floorwire: ${message}\n`);
});
