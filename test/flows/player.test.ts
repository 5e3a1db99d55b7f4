import { afterEach, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { configureJackpot } from '../../src/machine/jackpot-service.ts';
import { fileMemory, type PlayerMemory, volatileMemory } from '../../src/player/memory.ts';
import { type Player, startPlayer } from '../../src/player/player.ts';
import { findDisplays } from '../../src/signage/display-store.ts';
import { aFloorApp } from '../support/app.ts';
import { DESK } from '../support/booking.ts';
import { eventually } from '../support/deadline.ts';
import { fastTimers } from '../support/fast-timers.ts';
import { flakyProxy } from '../support/flaky-proxy.ts';
import { aScreen, type Screen } from '../support/screen.ts';
import { aLayout, aPush, aRegion, liveRegions } from '../support/signage.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

vi.setConfig({ testTimeout: 120_000 });

const PATIENT = { deadlineMs: 60_000 };
const floor = await aFloorApp({ machines: 1 });
const { db, runWork } = floor.app().services;
const { venueId } = floor;
const proxy = await flakyProxy(() => Number(new URL(floor.app().url).port));
const folder = await temporaryFolder();

const playing: Player[] = [];
afterEach(async () => {
  proxy.block();
  await Promise.all(playing.splice(0).map((player) => player[Symbol.asyncDispose]()));
});

/** A player of a screen behind a way that can be cut, with timers that take a hundredth of the time. */
async function play(
  { credentials }: Pick<Screen, 'credentials'>,
  { memory = volatileMemory(), faults = [] }: { memory?: PlayerMemory; faults?: unknown[] } = {},
): Promise<Player> {
  const player = await startPlayer({
    url: `${proxy.url}/graphql`,
    identity: { venue: 'casino', ...credentials },
    memory,
    health: () => ({ uptimeSeconds: 1, softwareVersion: 'test' }),
    webSocketImpl: WebSocket,
    timers: fastTimers(),
    onFault: (error, { isFinal }) => void (isFinal && faults.push(error)),
  });
  playing.push(player);
  return player;
}

const text = (id: string) => [
  aRegion(id, { kind: 'TEXT', text: `This is ${id}.` }, { width: 1920, height: 1080 }),
];
const push = async ({ deviceId }: Screen, id: string) =>
  aPush(runWork, { venueId, deviceIds: [deviceId] }, await aLayout(runWork, { venueId, regions: text(id) }));
const picture = ({ stage }: Player) => stage.draw({ width: 40, height: 10 }, 0).join('\n');
const shows = (player: Player, id: string) =>
  eventually(() => picture(player).includes(`This is ${id}.`), PATIENT);
/** What is on record of a screen, once it says it shows what it shall. */
const upToDate = ({ deviceId }: Screen) =>
  eventually(async () => {
    const [display] = await findDisplays(db, venueId, [deviceId]);
    return display?.applied?.version === display?.version && display;
  }, PATIENT);

test('a player draws what its screen is told, and says that it shows it', async () => {
  const screen = await aScreen(floor);
  const player = await play(screen);
  await push(screen, 'one');
  await shows(player, 'one');
  expect(picture(player)).toBe(
    [
      '┌ one ─────────────────────────────────┐',
      '│This is one.                          │',
      ...Array.from({ length: 7 }, () => `│${' '.repeat(38)}│`),
      `└${'─'.repeat(38)}┘`,
    ].join('\n'),
  );
  expect(await upToDate(screen)).toMatchObject({ applied: { layout: expect.anything() }, failed: null });
  await aPush(runWork, { venueId, deviceIds: [screen.deviceId] }, null);
  await eventually(() => picture(player).trim() === '', PATIENT);
  expect(await upToDate(screen)).toMatchObject({ version: 2n, applied: { layout: null } });
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
  await eventually(() => picture(player).includes('$999.99'), PATIENT);
  await runWork(DESK, (work) =>
    configureJackpot(work, { venueId, jackpotId, expectedVersion: 1, cents: 1_000_00n }),
  );
  await eventually(() => picture(player).includes('$1,000.00'), PATIENT);
});

test('while nobody answers it shows what it showed last, also after it was switched off, and then the newest', async () => {
  const memory = fileMemory(`${folder}/player.json`);
  const screen = await aScreen(floor);
  const before = await play(screen, { memory });
  await push(screen, 'old');
  await shows(before, 'old');
  await upToDate(screen);
  proxy.block('SOCKET', 'HTTP', 'SSE');
  proxy.cut('SOCKET');
  await eventually(() => !before.isConnected, PATIENT);
  expect(picture(before)).toContain('This is old.');
  await before[Symbol.asyncDispose]();
  const after = await play(screen, { memory: fileMemory(`${folder}/player.json`) });
  expect(picture(after)).toContain('This is old.');
  for (const id of ['between', 'newest']) await push(screen, id);
  proxy.block();
  await shows(after, 'newest');
  expect(await upToDate(screen)).toMatchObject({ version: 3n });
});

test('a player whose session was ended signs in again', async () => {
  const screen = await aScreen(floor);
  const player = await play(screen);
  await eventually(() => player.isConnected, PATIENT);
  const trace = { userAgent: 'another', address: '127.0.0.1' };
  await floor.app().services.auth.authenticateDevice({ venue: 'casino', ...screen.credentials }, trace);
  await push(screen, 'again');
  await shows(player, 'again');
  await upToDate(screen);
});

test('a player that the server does not take is told so, and goes on showing what it has', async () => {
  const { credentials } = await aScreen(floor);
  const faults: unknown[] = [];
  const player = await play(
    { credentials: { ...credentials, pairingCode: '00000-00000-00000-00000-00000' } },
    { faults },
  );
  await eventually(() => faults.length > 0, PATIENT);
  expect(faults).toMatchObject([{ name: 'SignedOutError', code: 'AUTH_001' }]);
  expect(picture(player).trim()).toBe('');
});
