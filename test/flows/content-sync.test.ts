import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';
import { aFloorApp } from '../support/app.ts';
import { aMedium } from '../support/uploads.ts';

const floor = await aFloorApp({ machines: 0 });
const { runWork } = floor.app().services;
const { venueId } = floor;

const FOLLOW = `subscription ($types: [ContentType!], $after: Cursor) {
  contentSync(contentTypes: $types, after: $after) { contentType contentId action version data timestamp cursor
  media { id } playlist { name } layout { id } } }`;
const SYNC = `mutation ($input: SyncContentInput!) { syncContent(input: $input) { __typename
  ... on SyncContentSuccess { contentType contentId action } ... on Error { code message } } }`;
const sync = async (input: object, as: 'OPERATOR' | 'FOREIGN_ADMIN' = 'OPERATOR') =>
  await floor.ask(SYNC, { as, variables: { input } });
const save = async (input: object) =>
  (
    await floor.ask(
      'mutation ($input: SavePlaylistInput!) { savePlaylist(input: $input) { ... on SavePlaylistSuccess { playlist { id } } } }',
      { variables: { input } },
    )
  ).data.savePlaylist.playlist.id;
const remove = (mediaId: string) =>
  floor.ask(
    'mutation ($input: DeleteMediaInput!) { deleteMedia(input: $input) { ... on DeleteMediaSuccess { mediaId } } }',
    { variables: { input: { mediaId, detach: true } } },
  );

const FOLLOWERS = ['OPERATOR', 'AUDITOR'] as const;

interface Frame {
  readonly contentSync: { readonly [key: string]: unknown; readonly cursor: string };
}

test('whatever screens are made of is told when it is made, changed and deleted, to everybody who follows', async () => {
  const after = await floor.cursor();
  for (const as of FOLLOWERS) await floor.token(as);
  const followers = FOLLOWERS.map((as) => floor.follow<Frame>(FOLLOW, { as, variables: { after } }));
  const { id } = await aMedium(runWork, { venueId });
  const mediaId = encodeGlobalId('Media', id);
  const playlistId = await save({ name: 'Bar', items: [{ mediaId, duration: 'PT1S' }] });
  await remove(mediaId);
  for (const frames of followers) {
    const told = [await frames.next(), await frames.next(), await frames.next(), await frames.next()];
    expect(told.map(({ contentSync }) => contentSync)).toMatchObject([
      { contentType: 'MEDIA', contentId: mediaId, action: 'CREATE', version: 1, data: null },
      {
        contentType: 'PLAYLIST',
        contentId: playlistId,
        action: 'CREATE',
        playlist: { name: 'Bar' },
        media: null,
      },
      { contentType: 'PLAYLIST', contentId: playlistId, action: 'UPDATE', version: 2 },
      { contentType: 'MEDIA', contentId: mediaId, action: 'DELETE', version: 2, media: null, layout: null },
    ]);
    await frames.end();
  }
  const ofPlaylists = floor.follow<Frame>(FOLLOW, { variables: { after, types: ['PLAYLIST'] } });
  const first = await ofPlaylists.next();
  expect(first.contentSync).toMatchObject({ contentId: playlistId, action: 'CREATE' });
  await ofPlaylists.end();
  const resumed = floor.follow<Frame>(FOLLOW, {
    variables: { after: first.contentSync.cursor, types: ['PLAYLIST'] },
  });
  expect((await resumed.next()).contentSync).toMatchObject({ contentId: playlistId, action: 'UPDATE' });
  await resumed.end();
});

test('a layout is told when it is published and when it is deleted', async () => {
  const after = await floor.cursor();
  const ask = async (field: string, type: string, input: object) =>
    (
      await floor.ask(
        `mutation ($input: ${type}!) { ${field}(input: $input) { ... on ${field[0]?.toUpperCase()}${field.slice(1)}Success { layout { id version } } } }`,
        { variables: { input } },
      )
    ).data[field].layout;
  const { id: layoutId, version } = await ask('createLayout', 'CreateLayoutInput', { name: 'Lobby' });
  const publish = (expectedVersion: number) =>
    ask('publishLayout', 'PublishLayoutInput', { layoutId, expectedVersion });
  await publish(version);
  await publish(version); // It is published already.
  const edited = await ask('updateLayout', 'UpdateLayoutInput', {
    layoutId,
    expectedVersion: version,
    name: 'Entrance',
  });
  await publish(edited.version);
  await floor.ask('mutation ($input: DeleteLayoutInput!) { deleteLayout(input: $input) { __typename } }', {
    variables: { input: { layoutId, expectedVersion: edited.version } },
  });
  const frames = floor.follow<Frame>(FOLLOW, { variables: { after, types: ['LAYOUT'] } });
  const told = [await frames.next(), await frames.next(), await frames.next()];
  const layout = { contentType: 'LAYOUT', contentId: layoutId };
  expect(told.map(({ contentSync }) => contentSync)).toMatchObject([
    { ...layout, action: 'CREATE', version },
    { ...layout, action: 'UPDATE', version: edited.version },
    { ...layout, action: 'DELETE', version: edited.version },
  ]);
  await frames.end();
});

test('an operator announces by hand what was changed elsewhere, and his words come out as they went in', async () => {
  const after = await floor.cursor();
  const contentId = encodeGlobalId('Media', (await aMedium(runWork, { venueId })).id);
  const data = { mediaId: 'as written', list: [1, null, { deep: true }] };
  const announced = { contentType: 'MEDIA', contentId, action: 'UPDATE' };
  expect((await sync({ ...announced, data })).data.syncContent).toEqual({
    __typename: 'SyncContentSuccess',
    ...announced,
  });
  const frames = floor.follow<Frame>(FOLLOW, { variables: { after } });
  expect((await frames.next()).contentSync).toMatchObject({ action: 'CREATE' });
  expect((await frames.next()).contentSync).toMatchObject({ ...announced, version: null, data });
  await frames.end();
  const events = await floor.ask(
    `{ events(types: ["signage.content-changed"], last: 1) { nodes: edges { node { payload } } } }`,
    { as: 'AUDITOR' },
  );
  expect(events.data.events.nodes[0].node.payload).toMatchObject({ mediaId: contentId, sentData: data });
});

test.each([
  '1e400',
  '12345678901234567890',
  '{ total: [9007199254740993] }',
  '['.repeat(34) + ']'.repeat(34),
])('what would come out as another is not announced: %s', async (data) => {
  const contentId = encodeGlobalId('Media', (await aMedium(runWork, { venueId })).id);
  const announce = (what: string) =>
    floor.ask(`mutation { syncContent(input: { contentType: MEDIA, contentId: "${contentId}", action: UPDATE, data: ${what} }) {
        __typename ... on ValidationError { issues { path } } } }`);
  expect((await announce(data)).data.syncContent).toEqual({
    __typename: 'ValidationError',
    issues: [{ path: ['input', 'data'] }],
  });
  expect((await announce('"12345678901234567890"')).data.syncContent.__typename).toBe('SyncContentSuccess');
});

test('only what the venue has is announced; that something is gone, of what it once had', async () => {
  const input = { contentType: 'MEDIA', contentId: encodeGlobalId('Media', newId()), action: 'UPDATE' };
  const codeOf = async (given: object, as?: 'FOREIGN_ADMIN') => {
    const { data, errors } = await sync({ ...input, ...given }, as);
    return errors?.[0]?.extensions.code ?? data.syncContent.code ?? 'OK';
  };
  expect(await codeOf({})).toBe('API_002');
  expect(await codeOf({ contentType: 'PLAYLIST' })).toBe('API_001');
  expect(await codeOf({ action: 'REPLACE' })).toBe('API_001');
  const mine = { contentId: encodeGlobalId('Media', (await aMedium(runWork, { venueId })).id) };
  expect(await codeOf(mine, 'FOREIGN_ADMIN')).toBe('API_002');
  expect(await codeOf({ ...mine, data: 'x'.repeat(5_000) })).toBe('API_001');
  await remove(mine.contentId);
  expect(await codeOf(mine)).toBe('API_002');
  expect(await codeOf({ ...mine, action: 'DELETE' })).toBe('OK');
});
