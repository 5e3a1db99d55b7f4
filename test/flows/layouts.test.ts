import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';
import { type Asker, aFloorApp } from '../support/app.ts';
import { aResource } from '../support/booking.ts';
import { aVenue } from '../support/builders.ts';
import { aDraft } from '../support/layout.ts';
import { aParkingLot } from '../support/parking.ts';
import { aMedium } from '../support/uploads.ts';

const floor = await aFloorApp({ machines: 1 });
const { runWork } = floor.app().services;
const { venueId } = floor;
const [machineId = ''] = floor.machineIds;

const REGIONS = `regions { regionId name x y width height z content { __typename
  ... on TextContent { text }
  ... on LiveContent { binding { __typename ... on MeterBinding { machineId meter machine { id } } ... on OccupancyBinding { lotId lot { id } }
    ... on SlotBoardBinding { resourceId resource { id } } ... on ChannelBinding { channel } } } } }`;
const LAYOUT = `id name width height version status changedSincePublished publishedRevision { revision } ${REGIONS}`;
const CONFLICT = `... on VersionConflictError { currentVersion currentLayout { ${LAYOUT} } }`;
const mutation = (name: string, answer = `layout { ${LAYOUT} }`) => {
  const type = name.charAt(0).toUpperCase() + name.slice(1);
  const query = `mutation ($input: ${type}Input!) { ${name}(input: $input) { __typename ... on Error { code message } ${name === 'createLayout' ? '' : CONFLICT} ... on ${type}Success { ${answer} } } }`;
  return async (input: object, as: Asker = 'OPERATOR') => {
    const { data, errors } = await floor.ask(query, { as, variables: { input } });
    return data?.[name] ?? errors?.[0]?.extensions;
  };
};
const create = mutation('createLayout');
const update = mutation('updateLayout');
const publish = mutation('publishLayout', `layout { ${LAYOUT} } revision { revision note ${REGIONS} }`);
const revert = mutation('revertLayout');
const remove = mutation('deleteLayout', 'deletedId');

const text = (regionId: string, words: string, fields: object = {}) => ({
  regionId,
  name: regionId,
  x: 0,
  y: 0,
  width: 100,
  height: 50,
  content: { text: words },
  ...fields,
});
const showing = (regionId: string, live: object) => text(regionId, '', { content: { live } });
const aLayout = async (...regions: readonly object[]) =>
  (await create({ name: `Lobby ${newId()}`, regions })).layout;
const look = async (id: string) =>
  (await floor.ask(`query ($id: ID!) { layout(id: $id) { ${LAYOUT} } }`, { variables: { id } })).data.layout;

test('an operator draws a layout, which is read as it was drawn', async () => {
  const lot = encodeGlobalId('ParkingLot', (await aParkingLot(runWork, { venueId })).id);
  const table = encodeGlobalId('Resource', (await aResource(runWork, { venueId })).id);
  const layout = await aLayout(
    text('head', 'Welcome\nto us', { x: 5, y: 6, z: 3 }),
    showing('coins', { machineId, meter: 'COIN_IN' }),
    showing('lot', { lotId: lot }),
    showing('table', { resourceId: table }),
    showing('alerts', { channel: 'emergency-alerts' }),
  );
  expect(layout).toMatchObject({
    width: 1_920,
    height: 1_080,
    version: 1,
    status: 'DRAFT',
    changedSincePublished: true,
    publishedRevision: null,
    regions: [
      { regionId: 'head', x: 5, y: 6, z: 3, content: { text: 'Welcome\nto us' } },
      {
        content: {
          binding: { __typename: 'MeterBinding', machineId, machine: { id: machineId }, meter: 'COIN_IN' },
        },
      },
      { content: { binding: { __typename: 'OccupancyBinding', lotId: lot, lot: { id: lot } } } },
      {
        content: { binding: { __typename: 'SlotBoardBinding', resourceId: table, resource: { id: table } } },
      },
      { content: { binding: { __typename: 'ChannelBinding', channel: 'emergency-alerts' } } },
    ],
  });
  expect(await look(layout.id)).toEqual(layout);
});

test.each<[string, string, object]>([
  ['nothing', 'API_001', {}],
  ['two things', 'API_001', { text: 'a', live: { channel: 'emergency-alerts' } }],
  ['a machine without a meter', 'API_001', { live: { machineId } }],
  ['a meter of no machine', 'API_001', { live: { meter: 'COIN_IN' } }],
  [
    'a machine that is not there',
    'API_002',
    { live: { machineId: encodeGlobalId('Machine', newId()), meter: 'COIN_IN' } },
  ],
  ['a lot that is not there', 'API_002', { live: { lotId: encodeGlobalId('ParkingLot', newId()) } }],
  ['a medium that is not there', 'API_002', { mediaId: encodeGlobalId('Media', newId()) }],
  ['a playlist that is not there', 'API_002', { playlistId: encodeGlobalId('Playlist', newId()) }],
  ['a channel that is for people', 'API_001', { live: { channel: 'admin-notifications' } }],
  ['a channel there is none of', 'WS_007', { live: { channel: 'no-such-channel' } }],
])('a region that shows %s is refused with %s', async (_, code, content) => {
  expect(await create({ name: `Lobby ${newId()}`, regions: [text('a', '', { content })] })).toMatchObject({
    code,
  });
});

test('a region shows a medium, and its layout is announced as what screens are made of', async () => {
  const { id } = await aMedium(runWork, { venueId });
  const mediaId = encodeGlobalId('Media', id);
  const after = await floor.cursor();
  const { id: layoutId } = await aLayout(text('film', '', { content: { mediaId } }));
  const { data } = await floor.ask(
    'query ($id: ID!) { layout(id: $id) { regions { content { ... on MediaContent { mediaId media { id url } } } } } }',
    { variables: { id: layoutId } },
  );
  expect(data.layout.regions[0].content).toEqual({
    mediaId,
    media: { id: mediaId, url: expect.stringContaining('/media/') },
  });
  const frames = floor.follow(
    'subscription ($after: Cursor) { contentSync(contentTypes: [LAYOUT], after: $after) { contentId action version } }',
    { variables: { after } },
  );
  await publish({ layoutId, expectedVersion: 1 });
  await update({ layoutId, expectedVersion: 1, name: `Film ${newId()}` });
  await publish({ layoutId, expectedVersion: 2 });
  await remove({ layoutId, expectedVersion: 2 });
  for (const [action, version] of [
    ['CREATE', 1],
    ['UPDATE', 2],
    ['DELETE', 2],
  ])
    expect((await frames.next()).contentSync).toEqual({ contentId: layoutId, action, version });
  await frames.end();
});

test('of another venue a region shows nothing', async () => {
  const { id } = await aVenue(runWork, { slug: 'far' });
  const lotId = encodeGlobalId('ParkingLot', (await aParkingLot(runWork, { venueId: id })).id);
  expect(await create({ name: 'Spy', regions: [showing('a', { lotId })] })).toMatchObject({
    code: 'API_002',
  });
});

test('two layouts of a venue do not have one name, unless one is deleted', async () => {
  const name = `Bar ${newId()}`;
  const { layout } = await create({ name });
  expect(await create({ name })).toMatchObject({ __typename: 'LayoutNameTakenError', code: 'API_001' });
  await remove({ layoutId: layout.id, expectedVersion: 1 });
  expect(await create({ name })).toMatchObject({ __typename: 'CreateLayoutSuccess' });
});

test('a save changes what it names and leaves the rest; one that changes nothing makes no version', async () => {
  const { id: layoutId } = await aLayout(text('a', 'one'), text('b', 'two'));
  const saved = await update({
    layoutId,
    expectedVersion: 1,
    width: 800,
    upsertRegions: [text('c', 'three'), text('a', 'ONE')],
    removeRegionIds: ['b'],
  });
  expect(saved.layout).toMatchObject({
    version: 2,
    width: 800,
    height: 1_080,
    regions: [
      { regionId: 'a', content: { text: 'ONE' } },
      { regionId: 'c', content: { text: 'three' } },
    ],
  });
  const same = await update({ layoutId, expectedVersion: 2, upsertRegions: [text('a', 'ONE')], width: 800 });
  expect(same.layout).toEqual(saved.layout);
  expect(await update({ layoutId, expectedVersion: 2, width: 99 })).toMatchObject({ code: 'API_001' });
  expect(await update({ layoutId, expectedVersion: 2, removeRegionIds: ['b'] })).toMatchObject({
    code: 'API_001',
  });
  expect(
    await update({ layoutId, expectedVersion: 2, regions: [], upsertRegions: [text('d', '')] }),
  ).toMatchObject({ code: 'API_001' });
  expect(await look(layoutId)).toEqual(saved.layout);
});

test('a stale save is told what the layout is now, and changes nothing', async () => {
  const { id: layoutId } = await aLayout(text('a', 'one'));
  const first = await update({ layoutId, expectedVersion: 1, upsertRegions: [text('a', 'mine')] });
  const stale = await update({ layoutId, expectedVersion: 1, upsertRegions: [text('a', 'yours')] });
  expect(stale).toMatchObject({
    __typename: 'VersionConflictError',
    code: 'API_003',
    currentVersion: 2,
    currentLayout: first.layout,
  });
  expect(await publish({ layoutId, expectedVersion: 1 })).toMatchObject({
    code: 'API_003',
    currentVersion: 2,
  });
  expect(await look(layoutId)).toEqual(first.layout);
});

test('what is published is never another, and a draft goes back to it', async () => {
  const { id: layoutId } = await aLayout(text('a', 'first'));
  const published = await publish({ layoutId, expectedVersion: 1, note: 'for the opening' });
  expect(published).toMatchObject({
    revision: { revision: 1, note: 'for the opening', regions: [{ content: { text: 'first' } }] },
    layout: {
      status: 'PUBLISHED',
      version: 1,
      changedSincePublished: false,
      publishedRevision: { revision: 1 },
    },
  });
  const again = await publish({ layoutId, expectedVersion: 1, note: 'once more' });
  expect(again.revision).toEqual(published.revision);

  await update({ layoutId, expectedVersion: 1, upsertRegions: [text('a', 'second')] });
  expect(await look(layoutId)).toMatchObject({
    changedSincePublished: true,
    publishedRevision: { revision: 1 },
  });
  expect((await publish({ layoutId, expectedVersion: 2 })).revision).toMatchObject({
    revision: 2,
    note: null,
  });
  const { layout } = await revert({ layoutId, revision: 1, expectedVersion: 2 });
  expect(layout).toMatchObject({
    version: 3,
    changedSincePublished: true,
    publishedRevision: { revision: 2 },
    regions: [{ content: { text: 'first' } }],
  });
  expect(await revert({ layoutId, revision: 3, expectedVersion: 3 })).toMatchObject({ code: 'API_002' });

  const { data } = await floor.ask(
    `query ($id: ID!) { layout(id: $id) { revisions(first: 1) { totalCount pageInfo { endCursor hasNextPage } nodes { revision ${REGIONS} } } } }`,
    { variables: { id: layoutId } },
  );
  expect(data.layout.revisions).toMatchObject({
    totalCount: 2,
    pageInfo: { hasNextPage: true },
    nodes: [{ revision: 2, regions: [{ content: { text: 'second' } }] }],
  });
  const rest = await floor.ask(
    'query ($id: ID!, $after: String) { layout(id: $id) { revisions(after: $after) { nodes { revision regions { content { ... on TextContent { text } } } } } } }',
    { variables: { id: layoutId, after: data.layout.revisions.pageInfo.endCursor } },
  );
  expect(rest.data.layout.revisions.nodes).toEqual([
    { revision: 1, regions: [{ content: { text: 'first' } }] },
  ]);
});

test('layouts are listed the newest first, by name and by whether they are published', async () => {
  const mark = newId();
  const ids: string[] = [];
  for (const number of [1, 2, 3]) ids.push((await create({ name: `Gate ${number} ${mark}` })).layout.id);
  await publish({ layoutId: ids[1], expectedVersion: 1 });
  const list = async (filter: string) =>
    (await floor.ask(`{ layouts(${filter}) { totalCount nodes { id } } }`)).data.layouts;
  const search = `search: "${mark.toUpperCase()}"`;
  expect(await list(search)).toEqual({ totalCount: 3, nodes: [...ids].reverse().map((id) => ({ id })) });
  expect(await list(`${search}, status: PUBLISHED`)).toEqual({ totalCount: 1, nodes: [{ id: ids[1] }] });
  expect((await list(`${search}, first: 1`)).nodes).toEqual([{ id: ids[2] }]);
});

test('a layout that no screen shows is deleted, and nobody finds it any more', async () => {
  const { id: layoutId } = await aLayout(text('a', 'gone'));
  expect(await remove({ layoutId, expectedVersion: 2 })).toMatchObject({ code: 'API_003' });
  expect(await remove({ layoutId, expectedVersion: 1 })).toMatchObject({ deletedId: layoutId });
  expect(await remove({ layoutId, expectedVersion: 1 })).toMatchObject({ code: 'API_002' });
  expect(await look(layoutId)).toBeNull();
  expect(
    (await floor.ask('query ($id: ID!) { node(id: $id) { id } }', { variables: { id: layoutId } })).data.node,
  ).toBeNull();
});

test('who may not say what screens show changes nothing', async () => {
  const { id: layoutId } = await aLayout(text('a', 'ours'));
  for (const as of ['PLAYER', 'AUDITOR', 'DEVICE', 'PARTNER'] as const)
    expect(await update({ layoutId, expectedVersion: 1, name: 'Mine' }, as)).toMatchObject({
      code: 'AUTH_004',
    });
  expect(await update({ layoutId, expectedVersion: 1, name: 'Mine' }, 'FOREIGN_ADMIN')).toMatchObject({
    code: 'API_002',
  });
  const { data } = await floor.ask('query ($id: ID!) { layout(id: $id) { version } }', {
    as: 'AUDITOR',
    variables: { id: layoutId },
  });
  expect(data.layout).toEqual({ version: 1 });
});

test('what happens to layouts is in the log, by ids that clients have', async () => {
  const after = await floor.cursor();
  const layout = await aDraft(runWork, { venueId });
  const id = encodeGlobalId('Layout', layout.id);
  await update({
    layoutId: id,
    expectedVersion: 1,
    upsertRegions: [showing('coins', { machineId, meter: 'COIN_IN' })],
  });
  await remove({ layoutId: id, expectedVersion: 2 });
  const events = floor.follow(
    'subscription ($after: Cursor) { events(types: ["signage.layout-created", "signage.layout-edited", "signage.layout-deleted"], after: $after) { type payload } }',
    { variables: { after } },
  );
  const mine = async () => (await events.until(({ events }) => events.payload.layoutId === id)).events;
  expect((await mine()).type).toBe('signage.layout-created');
  expect((await mine()).payload.changedRegions).toMatchObject([{ content: { binding: { machineId } } }]);
  expect((await mine()).payload).toMatchObject({ layoutId: id, replacedByLayoutId: null });
  await events.end();
});
