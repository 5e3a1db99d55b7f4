import { afterEach, expect, test, vi } from 'vitest';
import { fileMemory } from '../../src/player/memory.ts';
import { uploadMedia } from '../../src/signage/media-service.ts';
import { createPlaylist } from '../../src/signage/playlist-service.ts';
import type { Region } from '../../src/signage/region.ts';
import { aFloorApp } from '../support/app.ts';
import { DESK } from '../support/booking.ts';
import { eventually } from '../support/deadline.ts';
import { hurriedTimers, playersOf, upToDate } from '../support/player.ts';
import { aScreen, type Screen } from '../support/screen.ts';
import { aLayout, aPush, aRegion } from '../support/signage.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { aPng, uploaded } from '../support/uploads.ts';

vi.setConfig({ testTimeout: 120_000 });

/** What a player showed is on record: each play once, in order, whatever came between it and the server. */

const floor = await aFloorApp({ machines: 0 });
const { runWork } = floor.app().services;
const { venueId } = floor;
const { proxy, play, end } = await playersOf(floor);
const folder = await temporaryFolder();

afterEach(end);

const PROOF = `query ($deviceId: ID!) { proofOfPlay(deviceId: $deviceId, first: 100) {
  nodes { playId batchId layoutName regionId mediaName startedAt durationMs } } }`;

interface Proof {
  readonly playId: string;
  readonly batchId: string;
  readonly regionId: string | null;
  readonly mediaName: string | null;
  readonly startedAt: string;
  readonly durationMs: number;
}

/** The first first. */
async function proofOf({ globalId }: Screen): Promise<readonly Proof[]> {
  const { data } = await floor.ask(PROOF, { variables: { deviceId: globalId } });
  return data.proofOfPlay.nodes.toReversed();
}
const proven = (screen: Screen, count: number) =>
  eventually(async () => {
    const proofs = await proofOf(screen);
    return proofs.length >= count && proofs;
  });
async function push({ deviceId }: Screen, regions: readonly Region[]): Promise<void> {
  await aPush(runWork, { venueId, deviceIds: [deviceId] }, await aLayout(runWork, { venueId, regions }));
}
const endOf = ({ startedAt, durationMs }: Proof) => Date.parse(startedAt) + durationMs;

test('each turn of a playlist is proven once, without a gap, through a cut and a restart', async () => {
  const items = await Promise.all(
    ['One', 'Two'].map(async (name) => {
      const token = await uploaded(floor, aPng());
      const { id } = await runWork(DESK, (work) => uploadMedia(work, { venueId, token, name, tags: [] }));
      return { mediaId: id, durationSeconds: 2 };
    }),
  );
  const { id: playlistId } = await runWork(DESK, (work) =>
    createPlaylist(work, { venueId, name: 'Round', items }),
  );
  const screen = await aScreen(floor);
  const state = `${folder}/player.json`;
  await push(screen, [aRegion('round', { kind: 'PLAYLIST', playlistId })]);
  const before = await play(screen, { memory: fileMemory(state), timers: hurriedTimers() });
  await upToDate(floor, screen);
  await proven(screen, 2);

  proxy.block('SOCKET', 'HTTP', 'SSE');
  const cutAt = Date.now();
  proxy.cut('SOCKET');
  await eventually(() => !before.isConnected);
  const turn = () => before.stage.showings(Date.now())[0]?.mediaId;
  for (let turns = 0; turns < 3; turns += 1) {
    const now = turn();
    await eventually(() => turn() !== now);
  }
  const endedAt = Date.now();
  await before[Symbol.asyncDispose]();
  // What was told just before the cut may still be on its way into the record; what began after it is not.
  const begunSince = ({ startedAt }: Proof) => Date.parse(startedAt) >= cutAt;
  expect((await proofOf(screen)).filter(begunSince)).toEqual([]);

  proxy.block();
  const after = await play(screen, { memory: fileMemory(state), timers: hurriedTimers() });
  // Once one is on record that it showed after its restart, so is all that it showed before.
  const told = await eventually(async () => {
    const proofs = await proofOf(screen);
    return proofs.some(({ startedAt }) => Date.parse(startedAt) > endedAt) && proofs;
  });
  await after[Symbol.asyncDispose]();
  expect(new Set(told.map(({ playId }) => playId)).size).toBe(told.length);
  const ofBefore = told.filter((each) => endOf(each) <= endedAt);
  expect(ofBefore.filter(begunSince).length).toBeGreaterThanOrEqual(2);
  for (const [at, each] of ofBefore.entries()) {
    const next = ofBefore[at + 1];
    if (!next) break;
    expect(Date.parse(next.startedAt)).toBe(endOf(each));
    expect([each.mediaName, next.mediaName].sort()).toEqual(['One', 'Two']);
  }
});

test('a layout without media is proven as a whole when something else is shown', async () => {
  const screen = await aScreen(floor);
  const player = await play(screen, { timers: hurriedTimers() });
  await push(screen, [aRegion('head', { kind: 'TEXT', text: 'Welcome' })]);
  await upToDate(floor, screen);
  await aPush(runWork, { venueId, deviceIds: [screen.deviceId] }, null);
  await eventually(() => player.stage.layout === null);
  expect(await proven(screen, 1)).toMatchObject([
    { regionId: null, mediaName: null, durationMs: expect.any(Number) },
  ]);
});
