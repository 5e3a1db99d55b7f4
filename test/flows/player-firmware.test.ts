import { afterEach, expect, test, vi } from 'vitest';
import type { Fetch } from '../../src/client/http.ts';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { fileMemory } from '../../src/player/memory.ts';
import { uploadFirmware } from '../../src/signage/firmware-service.ts';
import { aFloorApp } from '../support/app.ts';
import { DESK } from '../support/booking.ts';
import { eventually } from '../support/deadline.ts';
import { aDeployment } from '../support/firmware.ts';
import { playersOf } from '../support/player.ts';
import { aScreen, type Screen } from '../support/screen.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { announcing, put, stage } from '../support/uploads.ts';

vi.setConfig({ testTimeout: 120_000 });

/** A player is offered firmware, and runs it, if it is what it shall be. */

const floor = await aFloorApp({ machines: 0 });
const { runWork } = floor.app().services;
const { venueId } = floor;
const { proxy, play, end } = await playersOf(floor);
const folder = await temporaryFolder();

afterEach(end);

const STANDING = `query ($id: ID!) { device(id: $id) { firmware { current offered { state } }
  firmwareUpdates(first: 1) { nodes { state failure } } } }`;
const standingOf = async ({ globalId }: Screen) =>
  (await floor.ask(STANDING, { as: 'ADMIN', variables: { id: globalId } })).data.device;

/** Uploads it as it is, and offers it. */
async function offer({ deviceId }: Screen, version: string): Promise<string> {
  const bytes = Buffer.from(`\x7fELF ${version}`);
  const file = {
    purpose: 'FIRMWARE',
    fileName: 'screen.bin',
    contentType: 'application/octet-stream',
  } as const;
  const staged = await stage(floor, announcing(bytes, file), 'ADMIN');
  expect((await put(staged.url, bytes)).status).toBe(201);
  const what = { name: 'Screen', version, deviceKind: 'SCREEN', deviceNumber: null, notes: null } as const;
  const { id: firmwareId } = await runWork(DESK, (work) =>
    uploadFirmware(work, { ...what, venueId, token: staged.uploadToken }),
  );
  const deployment = await aDeployment(runWork, { venueId, firmwareId, deviceIds: [deviceId] });
  return encodeGlobalId('Deployment', deployment.id);
}

const upTo = (screen: Screen, version: string) =>
  eventually(async () => {
    const { firmware, firmwareUpdates } = await standingOf(screen);
    return firmware.current === version && firmwareUpdates.nodes[0].state === 'UP_TO_DATE';
  });

test('a player fetches the firmware it is offered, also while it was away, and runs it after a restart too', async () => {
  const screen = await aScreen(floor);
  const state = `${folder}/player.json`;
  const before = await play(screen, { memory: fileMemory(state) });
  await eventually(() => before.isConnected);
  await offer(screen, '1.0.0');
  await upTo(screen, '1.0.0');
  proxy.block('SOCKET', 'HTTP', 'SSE');
  proxy.cut('SOCKET');
  await eventually(() => !before.isConnected);
  await offer(screen, '1.1.0');
  proxy.block();
  await upTo(screen, '1.1.0');
  await before[Symbol.asyncDispose]();
  let said = '';
  const listening: Fetch = (url, init) => {
    if (String(init.body).includes('reportDeviceStatus')) said = String(init.body);
    return fetch(url, init);
  };
  await play(screen, { memory: fileMemory(state), fetch: listening });
  await eventually(() => said.includes('"firmwareVersion":"1.1.0"'));
});

test('a player that gets something else does not run it, and says so', async () => {
  const screen = await aScreen(floor);
  const wearing: Fetch = async (url, init) =>
    new URL(url).pathname.startsWith('/media/') ? new Response('\x7fELF worm') : await fetch(url, init);
  await play(screen, { fetch: wearing });
  await offer(screen, '2.0.0');
  const { firmware, firmwareUpdates } = await eventually(async () => {
    const standing = await standingOf(screen);
    return standing.firmwareUpdates.nodes[0].state === 'FAILED' && standing;
  });
  expect(firmwareUpdates.nodes).toEqual([{ state: 'FAILED', failure: 'CHECKSUM_MISMATCH' }]);
  expect(firmware).toEqual({ current: null, offered: null });
});
