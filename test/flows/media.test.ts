import { join } from 'node:path';
import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { system } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import { diskStorage } from '../../src/signage/disk-storage.ts';
import { sweepFiles } from '../../src/signage/upload-jobs.ts';
import { aFloorApp } from '../support/app.ts';
import { eventually } from '../support/deadline.ts';
import { aMedium, type announcing, aPng, filesOn, PDF, SVG, sha256Of, uploaded } from '../support/uploads.ts';

const floor = await aFloorApp({ machines: 0 });
const { db, runWork } = floor.app().services;
const { venueId } = floor;

const MEDIA = 'id name kind tags contentType byteSize sha256 revision version url';
const UPLOAD = `mutation ($input: UploadMediaInput!) { uploadMedia(input: $input) { __typename
  ... on UploadMediaSuccess { media { ${MEDIA} } } ... on Error { code message } } }`;
const UPDATE = `mutation ($input: UpdateMediaInput!) { updateMedia(input: $input) { __typename
  ... on UpdateMediaSuccess { media { ${MEDIA} } } ... on Error { code message }
  ... on VersionConflictError { currentVersion } } }`;
const DELETE = `mutation ($input: DeleteMediaInput!) { deleteMedia(input: $input) { __typename
  ... on DeleteMediaSuccess { mediaId } ... on Error { code }
  ... on MediaInUseError { playlistIds layoutIds } } }`;
const SAVE = `mutation ($input: SavePlaylistInput!) { savePlaylist(input: $input) { __typename
  ... on SavePlaylistSuccess { playlist { id name version items { duration media { id } } } }
  ... on Error { code message } ... on VersionConflictError { currentVersion } } }`;

async function change(document: string, input: object, as: 'OPERATOR' | 'FOREIGN_ADMIN' = 'OPERATOR') {
  const { data, errors } = await floor.ask(document, { as, variables: { input } });
  if (errors) throw new Error(JSON.stringify(errors));
  return Object.values(data)[0] as typeof data;
}
async function upload(bytes: Uint8Array, given: Parameters<typeof announcing>[1] = {}, name = 'Poster') {
  const uploadToken = await uploaded(floor, bytes, given);
  const { media } = await change(UPLOAD, { uploadToken, name, tags: ['bar'] });
  return media;
}
const shown = async (id: string) =>
  (await floor.ask(`{ node(id: "${id}") { ... on Media { ${MEDIA} } } }`)).data.node;

test('a file is fetched at its address without credentials, whole or in parts', async () => {
  const bytes = aPng({ width: 300, height: 200, shade: 5 });
  const { url } = await upload(bytes);
  const whole = await fetch(url);
  expect(whole.status).toBe(200);
  expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).toBe(true);
  const etag = whole.headers.get('etag') ?? '';
  expect(Object.fromEntries(whole.headers)).toMatchObject({
    'content-type': 'image/png',
    'content-length': String(bytes.length),
    'content-disposition': "inline; filename*=UTF-8''poster.png",
    'x-content-type-options': 'nosniff',
    'content-security-policy': expect.stringContaining('sandbox'),
    'accept-ranges': 'bytes',
    'cache-control': expect.stringMatching(/^private, max-age=\d+, immutable$/),
  });

  const part = await fetch(url, { headers: { range: 'bytes=8-15' } });
  expect(part.status).toBe(206);
  expect(part.headers.get('content-range')).toBe(`bytes 8-15/${bytes.length}`);
  expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(8, 16))).toBe(true);
  const beyond = await fetch(url, { headers: { range: `bytes=${bytes.length}-` } });
  expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${bytes.length}`]);
  const sameStill = await fetch(url, { headers: { range: 'bytes=0-0', 'if-range': etag } });
  expect(sameStill.status).toBe(206);
  const anotherNow = await fetch(url, { headers: { range: 'bytes=0-0', 'if-range': '"another"' } });
  expect(anotherNow.status).toBe(200);
  await anotherNow.body?.cancel();
  expect((await fetch(url, { headers: { 'if-none-match': etag } })).status).toBe(304);
  const head = await fetch(url, { method: 'HEAD' });
  expect([head.status, head.headers.get('content-length')]).toEqual([200, String(bytes.length)]);
  expect(await (await fetch(url, { method: 'HEAD' })).text()).toBe('');
  // Who asks what there is is told of all of it, whichever part he will ask for.
  const headOfPart = await fetch(url, { method: 'HEAD', headers: { range: 'bytes=0-0' } });
  expect([headOfPart.status, headOfPart.headers.get('content-length')]).toEqual([200, String(bytes.length)]);
});

test.each([
  ['SVG', SVG, 'image/svg+xml', 'drawing "of a" scrípt.svg'],
  ['PDF', PDF, 'application/pdf', 'menu.pdf'],
])(
  '%s is never a part of a page: it is downloaded, in a sandbox',
  async (_name, bytes, contentType, fileName) => {
    const { url, kind } = await upload(bytes, { contentType, fileName });
    expect(kind).toBe('DOCUMENT');
    const response = await fetch(url);
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(fileName)}`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringMatching(/default-src 'none'.*sandbox/),
    });
  },
);

test('nothing is at an address that was not given out', async () => {
  const { url, id } = await upload(aPng({ shade: 6 }));
  const other = await upload(aPng({ shade: 7 }));
  const { origin, pathname, searchParams, search } = new URL(url);
  const expires = Number(searchParams.get('expires'));
  const addresses = [
    `${origin}${pathname}?expires=${expires}`,
    url.replace(String(expires), String(expires + 1)),
    `${origin}${new URL(other.url).pathname}${search}`,
    `${origin}${pathname.replace(/1$/, '2')}${search}`,
    `${origin}/media/${id}/1${search}`,
  ];
  for (const address of addresses) expect([address, (await fetch(address)).status]).toEqual([address, 404]);
  expect((await fetch(url, { method: 'POST' })).status).toBe(405);
  expect((await fetch(url)).status).toBe(200);
});

test('a new file takes the place of the old one, whose address leads to what it did', async () => {
  const [first, second] = [aPng({ shade: 1 }), Buffer.concat([PDF, Buffer.from('2')])];
  const media = await upload(first);
  const uploadToken = await uploaded(floor, second, { contentType: 'application/pdf', fileName: 'b.pdf' });
  expect(await change(UPDATE, { mediaId: media.id, expectedVersion: 7, uploadToken })).toMatchObject({
    code: 'API_003',
    currentVersion: 1,
  });
  const { media: changed } = await change(UPDATE, {
    mediaId: media.id,
    expectedVersion: 1,
    uploadToken,
    name: 'Menu',
  });
  expect(changed).toMatchObject({
    name: 'Menu',
    kind: 'DOCUMENT',
    tags: ['bar'],
    contentType: 'application/pdf',
    sha256: sha256Of(second),
    revision: 2,
    version: 2,
  });
  expect(changed).toEqual(await shown(media.id));
  expect((await (await fetch(media.url)).arrayBuffer()).byteLength).toBe(first.length);
  expect((await (await fetch(changed.url)).arrayBuffer()).byteLength).toBe(second.length);
  const { media: renamed } = await change(UPDATE, {
    mediaId: media.id,
    expectedVersion: 2,
    tags: ['a', 'A', 'b'],
  });
  expect(renamed).toMatchObject({
    name: 'Menu',
    tags: ['a', 'b'],
    revision: 2,
    version: 3,
    url: changed.url,
  });
});

test('what is deleted is gone, file and all', async () => {
  const kept = await filesOn(floor);
  const { id, url } = await upload(aPng({ shade: 8 }));
  expect((await filesOn(floor)).length).toBe(kept.length + 1);
  expect(await change(DELETE, { mediaId: id }, 'FOREIGN_ADMIN')).toMatchObject({ code: 'API_002' });
  expect(await change(DELETE, { mediaId: id })).toMatchObject({ mediaId: id });
  expect(await shown(id)).toBeNull();
  expect((await fetch(url)).status).toBe(404);
  expect(await change(DELETE, { mediaId: id })).toMatchObject({ code: 'API_002' });
  // What time does every now and then.
  const [storage, folder] = [diskStorage(join(floor.dataDir, 'files')), join(floor.dataDir, 'uploads')];
  await sweepFiles({ db, runWork, storage, folder });
  await eventually(async () => (await filesOn(floor)).length === kept.length);
});

const globalId = (media: { readonly id: string }) => encodeGlobalId('Media', media.id);

test('a playlist is made and changed, and shows what there is', async () => {
  const [image, video, document] = [
    await aMedium(runWork, { venueId }),
    await aMedium(runWork, { venueId, contentType: 'video/mp4' }),
    await aMedium(runWork, { venueId, contentType: 'application/pdf' }),
  ];
  const items = [
    { mediaId: globalId(image), duration: 'PT10S' },
    { mediaId: globalId(video) },
    { mediaId: globalId(image), duration: 'PT1H' },
  ];
  const { playlist } = await change(SAVE, { name: 'Entrance', items });
  expect(playlist).toMatchObject({
    name: 'Entrance',
    version: 1,
    items: [
      { duration: 'PT10S', media: { id: globalId(image) } },
      { duration: null, media: { id: globalId(video) } },
      { duration: 'PT1H', media: { id: globalId(image) } },
    ],
  });
  const save = (input: object) => change(SAVE, { playlistId: playlist.id, expectedVersion: 1, ...input });
  for (const [wrong, code] of [
    [{ items: [{ mediaId: globalId(document), duration: 'PT1S' }] }, 'API_001'],
    [{ items: [{ mediaId: globalId(image) }] }, 'API_001'],
    [{ items: [{ mediaId: globalId(video), duration: 'PT0S' }] }, 'API_001'],
    [{ items: [{ mediaId: globalId(video), duration: 'P2D' }] }, 'API_001'],
    [{ items: [{ mediaId: globalId({ id: newId() }), duration: 'PT1S' }] }, 'API_002'],
    [{ items: Array.from({ length: 201 }, () => items[0]) }, 'API_001'],
    [{ playlistId: encodeGlobalId('Playlist', newId()) }, 'API_002'],
    [{ playlistId: null }, 'API_001'],
    [{ expectedVersion: 2 }, 'API_003'],
  ] as const)
    expect([code, (await save(wrong)).code]).toEqual([code, code]);
  expect(await save({ items: [items[1]] })).toMatchObject({
    playlist: { name: 'Entrance', version: 2, items: [{ media: { id: globalId(video) } }] },
  });
  expect(await save({ expectedVersion: 2, name: 'Door' })).toMatchObject({
    playlist: { name: 'Door', version: 3, items: [{ media: { id: globalId(video) } }] },
  });
  expect(await change(SAVE, { items: [] })).toMatchObject({ code: 'API_001' });
  const { data } = await floor.ask(
    '{ playlists(first: 1) { totalCount nodes { name items { media { id } } } } }',
  );
  expect(data.playlists).toEqual({
    totalCount: 1,
    nodes: [{ name: 'Door', items: [{ media: { id: globalId(video) } }] }],
  });
});

/** A layout whose draft, or whose published revision, shows a medium. */
async function aLayoutShowing(mediaId: string, where: 'DRAFT' | 'PUBLISHED'): Promise<string> {
  const id = newId();
  const regions = JSON.stringify([
    { id: 'a', name: 'a', x: 0, y: 0, width: 1, height: 1, z: 0, content: { kind: 'TEXT', text: 'a' } },
    { id: 'b', name: 'b', x: 0, y: 0, width: 1, height: 1, z: 0, content: { kind: 'MEDIA', mediaId } },
  ]);
  const layout = { venue_id: venueId, name: `Layout ${id}`, width: 10, height: 10 };
  const at = new Date();
  await runWork(system('test'), async ({ tx }) => {
    await tx
      .insertInto('layout')
      .values({
        ...layout,
        id,
        regions: where === 'DRAFT' ? regions : '[]',
        created_at: at,
        updated_at: at,
        updated_by: '{}',
      })
      .execute();
    if (where === 'DRAFT') return;
    await tx
      .insertInto('layout_revision')
      .values({ ...layout, layout_id: id, revision: 1, regions, published_at: at, published_by: '{}' })
      .execute();
    await tx
      .updateTable('layout')
      .set({ status: 'PUBLISHED', published_revision: 1 })
      .where('id', '=', id)
      .execute();
  });
  return encodeGlobalId('Layout', id);
}

test('what playlists or layouts show is not deleted, unless it is detached', async () => {
  const media = await aMedium(runWork, { venueId });
  const other = await aMedium(runWork, { venueId });
  const mediaId = globalId(media);
  const { playlist } = await change(SAVE, {
    name: 'Bar',
    items: [mediaId, globalId(other), mediaId].map((id) => ({ mediaId: id, duration: 'PT5S' })),
  });
  const layoutIds = [await aLayoutShowing(media.id, 'DRAFT'), await aLayoutShowing(media.id, 'PUBLISHED')];
  await aLayoutShowing(other.id, 'DRAFT');
  const refused = await change(DELETE, { mediaId });
  expect({ ...refused, layoutIds: refused.layoutIds.toSorted() }).toEqual({
    __typename: 'MediaInUseError',
    code: 'API_001',
    playlistIds: [playlist.id],
    layoutIds: layoutIds.toSorted(),
  });
  expect(await change(DELETE, { mediaId, detach: true })).toMatchObject({ mediaId });
  const { data } = await floor.ask(
    `{ node(id: "${playlist.id}") { ... on Playlist { version items { media { id } } } } }`,
  );
  expect(data.node).toEqual({ version: 2, items: [{ media: { id: globalId(other) } }] });
});

test('a medium that is put into a playlist while it is deleted is in none, or is not deleted', async () => {
  for (let round = 0; round < 10; round += 1) {
    const mediaId = globalId(await aMedium(runWork, { venueId }));
    const [saved, deleted] = await Promise.all([
      change(SAVE, { name: `Race ${round}`, items: [{ mediaId, duration: 'PT1S' }] }),
      change(DELETE, { mediaId }),
    ]);
    const outcomes = [saved.__typename, deleted.__typename];
    expect([
      ['SavePlaylistSuccess', 'MediaInUseError'],
      ['NotFoundError', 'DeleteMediaSuccess'],
    ]).toContainEqual(outcomes);
  }
});

test('media are listed by kind, tags and words', async () => {
  const names = async (args: string) =>
    (await floor.ask(`{ media(${args}) { nodes { name } } }`)).data.media.nodes.map(
      ({ name }: { name: string }) => name,
    );
  const made = await aMedium(runWork, { venueId, contentType: 'video/webm', name: 'Happy 100% HOUR' });
  const { media } = await change(UPDATE, {
    mediaId: globalId(made),
    expectedVersion: 1,
    tags: ['bar', 'evening'],
  });
  expect(media.tags).toEqual(['bar', 'evening']);
  expect(await names('first: 5, search: "100% hour"')).toEqual(['Happy 100% HOUR']);
  expect(await names('first: 5, tags: ["evening", "BAR"], kinds: [VIDEO]')).toEqual(['Happy 100% HOUR']);
  expect(await names('first: 5, tags: ["evening", "morning"]')).toEqual([]);
  expect(await names('first: 5, search: "100% hour", kinds: [IMAGE, DOCUMENT]')).toEqual([]);
  const { data } = await floor.ask('{ media(first: 2) { totalCount pageInfo { hasNextPage endCursor } } }');
  expect(data.media.pageInfo.hasNextPage).toBe(true);
  const all = (await db.selectFrom('media').select('id').where('status', '=', 'ACTIVE').execute()).length;
  expect(data.media.totalCount).toBe(all);
  const next = await floor.ask(
    `{ media(first: 100, after: "${data.media.pageInfo.endCursor}") { nodes { id } } }`,
  );
  expect(next.data.media.nodes).toHaveLength(all - 2);
});

test('a device of the venue sees its media, and a player does not', async () => {
  const id = globalId(await aMedium(runWork, { venueId }));
  const seen = async (as: 'DEVICE' | 'PLAYER' | 'AUDITOR' | 'FOREIGN_ADMIN') =>
    (await floor.ask(`{ node(id: "${id}") { id } }`, { as })).data.node?.id ?? null;
  expect([await seen('DEVICE'), await seen('AUDITOR')]).toEqual([id, id]);
  expect([await seen('PLAYER'), await seen('FOREIGN_ADMIN')]).toEqual([null, null]);
});

test('a layout shows only media and playlists of the venue that are there', async () => {
  const mediaId = globalId(await aMedium(runWork, { venueId }));
  const { playlist } = await change(SAVE, { name: 'Lobby', items: [{ mediaId, duration: 'PT1S' }] });
  const region = { regionId: 'a', name: 'a', x: 0, y: 0, width: 10, height: 10 };
  const create = async (content: object) =>
    await change(
      `mutation ($input: CreateLayoutInput!) { createLayout(input: $input) { __typename ... on Error { code } } }`,
      { name: `Layout ${newId()}`, width: 100, height: 100, regions: [{ ...region, content }] },
    );
  expect(await create({ mediaId })).toMatchObject({ __typename: 'CreateLayoutSuccess' });
  expect(await create({ playlistId: playlist.id })).toMatchObject({ __typename: 'CreateLayoutSuccess' });
  const { id: elsewhere } = await db
    .selectFrom('venue')
    .select('id')
    .where('slug', '=', 'elsewhere')
    .executeTakeFirstOrThrow();
  const theirs = globalId(await aMedium(runWork, { venueId: elsewhere }));
  for (const content of [
    { mediaId: theirs },
    { mediaId: globalId({ id: newId() }) },
    { playlistId: encodeGlobalId('Playlist', newId()) },
  ])
    expect(await create(content)).toMatchObject({ code: 'API_002' });
  expect(await change(DELETE, { mediaId })).toMatchObject({ code: 'API_001' });
});
