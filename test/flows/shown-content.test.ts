import { expect, test } from 'vitest';
import { decodeIdOf, encodeGlobalId } from '../../src/graphql/ids.ts';
import { pushToDevices } from '../../src/signage/display-service.ts';
import type { Layout } from '../../src/signage/layout.ts';
import { updateLayout } from '../../src/signage/layout-service.ts';
import { publishLayout } from '../../src/signage/publishing-service.ts';
import { aFloorApp } from '../support/app.ts';
import { DESK } from '../support/booking.ts';
import { aDraft, aPublishedLayout, aTextRegion } from '../support/layout.ts';
import { aScreen } from '../support/screen.ts';
import { aMedium } from '../support/uploads.ts';

const floor = await aFloorApp({ machines: 0 });
const { runWork } = floor.app().services;
const { venueId } = floor;

const SAVE_PLAYLIST = `mutation ($input: SavePlaylistInput!) {
  savePlaylist(input: $input) { ... on SavePlaylistSuccess { playlist { id } } } }`;
const READ_CONTENT = `query ($id: ID!) { node(id: $id) {
  __typename
  ... on Media { name }
  ... on Playlist { items { media { id } } }
  ... on Layout {
    name version changedSincePublished regions { content { ... on TextContent { text } } }
    publishedRevision { revision } revisions { totalCount nodes { revision } }
    displays { totalCount nodes { device { id } } } scheduledPushes { id } editors { user { id } }
  } } }`;

test('a device reads what it is told of, as it was published to it, and no other layout', async () => {
  const medium = await aMedium(runWork, { venueId });
  const saved = await floor.ask(SAVE_PLAYLIST, {
    variables: {
      input: { name: 'Films', items: [{ mediaId: encodeGlobalId('Media', medium.id), duration: 'PT5S' }] },
    },
  });
  const playlistId: string = saved.data.savePlaylist.playlist.id;
  const text = (words: string) => [aTextRegion('text', words)];
  const publish = (layout: Layout) =>
    runWork(DESK, (work) =>
      publishLayout(work, { venueId, layoutId: layout.id, expectedVersion: layout.version, note: null }),
    );
  const edit = (layout: Layout, words: string) =>
    runWork(DESK, (work) =>
      updateLayout(work, {
        venueId,
        layoutId: layout.id,
        expectedVersion: layout.version,
        name: words,
        regions: { regions: text(words) },
      }),
    );
  const [screen, neighbour] = [await aScreen(floor), await aScreen(floor)];
  const shown = await aPublishedLayout(runWork, { venueId, name: 'First', regions: text('First') });
  const second = (await publish(await edit(shown, 'Second'))).layout;
  const deviceIds = [screen.deviceId, neighbour.deviceId];
  await runWork(DESK, (work) =>
    pushToDevices(work, { venueId, deviceIds }, { layoutId: shown.id, revision: 2 }),
  );
  await publish(await edit(second, 'Third'));
  const other = await aPublishedLayout(runWork, { venueId });
  const { id: draft } = await aDraft(runWork, { venueId });

  const read = async (type: string, id: string) => {
    const response = await fetch(`${floor.app().url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${screen.accessToken}` },
      body: JSON.stringify({ query: READ_CONTENT, variables: { id: encodeGlobalId(type, id) } }),
    });
    return ((await response.json()) as { data: { node: unknown } }).data.node;
  };
  expect(await read('Media', medium.id)).toMatchObject({ name: medium.name });
  expect(await read('Playlist', decodeIdOf('Playlist', playlistId))).toMatchObject({
    items: [{ media: { id: encodeGlobalId('Media', medium.id) } }],
  });
  expect(await read('Layout', shown.id)).toMatchObject({
    name: 'Second',
    changedSincePublished: false,
    regions: [{ content: { text: 'Second' } }],
    publishedRevision: { revision: 2 },
    revisions: { totalCount: 1, nodes: [{ revision: 2 }] },
    displays: { totalCount: 0, nodes: [] },
    scheduledPushes: [],
    editors: [],
  });
  for (const id of [other.id, draft]) expect(await read('Layout', id)).toBeNull();
  const { data } = await floor.ask(READ_CONTENT, { variables: { id: encodeGlobalId('Layout', shown.id) } });
  expect(data.node).toMatchObject({
    name: 'Third',
    revisions: { totalCount: 3 },
    displays: { totalCount: 2 },
  });

  await runWork(DESK, (work) => pushToDevices(work, { venueId, deviceIds }, null));
  expect(await read('Layout', shown.id)).toBeNull();
});
