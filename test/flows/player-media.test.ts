import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import type { Fetch } from '../../src/client/http.ts';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { configureJackpot } from '../../src/machine/jackpot-service.ts';
import { folderShelf } from '../../src/player/file-shelf.ts';
import { fileMemory } from '../../src/player/memory.ts';
import { findDisplays } from '../../src/signage/display-store.ts';
import { updateMedia, uploadMedia } from '../../src/signage/media-service.ts';
import { createPlaylist } from '../../src/signage/playlist-service.ts';
import type { Region } from '../../src/signage/region.ts';
import { aFloorApp } from '../support/app.ts';
import { DESK } from '../support/booking.ts';
import { eventually } from '../support/deadline.ts';
import { aDeviceCommand } from '../support/device.ts';
import { pictureOf, playersOf, shows, upToDate } from '../support/player.ts';
import { aScreen, type Screen } from '../support/screen.ts';
import { aLayout, aPush, aRegion, liveRegions } from '../support/signage.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { aMedium, aPng, sha256Of, uploaded } from '../support/uploads.ts';

vi.setConfig({ testTimeout: 120_000 });

/** A player fetches what its layout is made of, checks it, and keeps it. */

const floor = await aFloorApp({ machines: 0 });
const { runWork, db } = floor.app().services;
const { venueId } = floor;
const { proxy, play, end } = await playersOf(floor);
const folder = await temporaryFolder();

afterEach(end);

/** A medium whose file is there. */
async function anImage(name: string, bytes: Buffer = aPng()) {
  const token = await uploaded(floor, bytes, { fileName: `${name}.png` });
  return await runWork(DESK, (work) => uploadMedia(work, { venueId, token, name, tags: [] }));
}
async function push({ deviceId }: Screen, regions: readonly Region[]): Promise<void> {
  await aPush(runWork, { venueId, deviceIds: [deviceId] }, await aLayout(runWork, { venueId, regions }));
}
const ALL = { width: 1920, height: 1080 };
const showing = (mediaId: string) => [aRegion('poster', { kind: 'MEDIA', mediaId }, ALL)];
/** Why a screen says it cannot show what it shall. */
const failureOf = ({ deviceId }: Screen) =>
  eventually(async () => {
    const [display] = await findDisplays(db, venueId, [deviceId]);
    return display?.failed?.reason;
  });
const isFile = (url: string) => new URL(url).pathname.startsWith('/media/');

test('a player fetches media once, and has them also when nobody answers any more', async () => {
  const bytes = aPng({ width: 3, height: 2 });
  const screen = await aScreen(floor);
  await push(screen, showing((await anImage('Poster', bytes)).id));
  const state = join(folder, 'screen.json');
  const shelf = () => folderShelf(`${state}.files`);
  let fetched = 0;
  const counting: Fetch = (url, init) => {
    if (isFile(url)) fetched += 1;
    return fetch(url, init);
  };
  const before = await play(screen, { memory: fileMemory(state), shelf: shelf(), fetch: counting });
  await upToDate(floor, screen);
  expect(pictureOf(before)).toContain(`│Poster.png, 3×2, ${bytes.length} bytes `);
  expect([fetched, await readdir(`${state}.files`)]).toEqual([1, [sha256Of(bytes)]]);
  await before[Symbol.asyncDispose]();

  proxy.block('SOCKET', 'HTTP', 'SSE');
  const nowhere: Fetch = async () => {
    throw new TypeError('fetch failed');
  };
  const after = await play(screen, { memory: fileMemory(state), shelf: shelf(), fetch: nowhere });
  await eventually(() => !pictureOf(after).includes('is being fetched'));
  expect(pictureOf(after)).toContain('[image] Poster');
  expect(pictureOf(after)).not.toContain('is missing');
  await after[Symbol.asyncDispose]();

  await writeFile(join(`${state}.files`, sha256Of(bytes)), 'worn out');
  const worn = await play(screen, { memory: fileMemory(state), shelf: shelf(), fetch: nowhere });
  await shows(worn, 'is damaged');
  await worn[Symbol.asyncDispose]();
  proxy.block();
  const mended = await play(screen, { memory: fileMemory(state), shelf: shelf(), fetch: counting });
  await eventually(async () => (await shelf().look(sha256Of(bytes))) === 'WHOLE');
  await eventually(() => !/is damaged|is being fetched/.test(pictureOf(mended)));
  expect(fetched).toBe(2);

  // Nobody sees it until the player is told to look.
  await writeFile(join(`${state}.files`, sha256Of(bytes)), 'worn out again');
  await aDeviceCommand(runWork, { venueId, deviceId: screen.deviceId, kind: 'RELOAD' });
  await eventually(async () => (await shelf().look(sha256Of(bytes))) === 'WHOLE');
  expect(fetched).toBe(3);
});

test('a medium that is not what it shall be is shown as such, reported, and mended when it can be had', async () => {
  const screen = await aScreen(floor);
  let isWorn = true;
  const wearing: Fetch = async (url, init) => {
    const response = await fetch(url, init);
    return isWorn && isFile(url) ? new Response('something else') : response;
  };
  const player = await play(screen, { fetch: wearing });
  await push(screen, showing((await anImage('Advert')).id));
  expect(await failureOf(screen)).toBe('Advert is damaged.');
  expect(pictureOf(player)).toContain('is damaged');
  isWorn = false;
  await upToDate(floor, screen);
  expect(pictureOf(player)).not.toContain('is damaged');
});

test('a medium whose file cannot be had is shown as missing, and reported', async () => {
  const screen = await aScreen(floor);
  const player = await play(screen);
  // Its bytes are nowhere.
  const { id } = await aMedium(runWork, { venueId, name: 'Lost' });
  await push(screen, showing(id));
  expect(await failureOf(screen)).toBe('Lost is missing.');
  expect(pictureOf(player)).toContain('is missing');
});

test('of a playlist its turn is shown, and what is in it now', async () => {
  const screen = await aScreen(floor);
  const [one, two] = [await anImage('One'), await anImage('Two')];
  const playlist = await runWork(DESK, (work) =>
    createPlaylist(work, {
      venueId,
      name: 'Round',
      items: [
        { mediaId: one.id, durationSeconds: 10 },
        { mediaId: two.id, durationSeconds: 20 },
      ],
    }),
  );
  const player = await play(screen);
  await push(screen, [aRegion('round', { kind: 'PLAYLIST', playlistId: playlist.id }, ALL)]);
  await upToDate(floor, screen);
  expect(pictureOf(player, 9_999)).toMatch(/\[image\] One .*1 of 2 of Round, 10 s/s);
  expect(pictureOf(player, 10_000)).toMatch(/\[image\] Two .*2 of 2 of Round, 20 s/s);

  const SAVE = `mutation ($input: SavePlaylistInput!) { savePlaylist(input: $input) { __typename } }`;
  const three = await anImage('Three');
  const items = [{ mediaId: encodeGlobalId('Media', three.id), duration: 'PT5S' }];
  const input = {
    playlistId: encodeGlobalId('Playlist', playlist.id),
    expectedVersion: 1,
    name: 'Round',
    items,
  };
  const { data } = await floor.ask(SAVE, { variables: { input } });
  expect(data.savePlaylist.__typename).toBe('SavePlaylistSuccess');
  await shows(player, '1 of 1 of Round, 5 s');
  expect(pictureOf(player)).toContain('[image] Three');
});

test('a medium that becomes another is shown as it is now, also by a player that was away, beside what is live', async () => {
  const screen = await aScreen(floor);
  const { id: mediaId } = await anImage('Monday');
  const terms = { name: 'Mystery', group: 100, level: 1, cents: 5_00n, resetCents: 0n };
  const { id: jackpotId } = await runWork(DESK, (work) =>
    configureJackpot(work, { venueId, jackpotId: null, expectedVersion: null, ...terms }),
  );
  const half = { width: 1920, height: 540 };
  await push(screen, [
    aRegion('poster', { kind: 'MEDIA', mediaId }, half),
    ...liveRegions({ top: { kind: 'JACKPOT', jackpotId } }).map((region) => ({ ...region, ...half, y: 540 })),
  ]);
  const player = await play(screen);
  await shows(player, '[image] Monday');
  await shows(player, '$5.00');
  const rename = (name: string, expectedVersion: number, bytes: Buffer) =>
    uploaded(floor, bytes).then((token) =>
      runWork(DESK, (work) => updateMedia(work, { venueId, mediaId, expectedVersion, name, token })),
    );
  await rename('Tuesday', 1, aPng({ width: 5, height: 7 }));
  await shows(player, '[image] Tuesday');
  // Nothing was pushed anew: what is live stays.
  expect(pictureOf(player)).toContain('$5.00');
  await eventually(() => pictureOf(player).includes('5×7') && !pictureOf(player).includes('fetched'));

  proxy.block('SOCKET', 'HTTP', 'SSE');
  proxy.cut('SOCKET');
  await eventually(() => !player.isConnected);
  await rename('Wednesday', 2, aPng({ width: 9, height: 9 }));
  expect(pictureOf(player)).toContain('[image] Tuesday');
  proxy.block();
  await shows(player, '[image] Wednesday');
});
