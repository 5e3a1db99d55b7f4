import { afterEach, expect, test, vi } from 'vitest';
import { configureJackpot } from '../../src/machine/jackpot-service.ts';
import { fileMemory } from '../../src/player/memory.ts';
import { aFloorApp } from '../support/app.ts';
import { DESK } from '../support/booking.ts';
import { eventually } from '../support/deadline.ts';
import { pictureOf, playersOf, shows, upToDate } from '../support/player.ts';
import { aScreen, type Screen } from '../support/screen.ts';
import { aLayout, aPush, aRegion, liveRegions } from '../support/signage.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

vi.setConfig({ testTimeout: 120_000 });

const floor = await aFloorApp({ machines: 0 });
const { runWork } = floor.app().services;
const { venueId } = floor;
const { proxy, play, end } = await playersOf(floor);
const folder = await temporaryFolder();

afterEach(end);

const text = (id: string) => [
  aRegion(id, { kind: 'TEXT', text: `This is ${id}.` }, { width: 1920, height: 1080 }),
];
const push = async ({ deviceId }: Screen, id: string) =>
  aPush(runWork, { venueId, deviceIds: [deviceId] }, await aLayout(runWork, { venueId, regions: text(id) }));
const sees = (player: Parameters<typeof shows>[0], id: string) => shows(player, `This is ${id}.`);

test('a player draws what its screen is told, and says that it shows it', async () => {
  const screen = await aScreen(floor);
  const player = await play(screen);
  await push(screen, 'one');
  await sees(player, 'one');
  expect(pictureOf(player)).toBe(
    [
      '┌ one ─────────────────────────────────┐',
      '│This is one.                          │',
      ...Array.from({ length: 7 }, () => `│${' '.repeat(38)}│`),
      `└${'─'.repeat(38)}┘`,
    ].join('\n'),
  );
  expect(await upToDate(floor, screen)).toMatchObject({
    applied: { layout: expect.anything() },
    failed: null,
  });
  await aPush(runWork, { venueId, deviceIds: [screen.deviceId] }, null);
  await eventually(() => pictureOf(player).trim() === '');
  expect(await upToDate(floor, screen)).toMatchObject({ version: 2n, applied: { layout: null } });
});

test('a live region is repainted whenever its value changes', async () => {
  const terms = { name: 'Mystery', group: 200, level: 1, cents: 999_99n, resetCents: 0n };
  const { id: jackpotId } = await runWork(DESK, (work) =>
    configureJackpot(work, { venueId, jackpotId: null, expectedVersion: null, ...terms }),
  );
  const screen = await aScreen(floor);
  const regions = liveRegions({ top: { kind: 'JACKPOT', jackpotId } });
  await aPush(
    runWork,
    { venueId, deviceIds: [screen.deviceId] },
    await aLayout(runWork, { venueId, regions }),
  );
  const player = await play(screen);
  await eventually(() => pictureOf(player).includes('$999.99'));
  await runWork(DESK, (work) =>
    configureJackpot(work, { venueId, jackpotId, expectedVersion: 1, cents: 1_000_00n }),
  );
  await eventually(() => pictureOf(player).includes('$1,000.00'));
});

test('while nobody answers it shows what it showed last, also after it was switched off, and then the newest', async () => {
  const memory = fileMemory(`${folder}/player.json`);
  const screen = await aScreen(floor);
  const before = await play(screen, { memory });
  await push(screen, 'old');
  await sees(before, 'old');
  await upToDate(floor, screen);
  proxy.block('SOCKET', 'HTTP', 'SSE');
  proxy.cut('SOCKET');
  await eventually(() => !before.isConnected);
  expect(pictureOf(before)).toContain('This is old.');
  await before[Symbol.asyncDispose]();
  const after = await play(screen, { memory: fileMemory(`${folder}/player.json`) });
  expect(pictureOf(after)).toContain('This is old.');
  for (const id of ['between', 'newest']) await push(screen, id);
  proxy.block();
  await sees(after, 'newest');
  expect(await upToDate(floor, screen)).toMatchObject({ version: 3n });
});

test('a player whose session was ended signs in again', async () => {
  const screen = await aScreen(floor);
  const player = await play(screen);
  await eventually(() => player.isConnected);
  const trace = { userAgent: 'another', address: '127.0.0.1' };
  await floor.app().services.auth.authenticateDevice({ venue: 'casino', ...screen.credentials }, trace);
  await push(screen, 'again');
  await sees(player, 'again');
  await upToDate(floor, screen);
});

test('a player that the server does not take is told so, and goes on showing what it has', async () => {
  const { credentials } = await aScreen(floor);
  const faults: unknown[] = [];
  const player = await play(
    { credentials: { ...credentials, pairingCode: '00000-00000-00000-00000-00000' } },
    { faults },
  );
  await eventually(() => faults.length > 0);
  expect(faults).toMatchObject([{ name: 'SignedOutError', code: 'AUTH_001' }]);
  expect(pictureOf(player).trim()).toBe('');
});
