import { expect, test } from 'vitest';
import { DeskError } from '../../src/player/desk.ts';
import { DownloadError } from '../../src/player/download.ts';
import { createFirmwareDesk, type InstalledFirmware } from '../../src/player/firmware-desk.ts';
import { manualTimers } from '../support/manual-timers.ts';
import { scriptedDesk, unreachable } from '../support/scripted-desk.ts';

const SHA256 = 'a'.repeat(64);
const offered = (id: string) => ({
  id,
  firmware: { version: '1.4.0', url: 'http://127.0.0.1/', sha256: SHA256, byteSize: '16' },
});

function aFirmwareDesk(installed: InstalledFirmware | null = null) {
  const timers = manualTimers();
  const server = scriptedDesk();
  const now: { installed: InstalledFirmware | null; fetched: number; fetchFile: () => void } = {
    installed,
    fetched: 0,
    fetchFile: () => {},
  };
  server.answer = ({ input }) => ({ update: { state: input.state } });
  const firmware = createFirmwareDesk({
    desk: server,
    timers,
    async fetchFile() {
      now.fetched += 1;
      now.fetchFile();
    },
    installed,
    async onInstalled(given) {
      now.installed = given;
    },
    onError: () => {},
  });
  const said = () => server.asked.map(({ input }) => [input.state, input.failure].filter(Boolean).join(' '));
  return { timers, server, firmware, now, said };
}

const STEPS = ['DOWNLOADING', 'VERIFYING', 'INSTALLING', 'UP_TO_DATE'];

test('what is offered is fetched and installed, and each step is said', async () => {
  const { timers, server, firmware, now, said } = aFirmwareDesk();
  firmware.hear(offered('deployment'));
  expect(firmware.files()).toEqual([SHA256]);
  await timers.advance(0);
  expect(said()).toEqual(STEPS);
  expect(server.asked[1]?.input).toEqual({
    deploymentId: 'deployment',
    state: 'VERIFYING',
    sha256: SHA256,
  });
  expect(now.installed).toEqual({ version: '1.4.0', sha256: SHA256, deploymentId: 'deployment' });
});

test('what is installed and offered again, because its end was not heard, is said and not installed again', async () => {
  const { timers, firmware, now, said } = aFirmwareDesk({
    version: '1.4.0',
    sha256: SHA256,
    deploymentId: 'deployment',
  });
  firmware.hear(offered('deployment'));
  await timers.advance(0);
  expect([said(), now.fetched]).toEqual([['UP_TO_DATE'], 0]);
  firmware.hear(offered('another'));
  await timers.advance(0);
  expect([said().slice(1), now.fetched]).toEqual([STEPS, 1]);
});

test('something else than what it shall be is not installed', async () => {
  const { timers, server, firmware, now, said } = aFirmwareDesk();
  now.fetchFile = () => {
    throw new DownloadError('Something else came.', { sha256: 'b'.repeat(64) });
  };
  firmware.hear(offered('deployment'));
  await timers.advance(600_000);
  expect([said(), now.installed]).toEqual([['DOWNLOADING', 'FAILED CHECKSUM_MISMATCH'], null]);
  expect(server.asked[1]?.input.sha256).toBe('b'.repeat(64));
});

test.each([
  [new DownloadError('The server answered 404.'), 'FAILED DOWNLOAD_FAILED'],
  [new Error('no space left'), 'FAILED INSTALL_FAILED'],
])('after five attempts that end with %s it has failed', async (error, last) => {
  const { timers, firmware, now, said } = aFirmwareDesk();
  now.fetchFile = () => {
    throw error;
  };
  firmware.hear(offered('deployment'));
  await timers.advance(600_000);
  expect([said().at(-1), now.fetched, now.installed]).toEqual([last, 5, null]);
});

test('while nobody answers it goes no further, and then from the beginning', async () => {
  const { timers, server, firmware, now, said } = aFirmwareDesk();
  server.answer = ({ input }) =>
    input.state === 'VERIFYING' ? unreachable() : { update: { state: 'VERIFYING' } };
  firmware.hear(offered('deployment'));
  await timers.advance(0);
  expect([said(), now.installed]).toEqual([['DOWNLOADING', 'VERIFYING'], null]);
  server.answer = () => ({ update: { state: 'VERIFYING' } });
  await timers.advance(5_000);
  expect(said().slice(2)).toEqual(STEPS);
});

test.each([
  ['FAILED', () => ({ update: { state: 'FAILED' } })],
  [
    'over',
    () => {
      throw new DeskError('API_001', 'It is over.');
    },
  ],
])('what the server says is %s is not gone on with', async (_, answer) => {
  const { timers, server, firmware, now } = aFirmwareDesk();
  server.answer = ({ input }) => (input.state === 'VERIFYING' ? answer() : { update: input });
  firmware.hear(offered('deployment'));
  await timers.advance(600_000);
  expect([server.asked.length, now.installed]).toEqual([2, null]);
});
