import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { createPlaylist } from '../../src/signage/playlist-service.ts';
import { aFloorApp } from '../support/app.ts';
import { DESK } from '../support/booking.ts';
import { aDevice, anApiKey } from '../support/builders.ts';
import { aDeviceGroup } from '../support/device.ts';
import { aPublishedLayout } from '../support/layout.ts';
import { aSchedule } from '../support/schedule.ts';
import { aMedium } from '../support/uploads.ts';

/** What of signage names something has it, too; and each is found by its id and by its name. */

const floor = await aFloorApp({ machines: 0 });
const { runWork } = floor.app().services;
const { venueId } = floor;

async function aRule() {
  const { id: deviceId } = await aDevice(runWork, { venueId, name: 'Bar' });
  const group = await aDeviceGroup(runWork, { venueId, name: `Bars ${deviceId}`, deviceIds: [deviceId] });
  const layout = await aPublishedLayout(runWork, { venueId });
  const targets = { everywhere: false, deviceIds: [deviceId], groupIds: [group.id], tags: [] };
  const schedule = await aSchedule(runWork, { venueId, layoutId: layout.id, targets });
  return { device: encodeGlobalId('Device', deviceId), deviceId, group, layout, schedule };
}

test('a schedule has the screens it means, as far as they may be seen', async () => {
  const { device, group, schedule } = await aRule();
  const query = `{ node(id: "${encodeGlobalId('Schedule', schedule.id)}") { ... on Schedule { targets {
    deviceIds devices { id name } groups { name } } } } }`;
  expect((await floor.ask(query)).data.node.targets).toEqual({
    deviceIds: [device],
    devices: [{ id: device, name: 'Bar' }],
    groups: [{ name: group.name }],
  });
  const { secret } = await anApiKey(runWork, { venueId, scopes: ['SIGNAGE_READ'] });
  const response = await fetch(`${floor.app().url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
    body: JSON.stringify({ query }),
  });
  expect(await response.json()).toMatchObject({
    data: { node: { targets: { deviceIds: [device], devices: [], groups: [] } } },
  });
});

test('a push has its layout and its devices, at once and planned', async () => {
  const { device, layout } = await aRule();
  const layoutId = encodeGlobalId('Layout', layout.id);
  const push = async (input: object) =>
    (
      await floor.ask(
        `mutation ($input: PushLayoutInput!) { pushLayout(input: $input) { ... on PushLayoutSuccess {
          layout { id } devices { id } revision { layout { id name } }
          push { layout { id } devices { id } } } } }`,
        { variables: { input: { layoutId, ...input } } },
      )
    ).data.pushLayout;
  expect(await push({ deviceIds: [device] })).toEqual({
    layout: { id: layoutId },
    devices: [{ id: device }],
    revision: { layout: { id: layoutId, name: layout.name } },
    push: null,
  });
  const at = new Date(Date.now() + 3_600_000).toISOString();
  expect((await push({ deviceIds: [device], at })).push).toEqual({
    layout: { id: layoutId },
    devices: [{ id: device }],
  });
  expect((await push({ at })).push).toEqual({ layout: { id: layoutId }, devices: null });
});

test('a playlist and a medium are found by their ids, playlists by their names, and none of another venue', async () => {
  const mediaId = encodeGlobalId('Media', (await aMedium(runWork, { venueId, name: 'Beach' })).id);
  const list = (name: string) => runWork(DESK, (work) => createPlaylist(work, { venueId, name, items: [] }));
  const playlistId = encodeGlobalId('Playlist', (await list('Happy Hour 100%')).id);
  await list('Closing');
  const one = `{ playlist(id: "${playlistId}") { name } medium(id: "${mediaId}") { name } }`;
  expect((await floor.ask(one)).data).toEqual({
    playlist: { name: 'Happy Hour 100%' },
    medium: { name: 'Beach' },
  });
  const foreign = await floor.ask(one, { as: 'FOREIGN_ADMIN' });
  expect(foreign.data).toEqual({ playlist: null, medium: null });
  expect(foreign.errors?.map(({ extensions }) => extensions?.code)).toEqual(['API_002', 'API_002']);
  const found = async (search: string) =>
    (
      await floor.ask(
        'query ($search: String) { playlists(search: $search) { totalCount nodes { name } } }',
        {
          variables: { search },
        },
      )
    ).data.playlists;
  expect(await found('hour 100%')).toEqual({ totalCount: 1, nodes: [{ name: 'Happy Hour 100%' }] });
  expect(await found('Hour_')).toEqual({ totalCount: 0, nodes: [] });
});

test.each(['playlists', 'media', 'layouts'])('of %s nothing is looked for that is no text', async (what) => {
  const query = `query ($search: String) { ${what}(search: $search) { totalCount } }`;
  for (const search of ['a\u0000b', 'x'.repeat(101)]) {
    const { data, errors } = await floor.ask(query, { variables: { search } });
    expect([data?.[what], errors?.[0]?.extensions?.code]).toEqual([null, 'API_001']);
  }
});
