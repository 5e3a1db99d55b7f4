import { expect, test } from 'vitest';
import { decodeIdOf, encodeGlobalId } from '../../src/graphql/ids.ts';
import { reportApplied } from '../../src/signage/applied-service.ts';
import { removeDevice } from '../../src/signage/device-service.ts';
import { pushToDevices } from '../../src/signage/display-service.ts';
import { findDisplays } from '../../src/signage/display-store.ts';
import { PlaylistInUseError } from '../../src/signage/errors.ts';
import { updateLayout } from '../../src/signage/layout-service.ts';
import { createPlaylist, deletePlaylist } from '../../src/signage/playlist-service.ts';
import { publishLayout } from '../../src/signage/publishing-service.ts';
import type { Region } from '../../src/signage/region.ts';
import { aFloorApp } from '../support/app.ts';
import { DESK } from '../support/booking.ts';
import { aDraft, aPublishedLayout, aTextRegion } from '../support/layout.ts';
import { aScreen } from '../support/screen.ts';
import { aMedium } from '../support/uploads.ts';

const floor = await aFloorApp({ machines: 0 });
const { runWork } = floor.app().services;
const { venueId } = floor;

const SAVE = `mutation ($input: SavePlaylistInput!) { savePlaylist(input: $input) {
  ... on SavePlaylistSuccess { playlist { id } } ... on Error { code } } }`;
const DELETE = `mutation ($input: DeleteMediaInput!) { deleteMedia(input: $input) { __typename } }`;
const DROP = `mutation ($input: DeletePlaylistInput!) { deletePlaylist(input: $input) { __typename
  ... on DeletePlaylistSuccess { playlistId } ... on Error { code }
  ... on PlaylistInUseError { layoutIds } ... on VersionConflictError { currentVersion } } }`;

async function change(document: string, input: object, as: 'OPERATOR' | 'FOREIGN_ADMIN' = 'OPERATOR') {
  const { data } = await floor.ask(document, { as, variables: { input } });
  return Object.values(data)[0] as typeof data;
}

test('a playlist is deleted once no layout shows it, and its media with it are free', async () => {
  const mediaId = encodeGlobalId('Media', (await aMedium(runWork, { venueId })).id);
  const save = async (name: string) =>
    (await change(SAVE, { name, items: [{ mediaId, duration: 'PT1S' }] })).playlist;
  const playlist = await save('Lobby');
  const drop = (input: object, as?: 'FOREIGN_ADMIN') =>
    change(DROP, { playlistId: playlist.id, expectedVersion: 1, ...input }, as);
  const content: Region['content'] = { kind: 'PLAYLIST', playlistId: decodeIdOf('Playlist', playlist.id) };
  const layout = await aPublishedLayout(runWork, {
    venueId,
    regions: [{ ...aTextRegion('list', ''), content }],
  });
  const layoutIds = [encodeGlobalId('Layout', layout.id)];
  const cursor = await floor.cursor();

  expect(await drop({ expectedVersion: 2 })).toMatchObject({ code: 'API_003', currentVersion: 1 });
  expect(await drop({}, 'FOREIGN_ADMIN')).toMatchObject({ code: 'API_002' });
  expect(await drop({})).toEqual({ __typename: 'PlaylistInUseError', code: 'API_001', layoutIds });
  const edited = await runWork(DESK, (work) =>
    updateLayout(work, {
      venueId,
      layoutId: layout.id,
      expectedVersion: layout.version,
      regions: { regions: [aTextRegion('list', 'Closed')] },
    }),
  );
  // Screens are shown what was published, not the draft.
  expect(await drop({})).toMatchObject({ __typename: 'PlaylistInUseError', layoutIds });
  await runWork(DESK, (work) =>
    publishLayout(work, { venueId, layoutId: layout.id, expectedVersion: edited.version, note: null }),
  );

  const before = (await floor.ask('{ playlists { totalCount } }')).data.playlists.totalCount;
  expect(await drop({})).toEqual({ __typename: 'DeletePlaylistSuccess', playlistId: playlist.id });
  const query = `{ playlists { totalCount } node(id: "${playlist.id}") { id } }`;
  expect((await floor.ask(query)).data).toEqual({ playlists: { totalCount: before - 1 }, node: null });
  for (const gone of [
    drop({ expectedVersion: 2 }),
    change(SAVE, { playlistId: playlist.id, expectedVersion: 2 }),
  ])
    expect(await gone).toMatchObject({ code: 'API_002' });
  expect(await change(DELETE, { mediaId })).toMatchObject({ __typename: 'DeleteMediaSuccess' });

  const frames = floor.follow(
    `subscription { contentSync(contentTypes: [PLAYLIST], after: "${cursor}") { contentId action version } }`,
  );
  expect((await frames.next()).contentSync).toEqual({ contentId: playlist.id, action: 'DELETE', version: 2 });
  await frames.end();
});

/** A playlist in a layout that no longer has it, on a screen that shows it all the same: it cannot show what came then. */
async function aStaleScreen() {
  const { id: playlistId } = await runWork(DESK, (work) =>
    createPlaylist(work, { venueId, name: 'Hall', items: [] }),
  );
  const layout = await aPublishedLayout(runWork, {
    venueId,
    regions: [{ ...aTextRegion('list', ''), content: { kind: 'PLAYLIST', playlistId } }],
  });
  const { deviceId } = await aScreen(floor);
  const author = {
    actor: { kind: 'device', deviceId, venueId, sessionId: '' } as const,
    origin: null,
  };
  const show = async (revision: number, failure: string | null) => {
    await runWork(DESK, (work) =>
      pushToDevices(work, { venueId, deviceIds: [deviceId] }, { layoutId: layout.id, revision }),
    );
    const [display] = await runWork(DESK, ({ tx }) => findDisplays(tx, venueId, [deviceId]));
    const displayVersion = display?.version ?? 0n;
    await runWork(author.actor, (work) => reportApplied(work, [{ author, displayVersion, failure }]));
  };
  await show(1, null);
  const edited = await runWork(DESK, (work) =>
    updateLayout(work, {
      venueId,
      layoutId: layout.id,
      expectedVersion: layout.version,
      regions: { regions: [aTextRegion('list', 'Closed')] },
    }),
  );
  await runWork(DESK, (work) =>
    publishLayout(work, { venueId, layoutId: layout.id, expectedVersion: edited.version, note: null }),
  );
  await show(2, 'no');
  const drop = () =>
    runWork(DESK, (work) => deletePlaylist(work, { venueId, playlistId, expectedVersion: 1 }));
  await expect(drop()).rejects.toThrow(PlaylistInUseError);
  return { deviceId, show, drop };
}

test('a playlist that a screen goes on showing, because it cannot show what came then, is not deleted', async () => {
  const { show, drop } = await aStaleScreen();
  await show(2, null);
  await drop();
});

test('what a screen that was removed had shown last is in use no more', async () => {
  const { deviceId, drop } = await aStaleScreen();
  await runWork(DESK, (work) => removeDevice(work, { venueId, deviceId }));
  await drop();
});

test('of a playlist that is deleted while a layout begins to show it, one of both wins', async () => {
  const wins = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const { id: playlistId } = await runWork(DESK, (work) =>
        createPlaylist(work, { venueId, name: 'Contested', items: [] }),
      );
      const content: Region['content'] = { kind: 'PLAYLIST', playlistId };
      const of = { venueId, playlistId, expectedVersion: 1 };
      const outcomes = await Promise.allSettled([
        runWork(DESK, (work) => deletePlaylist(work, of)),
        aDraft(runWork, { venueId, regions: [{ ...aTextRegion('list', ''), content }] }),
      ]);
      return outcomes.filter(({ status }) => status === 'fulfilled').length;
    }),
  );
  expect(wins).toEqual(wins.map(() => 1));
});
