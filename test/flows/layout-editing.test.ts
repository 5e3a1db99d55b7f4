import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { decodeIdOf, encodeGlobalId } from '../../src/graphql/ids.ts';
import { type Asker, aFloorApp, type Frames } from '../support/app.ts';
import { aUser } from '../support/builders.ts';
import { eventually } from '../support/deadline.ts';
import { aDraft, aTextRegion } from '../support/layout.ts';
import { connect } from '../support/socket-client.ts';
import { refusalOf, transportsTo } from '../support/transports.ts';

const floor = await aFloorApp({ machines: 0 });
const { runWork, db } = floor.app().services;
const { venueId } = floor;
const { http, signIn } = transportsTo(floor);

const EDITORS = 'editors { regionId joinedAt who { kind id } user { displayName } }';
const JOIN = `mutation ($input: JoinLayoutEditingInput!) { joinLayoutEditing(input: $input) { __typename
  ... on Error { code } ... on JoinLayoutEditingSuccess { expiresAt editor { regionId who { id } }
    regionHolder { regionId who { id } } layout { ${EDITORS} } } } }`;
const LEAVE = `mutation ($input: LeaveLayoutEditingInput!) { leaveLayoutEditing(input: $input) { __typename
  ... on Error { code } ... on LeaveLayoutEditingSuccess { layout { ${EDITORS} } } } }`;
const UPDATE = `mutation ($input: UpdateLayoutInput!) { updateLayout(input: $input) { __typename
  ... on Error { code } ... on UpdateLayoutSuccess { layout { version } } } }`;
const PUBLISH = `mutation ($input: PublishLayoutInput!) { publishLayout(input: $input) { __typename } }`;
const REMOVE = `mutation ($input: DeleteLayoutInput!) { deleteLayout(input: $input) { __typename } }`;
const WATCH = `subscription ($layoutId: ID!, $after: Cursor) { layoutUpdates(layoutId: $layoutId, after: $after) { __typename
  ... on LayoutEdited { cursor version skipped isWhole removedRegionIds editedBy { id } layout { version }
    changedRegions { regionId content { ... on TextContent { text } } } }
  ... on EditorsChanged { cursor editors { regionId who { id } user { displayName } } }
  ... on LayoutPublished { cursor revision { revision } publishedBy { id } }
  ... on LayoutDeleted { cursor replacedById } } }`;

/** An operator of the venue who has signed in. */
async function anEditor(displayName: string) {
  const { id, email } = await aUser(runWork, { venueId, roles: ['OPERATOR'], displayName });
  const { accessToken: token } = await signIn(email);
  const ask = async (query: string, input: object) => {
    const { data, errors } = await http(query, { token, input });
    return data ? Object.values(data)[0] : { code: refusalOf({ errors }) };
  };
  return {
    id: encodeGlobalId('User', id),
    // biome-ignore lint/suspicious/noExplicitAny: JSON as it came
    ask: ask as (query: string, input: object) => Promise<any>,
    signOut: () =>
      http('mutation ($input: LogoutInput!) { logout(input: $input) { __typename } }', { token, input: {} }),
  };
}

async function aLayout() {
  const { id } = await aDraft(runWork, {
    venueId,
    regions: ['head', 'foot'].map((each) => aTextRegion(each, each)),
  });
  return encodeGlobalId('Layout', id);
}

const text = (regionId: string, words: string) => ({
  regionId,
  name: regionId,
  x: 0,
  y: 0,
  width: 10,
  height: 10,
  content: { text: words },
});

// biome-ignore lint/suspicious/noExplicitAny: JSON as it came
type Update = any;

/** What becomes of a layout, as an asker follows it. */
function watch(layoutId: string, { as = 'OPERATOR', after }: { as?: Asker; after?: string } = {}) {
  const frames: Frames<{ layoutUpdates: Update }> = floor.follow(WATCH, {
    as,
    variables: { layoutId, after },
  });
  return {
    next: async () => (await frames.next()).layoutUpdates,
    until: async (holds: (update: Update) => boolean) =>
      (await frames.until(({ layoutUpdates }) => holds(layoutUpdates))).layoutUpdates,
    end: () => frames.end(),
  };
}

/** As if this editor had last said a minute ago that he is there. */
const goSilent = (layoutId: string, userId: string) =>
  sql`update layout_editor set joined_at = joined_at - interval '1 minute', expires_at = now() - interval '1 second'
    where layout_id = ${decodeIdOf('Layout', layoutId)} and actor ->> 'id' = ${decodeIdOf('User', userId)}`.execute(
    db,
  );

const whoIn = (update: Update) => update.editors.map(({ who, regionId }: Update) => [who.id, regionId]);

test('two who work on a layout see each other, and what each of them saves', async () => {
  const layoutId = await aLayout();
  const [ann, bob] = [await anEditor('Ann'), await anEditor('Bob')];
  const news = watch(layoutId);
  expect(await news.next()).toMatchObject({
    __typename: 'LayoutEdited',
    cursor: null,
    version: 1,
    changedRegions: [{ regionId: 'head' }, { regionId: 'foot' }],
  });
  expect(await news.next()).toMatchObject({
    __typename: 'EditorsChanged',
    cursor: expect.any(String),
    editors: [],
  });

  const joined = await ann.ask(JOIN, { layoutId, regionId: 'head' });
  expect(joined).toMatchObject({
    editor: { regionId: 'head', who: { id: ann.id } },
    regionHolder: null,
    layout: {
      editors: [{ regionId: 'head', who: { kind: 'USER', id: ann.id }, user: { displayName: 'Ann' } }],
    },
  });
  expect(await news.next()).toMatchObject({ editors: [{ user: { displayName: 'Ann' } }] });
  await bob.ask(JOIN, { layoutId });
  expect(whoIn(await news.next())).toEqual([
    [ann.id, 'head'],
    [bob.id, null],
  ]);

  await bob.ask(UPDATE, { layoutId, expectedVersion: 1, upsertRegions: [text('foot', 'by Bob')] });
  expect(await news.next()).toMatchObject({
    __typename: 'LayoutEdited',
    version: 2,
    skipped: 0,
    changedRegions: [{ regionId: 'foot', content: { text: 'by Bob' } }],
    removedRegionIds: [],
    editedBy: { id: bob.id },
  });
  await ann.ask(UPDATE, { layoutId, expectedVersion: 2, removeRegionIds: ['foot'] });
  expect(await news.next()).toMatchObject({ version: 3, changedRegions: [], removedRegionIds: ['foot'] });
  await ann.ask(PUBLISH, { layoutId, expectedVersion: 3 });
  expect(await news.next()).toMatchObject({
    __typename: 'LayoutPublished',
    revision: { revision: 1 },
    publishedBy: { id: ann.id },
  });
  await bob.ask(LEAVE, { layoutId });
  expect(whoIn(await news.next())).toEqual([[ann.id, 'head']]);
  await ann.ask(REMOVE, { layoutId, expectedVersion: 3 });
  expect(await news.next()).toMatchObject({ __typename: 'LayoutDeleted', replacedById: null });
  await news.end();
});

test('a region is one editor’s at a time, and another may save it all the same', async () => {
  const layoutId = await aLayout();
  const [ann, bob] = [await anEditor('Ann'), await anEditor('Bob')];
  await ann.ask(JOIN, { layoutId, regionId: 'head' });
  expect(await bob.ask(JOIN, { layoutId, regionId: 'head' })).toMatchObject({
    editor: { regionId: null },
    regionHolder: { regionId: 'head', who: { id: ann.id } },
  });
  expect(
    await bob.ask(UPDATE, { layoutId, expectedVersion: 1, upsertRegions: [text('head', 'by Bob')] }),
  ).toMatchObject({ layout: { version: 2 } });
  await ann.ask(JOIN, { layoutId, regionId: 'foot' });
  expect(await bob.ask(JOIN, { layoutId, regionId: 'head' })).toMatchObject({
    editor: { regionId: 'head' },
    regionHolder: null,
  });
  expect(await bob.ask(JOIN, { layoutId, regionId: 'none' })).toMatchObject({ code: 'API_002' });
});

test('of many who want a region at once one has it', async () => {
  const layoutId = await aLayout();
  const editors = await Promise.all(['A', 'B', 'C', 'D', 'E'].map(anEditor));
  const answers = await Promise.all(editors.map(({ ask }) => ask(JOIN, { layoutId, regionId: 'head' })));
  expect(answers.filter(({ editor }) => editor.regionId === 'head')).toHaveLength(1);
  const holder = answers.find(({ editor }) => editor.regionId === 'head').editor.who.id;
  for (const { regionHolder, editor } of answers)
    if (editor.who.id !== holder) expect(regionHolder.who.id).toBe(holder);
});

test('who says again that he is there stays without further news, and who does not is gone', async () => {
  const layoutId = await aLayout();
  const [ann, bob] = [await anEditor('Ann'), await anEditor('Bob')];
  const first = await ann.ask(JOIN, { layoutId, regionId: 'head' });
  await bob.ask(JOIN, { layoutId });
  const news = watch(layoutId);
  expect((await news.next()).version).toBe(1);
  expect(whoIn(await news.next())).toEqual([
    [ann.id, 'head'],
    [bob.id, null],
  ]);
  const again = await ann.ask(JOIN, { layoutId, regionId: 'head' });
  expect(Date.parse(again.expiresAt)).toBeGreaterThan(Date.parse(first.expiresAt));
  await goSilent(layoutId, bob.id);
  // That he stayed was no news.
  expect(whoIn(await news.next())).toEqual([[ann.id, 'head']]);
  await news.end();
});

test('who signs out works on nothing any more', async () => {
  const layoutId = await aLayout();
  const [ann, bob] = [await anEditor('Ann'), await anEditor('Bob')];
  await ann.ask(JOIN, { layoutId, regionId: 'head' });
  await bob.ask(JOIN, { layoutId });
  await ann.signOut();
  const editors = async () =>
    (await floor.ask(`query ($id: ID!) { layout(id: $id) { ${EDITORS} } }`, { variables: { id: layoutId } }))
      .data.layout;
  await eventually(async () => (await editors()).editors.length === 1);
  expect(whoIn(await editors())).toEqual([[bob.id, null]]);
  expect(await bob.ask(JOIN, { layoutId, regionId: 'head' })).toMatchObject({ regionHolder: null });
});

test('who comes back is shown the layout again only when something has become of it', async () => {
  const layoutId = await aLayout();
  const ann = await anEditor('Ann');
  const before = watch(layoutId);
  await before.next();
  const { cursor } = await before.next();
  await before.end();

  await ann.ask(UPDATE, { layoutId, expectedVersion: 1, upsertRegions: [text('head', 'new')] });
  const back = watch(layoutId, { after: cursor });
  expect((await back.next()).version).toBe(2);
  const { cursor: seen } = await back.next();
  await back.end();
  const upToDate = watch(layoutId, { after: seen });
  await ann.ask(UPDATE, { layoutId, expectedVersion: 2, upsertRegions: [text('head', 'newer')] });
  // Not 2 once more.
  expect((await upToDate.next()).version).toBe(3);
  await upToDate.end();
});

test('who reads too slowly for every save is told all that they changed', async () => {
  const regionIds = Array.from({ length: 60 }, (_, at) => `r${at}`);
  const { id } = await aDraft(runWork, {
    venueId,
    regions: [...regionIds, 'gone'].map((each) => aTextRegion(each, each)),
  });
  const layoutId = encodeGlobalId('Layout', id);
  const ann = await anEditor('Ann');
  let version = 1;
  const save = async (change: object) => {
    const saved = await ann.ask(UPDATE, { layoutId, expectedVersion: version, ...change });
    version = saved.layout.version;
  };

  const accessToken = await floor.token('OPERATOR');
  const client = await connect({ port: Number(new URL(floor.app().url).port) });
  await client.init({ accessToken });
  client.subscribe('s', WATCH, { layoutId });
  const edits = () =>
    client.messages.flatMap(({ type, payload }): Update[] =>
      type === 'next' && payload.data.layoutUpdates.version ? [payload.data.layoutUpdates] : [],
    );
  await eventually(() => edits().length === 1);
  client.socket.pause();
  // More than what the network takes by itself.
  const long = '€'.repeat(1_900);
  while (version <= 40)
    await save({ upsertRegions: regionIds.map((each) => text(each, `${version} ${long}`)) });
  await save({ upsertRegions: [text('r0', 'nearly the last')] });
  await save({ removeRegionIds: ['gone'] });
  await save({ upsertRegions: [text('r1', 'the last')] });
  client.socket.resume();
  await eventually(() => edits().at(-1)?.version === version);

  const draft = new Map<string, string>();
  for (const { isWhole, changedRegions, removedRegionIds } of edits()) {
    if (isWhole) draft.clear();
    for (const { regionId, content } of changedRegions) draft.set(regionId, content.text);
    for (const each of removedRegionIds) draft.delete(each);
  }
  expect(edits().some(({ skipped }) => skipped > 0)).toBe(true);
  expect(edits().map(({ isWhole }) => isWhole)).toEqual([
    true,
    ...edits()
      .slice(1)
      .map(() => false),
  ]);
  expect([draft.get('r0'), draft.get('r1'), draft.size]).toEqual(['nearly the last', 'the last', 60]);
  expect(draft.get('r2')).toBe(`40 ${long}`);
  client.socket.close();
});

test('who may not see signage follows nothing, and joins nobody', async () => {
  const layoutId = await aLayout();
  for (const [as, code] of [
    ['PLAYER', 'AUTH_004'],
    ['DEVICE', 'AUTH_004'],
    ['FOREIGN_ADMIN', 'API_002'],
  ] as const) {
    const refused = await watch(layoutId, { as })
      .next()
      .catch((errors: unknown) => errors);
    expect(JSON.stringify(refused)).toContain(code);
  }
  const player = await floor.ask(JOIN, { as: 'PLAYER', variables: { input: { layoutId } } });
  expect(player.errors?.[0]?.extensions.code).toBe('AUTH_004');
});
