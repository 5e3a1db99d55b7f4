import { afterEach, expect, test, vi } from 'vitest';
import type { Fetch } from '../../src/client/http.ts';
import { fileMemory } from '../../src/player/memory.ts';
import { aFloorApp } from '../support/app.ts';
import { eventually } from '../support/deadline.ts';
import { pictureOf, playersOf, shows, upToDate } from '../support/player.ts';
import { aScreen, type Screen } from '../support/screen.ts';
import { aLayout, aPush, aRegion } from '../support/signage.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

vi.setConfig({ testTimeout: 120_000 });

/** An operator tells a player what to do, and it does so once, whatever comes between them. */

const floor = await aFloorApp({ machines: 0 });
const { runWork } = floor.app().services;
const { venueId } = floor;
const { proxy, play, end } = await playersOf(floor);
const folder = await temporaryFolder();

afterEach(end);

const SEND = `mutation ($input: SendDeviceCommandInput!) { sendDeviceCommand(input: $input) {
  ... on SendDeviceCommandSuccess { commands { id } } ... on Error { code message } } }`;
const COMMAND = `query ($id: ID!) { node(id: $id) { ... on DeviceCommand { state message result } } }`;

/** Answers the id of the command. */
async function tell({ globalId }: Screen, kind: string, parameters?: object): Promise<string> {
  const input = { deviceIds: [globalId], kind, ...(parameters && { parameters }) };
  const { data } = await floor.ask(SEND, { variables: { input } });
  return data.sendDeviceCommand.commands[0].id;
}
const look = async (id: string) => (await floor.ask(COMMAND, { variables: { id } })).data.node;
/** What came of it, in the end. */
const outcome = (id: string) =>
  eventually(async () => {
    const command = await look(id);
    return ['SUCCEEDED', 'FAILED', 'EXPIRED'].includes(command.state) && command;
  });
async function push(screen: Screen, text: string): Promise<void> {
  const regions = [aRegion('head', { kind: 'TEXT', text }, { width: 1920, height: 1080 })];
  const layout = await aLayout(runWork, { venueId, regions });
  await aPush(runWork, { venueId, deviceIds: [screen.deviceId] }, layout);
}

/** It hears nothing of what was done. A player that has tried to say it remembers that it has done it. */
function aDeafServer(): { readonly fetch: Fetch; refused: number } {
  const deaf = {
    refused: 0,
    async fetch(...[url, init]: Parameters<Fetch>) {
      if (!String(init.body).includes('"SUCCEEDED"')) return await fetch(url, init);
      deaf.refused += 1;
      throw new TypeError('fetch failed');
    },
  };
  return deaf;
}

/** Of requests that hold this text, the first so many are done and their answers lost. */
function losingAnswers(
  text: string,
  { count }: { readonly count: number },
): { readonly fetch: Fetch; lost: number } {
  const losing = {
    lost: 0,
    async fetch(...[url, init]: Parameters<Fetch>) {
      const response = await fetch(url, init);
      if (losing.lost >= count || !String(init.body).includes(text)) return response;
      losing.lost += 1;
      throw new TypeError('fetch failed');
    },
  };
  return losing;
}

test('a player does what it is told, says what came of it, and of the rest that it cannot', async () => {
  const screen = await aScreen(floor);
  const player = await play(screen);
  await push(screen, 'Good evening');
  await shows(player, 'Good evening');
  expect(await outcome(await tell(screen, 'SCREENSHOT'))).toMatchObject({
    state: 'SUCCEEDED',
    result: { lines: expect.arrayContaining([expect.stringContaining('Good evening')]) },
  });
  expect(await outcome(await tell(screen, 'DIAGNOSTICS'))).toMatchObject({
    state: 'SUCCEEDED',
    result: { softwareVersion: 'test', displayVersion: '1', isOn: true },
  });
  expect(await outcome(await tell(screen, 'SET_POWER', { on: false }))).toMatchObject({ state: 'SUCCEEDED' });
  expect(pictureOf(player).trim()).toBe('');
  expect(await outcome(await tell(screen, 'SET_POWER', { on: true }))).toMatchObject({ state: 'SUCCEEDED' });
  expect(pictureOf(player)).toContain('Good evening');
  expect(await outcome(await tell(screen, 'IDENTIFY', { seconds: 300 }))).toMatchObject({
    state: 'SUCCEEDED',
  });
  expect(pictureOf(player)).toContain(screen.credentials.deviceNumber);
  for (const [kind, parameters] of [
    ['SET_VOLUME', { percent: 30 }],
    ['SET_BRIGHTNESS', { percent: 30 }],
    ['CUSTOM', { name: 'dance' }],
  ] as const)
    expect(await outcome(await tell(screen, kind, parameters))).toEqual({
      state: 'FAILED',
      message: `This player cannot do ${kind}.`,
      result: null,
    });
});

test.each(['REBOOT', 'RELOAD'])(
  'after %s a player connects anew, once, also when its answer is lost',
  async (kind) => {
    const screen = await aScreen(floor);
    const losing = losingAnswers('"SUCCEEDED"', { count: 2 });
    const player = await play(screen, { fetch: losing.fetch });
    await eventually(() => player.isConnected);
    const before = proxy.begun('SOCKET');
    expect(await outcome(await tell(screen, kind))).toMatchObject({ state: 'SUCCEEDED' });
    await eventually(() => losing.lost === 2 && player.isConnected);
    expect(await outcome(await tell(screen, 'DIAGNOSTICS'))).toMatchObject({ state: 'SUCCEEDED' });
    expect(proxy.begun('SOCKET')).toBe(before + 1);
  },
);

test('what a player is told while it cannot answer is done when it can, in the same connection', async () => {
  const screen = await aScreen(floor);
  const player = await play(screen);
  await push(screen, 'Good evening');
  await shows(player, 'Good evening');
  await upToDate(floor, screen);
  proxy.block('HTTP');
  const [off, on] = [
    await tell(screen, 'SET_POWER', { on: false }),
    await tell(screen, 'SET_POWER', { on: true }),
  ];
  const picture = await tell(screen, 'SCREENSHOT');
  await eventually(async () => (await look(picture)).state === 'DELIVERED');
  const before = proxy.begun('SOCKET');
  expect(pictureOf(player)).toContain('Good evening');
  proxy.block();
  for (const id of [off, on, picture]) expect(await outcome(id)).toMatchObject({ state: 'SUCCEEDED' });
  // In the order in which they were sent.
  expect(JSON.stringify((await look(picture)).result)).toContain('Good evening');
  expect(proxy.begun('SOCKET')).toBe(before);
});

test('what a player is told while it is away is done when it is back', async () => {
  const screen = await aScreen(floor);
  const player = await play(screen);
  await eventually(() => player.isConnected);
  proxy.block('SOCKET', 'HTTP', 'SSE');
  proxy.cut('SOCKET');
  await eventually(() => !player.isConnected);
  const id = await tell(screen, 'SET_POWER', { on: false });
  expect(player.stage.isOn).toBe(true);
  proxy.block();
  expect(await outcome(id)).toMatchObject({ state: 'SUCCEEDED' });
  expect(player.stage.isOn).toBe(false);
});

test('what was done before a player was switched off is said when it is on again, and not done again', async () => {
  const screen = await aScreen(floor);
  const memory = fileMemory(`${folder}/player.json`);
  const deaf = aDeafServer();
  const before = await play(screen, { memory, fetch: deaf.fetch });
  await push(screen, 'Before');
  await shows(before, 'Before');
  const picture = await tell(screen, 'SCREENSHOT');
  const off = await tell(screen, 'SET_POWER', { on: false });
  await eventually(() => deaf.refused > 0);
  expect(await look(picture)).toMatchObject({ state: 'ACKNOWLEDGED' });
  await push(screen, 'After');
  await shows(before, 'After');
  await before[Symbol.asyncDispose]();

  const after = await play(screen, { memory: fileMemory(`${folder}/player.json`) });
  expect(await outcome(picture)).toMatchObject({
    state: 'SUCCEEDED',
    result: { lines: expect.arrayContaining([expect.stringContaining('Before')]) },
  });
  expect(await outcome(off)).toMatchObject({ state: 'SUCCEEDED' });
  // It stays as it was told also the next time.
  await after[Symbol.asyncDispose]();
  const again = await play(screen, { memory: fileMemory(`${folder}/player.json`) });
  expect([again.stage.isOn, pictureOf(again).trim()]).toEqual([false, '']);
});

test('what was done is said where no socket can be had, too', async () => {
  const screen = await aScreen(floor);
  const memory = fileMemory(`${folder}/without-sockets.json`);
  const deaf = aDeafServer();
  const before = await play(screen, { memory, fetch: deaf.fetch });
  const id = await tell(screen, 'DIAGNOSTICS');
  await eventually(() => deaf.refused > 0);
  expect(await look(id)).toMatchObject({ state: 'ACKNOWLEDGED' });
  await before[Symbol.asyncDispose]();
  proxy.block('SOCKET');
  await play(screen, { memory: fileMemory(`${folder}/without-sockets.json`) });
  expect(await outcome(id)).toMatchObject({ state: 'SUCCEEDED' });
});
