import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { decodeIdOf, encodeGlobalId } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';
import { updateLayout } from '../../src/signage/layout-service.ts';
import { publishLayout } from '../../src/signage/publishing-service.ts';
import { aFloorApp } from '../support/app.ts';
import { DESK } from '../support/booking.ts';
import { aDevice } from '../support/builders.ts';
import { eventually } from '../support/deadline.ts';
import { aSignedInDevice, type SignedInDevice } from '../support/device.ts';
import { aDraft, aPublishedLayout, aTextRegion } from '../support/layout.ts';

const floor = await aFloorApp({ machines: 0 });
const { runWork, db } = floor.app().services;
const { venueId } = floor;

const DISPLAY = `display { displayVersion cause current desiredAt
  desired { layoutId revision regions { content { ... on TextContent { text } } } }
  pushed { revision } applied { layoutId revision } appliedVersion failure { displayVersion reason } }`;
const DEVICE = `query ($id: ID!) { node(id: $id) { ... on Device { currentLayout { layoutId revision } ${DISPLAY} } } }`;
const PUSH = `mutation ($input: PushLayoutInput!) { pushLayout(input: $input) { __typename ... on Error { code }
  ... on PushLayoutSuccess { message layoutId revision { revision } deviceIds push { id at status } } } }`;
const CANCEL = `mutation ($input: CancelLayoutPushInput!) { cancelLayoutPush(input: $input) { __typename
  ... on Error { code } ... on CancelLayoutPushSuccess { push { id status } } } }`;
const REMOVE = `mutation ($input: DeleteLayoutInput!) { deleteLayout(input: $input) { __typename ... on Error { code }
  ... on LayoutInUseError { devices deviceIds } } }`;
const REPORT = `mutation ($input: ReportLayoutAppliedInput!) { reportLayoutApplied(input: $input) { __typename
  ... on Error { code } ... on ReportLayoutAppliedSuccess { message ${DISPLAY} } } }`;

const ask = async (query: string, variables: object) => {
  const { data, errors } = await floor.ask(query, { variables: { ...variables } });
  return data ? (Object.values(data)[0] as never) : (errors?.[0]?.extensions as never);
};
// biome-ignore lint/suspicious/noExplicitAny: JSON as it came
type Json = any;
const push = (input: object): Promise<Json> => ask(PUSH, { input });
const cancel = (pushId: string): Promise<Json> => ask(CANCEL, { input: { pushId } });
const remove = (input: object): Promise<Json> => ask(REMOVE, { input });
const layoutId = (id: string) => encodeGlobalId('Layout', id);
const deviceId = ({ id }: { readonly id: string }) => encodeGlobalId('Device', id);
const look = async (device: { readonly id: string }): Promise<Json> => ask(DEVICE, { id: deviceId(device) });
const report = async (device: SignedInDevice, input: object): Promise<Json> => {
  const { data, errors } = await device.ask(REPORT, { input });
  return data?.reportLayoutApplied ?? errors?.[0]?.extensions;
};

/** A layout that was published so often, each time with other words. */
async function aLayout(revisions = 1) {
  const layout = await aPublishedLayout(runWork, { venueId });
  for (let revision = 2; revision <= revisions; revision += 1) await publishAnew(layout.id, revision);
  return { id: layoutId(layout.id), rawId: layout.id };
}

async function publishAnew(rawId: string, revision: number): Promise<void> {
  const of = { venueId, layoutId: rawId };
  const upserted = [aTextRegion('text', `Revision ${revision}`)];
  await runWork(DESK, (work) =>
    updateLayout(work, { ...of, expectedVersion: revision - 1, regions: { upserted, removedIds: [] } }),
  );
  await runWork(DESK, (work) => publishLayout(work, { ...of, expectedVersion: revision, note: null }));
}

const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1_000).toISOString();

/** As if the time of a push had come. */
const comeDue = (pushId: string) =>
  sql`update layout_push set due_at = now() - interval '1 second' where id = ${decodeIdOf('LayoutPush', pushId)}`.execute(
    db,
  );

test('a screen is to show the newest revision when it is pushed, and the same when the next is published', async () => {
  const { id, rawId } = await aLayout(2);
  const screen = await aDevice(runWork, { venueId });
  expect(await look(screen)).toMatchObject({
    currentLayout: null,
    display: { displayVersion: '0', desired: null, cause: null, current: false },
  });
  expect(await push({ layoutId: id, deviceIds: [deviceId(screen)] })).toMatchObject({
    message: '1 screen is told.',
    revision: { revision: 2 },
    deviceIds: [deviceId(screen)],
    push: null,
  });
  await publishAnew(rawId, 3);
  expect((await look(screen)).display).toMatchObject({
    displayVersion: '1',
    cause: 'PUSH',
    current: false,
    desired: { layoutId: id, revision: 2, regions: [{ content: { text: 'Revision 2' } }] },
    pushed: { revision: 2 },
  });
});

test('a push that names no screen goes to all that were pushed the layout, and to no other', async () => {
  const [{ id, rawId }, other] = [await aLayout(), await aLayout()];
  const [one, two, three] = [
    await aDevice(runWork, { venueId }),
    await aDevice(runWork, { venueId }),
    await aDevice(runWork, { venueId }),
  ];
  await push({ layoutId: id, deviceIds: [deviceId(one), deviceId(two)] });
  await push({ layoutId: other.id, deviceIds: [deviceId(three)] });
  await publishAnew(rawId, 2);
  expect((await push({ layoutId: id })).deviceIds.sort()).toEqual([deviceId(one), deviceId(two)].sort());
  expect((await look(one)).display.desired.revision).toBe(2);
  expect((await look(three)).display).toMatchObject({ displayVersion: '1', desired: { layoutId: other.id } });

  const { data } = await floor.ask(
    'query ($id: ID!) { layout(id: $id) { displays(first: 1) { totalCount pageInfo { endCursor } nodes { device { id } desired { revision } } } } }',
    { variables: { id } },
  );
  expect(data.layout.displays).toMatchObject({
    totalCount: 2,
    nodes: [{ device: { id: deviceId(one) }, desired: { revision: 2 } }],
  });
  const rest = await floor.ask(
    'query ($id: ID!, $after: String) { layout(id: $id) { displays(after: $after) { nodes { device { id } } } } }',
    { variables: { id, after: data.layout.displays.pageInfo.endCursor } },
  );
  expect(rest.data.layout.displays.nodes).toEqual([{ device: { id: deviceId(two) } }]);
});

test('a push to a group goes to its screens, each once, and to nothing else that is in it', async () => {
  const { id } = await aLayout();
  const [one, two, gate] = [
    await aDevice(runWork, { venueId }),
    await aDevice(runWork, { venueId }),
    await aDevice(runWork, { venueId, kind: 'GATE' }),
  ];
  const group = async (...devices: readonly { readonly id: string }[]) => {
    const input = { name: newId(), deviceIds: devices.map(deviceId) };
    const { data } = await floor.ask(
      'mutation ($input: CreateDeviceGroupInput!) { createDeviceGroup(input: $input) { ... on CreateDeviceGroupSuccess { group { id } } } }',
      { as: 'ADMIN', variables: { input } },
    );
    return data.createDeviceGroup.group.id;
  };
  const [mixed, gates] = [await group(one, two, gate), await group(gate)];
  const pushed = await push({ layoutId: id, deviceIds: [deviceId(one)], groupIds: [mixed] });
  expect(pushed.deviceIds.sort()).toEqual([deviceId(one), deviceId(two)].sort());
  expect((await look(two)).display.desired.layoutId).toBe(id);
  expect(await push({ layoutId: id, groupIds: [gates] })).toMatchObject({ code: 'API_001' });
  expect(await push({ layoutId: id, groupIds: [] })).toMatchObject({ code: 'API_001' });
  const nobody = encodeGlobalId('DeviceGroup', newId());
  expect(await push({ layoutId: id, groupIds: [nobody] })).toMatchObject({ code: 'API_002' });
});

test('only screens of the venue are shown only what is published', async () => {
  const { id } = await aLayout();
  const draft = layoutId((await aDraft(runWork, { venueId })).id);
  const screen = deviceId(await aDevice(runWork, { venueId }));
  const gate = deviceId(await aDevice(runWork, { venueId, kind: 'GATE' }));
  const nobody = encodeGlobalId('Device', newId());
  expect(await push({ layoutId: draft, deviceIds: [screen] })).toMatchObject({
    __typename: 'LayoutNotPublishedError',
    code: 'API_001',
  });
  expect(await push({ layoutId: id, deviceIds: [screen, gate] })).toMatchObject({ code: 'API_001' });
  expect(await push({ layoutId: id, deviceIds: [screen, nobody] })).toMatchObject({ code: 'API_002' });
  expect(await push({ layoutId: id, deviceIds: [] })).toMatchObject({ code: 'API_001' });
  expect((await push({ layoutId: id })).deviceIds).toEqual([]);
});

test('a push of a time is made then, of what is the newest then, unless it is called off', async () => {
  const { id, rawId } = await aLayout();
  const screen = await aDevice(runWork, { venueId });
  const planned = await push({ layoutId: id, deviceIds: [deviceId(screen)], at: inSeconds(3_600) });
  expect(planned).toMatchObject({ revision: null, deviceIds: [], push: { status: 'WAITING' } });
  const off = await push({ layoutId: id, deviceIds: [deviceId(screen)], at: inSeconds(7_200) });
  const waiting = async () =>
    (
      await floor.ask('query ($id: ID!) { layout(id: $id) { scheduledPushes { id } } }', {
        variables: { id },
      })
    ).data.layout.scheduledPushes;
  expect(await waiting()).toEqual([{ id: planned.push.id }, { id: off.push.id }]);
  expect((await cancel(off.push.id)).push).toEqual({ id: off.push.id, status: 'CANCELLED' });
  expect((await cancel(off.push.id)).push.status).toBe('CANCELLED');
  expect((await look(screen)).display.desired).toBeNull();

  await publishAnew(rawId, 2);
  await comeDue(planned.push.id);
  await eventually(async () => (await look(screen)).display.desired?.revision === 2);
  expect(await waiting()).toEqual([]);
  expect(await cancel(planned.push.id)).toMatchObject({ code: 'API_001' });
  expect(await push({ layoutId: id, at: inSeconds(400 * 86_400) })).toMatchObject({ code: 'API_001' });
});

test('a layout that screens show is deleted only for another one, and what was to come of it is called off', async () => {
  const [{ id }, instead] = [await aLayout(), await aLayout()];
  const screen = await aDevice(runWork, { venueId });
  await push({ layoutId: id, deviceIds: [deviceId(screen)] });
  const planned = await push({ layoutId: id, at: inSeconds(3_600) });
  expect(await remove({ layoutId: id, expectedVersion: 1 })).toMatchObject({
    __typename: 'LayoutInUseError',
    code: 'API_001',
    devices: 1,
    deviceIds: [deviceId(screen)],
  });
  const draft = layoutId((await aDraft(runWork, { venueId })).id);
  for (const [replaceWithLayoutId, code] of [
    [id, 'API_001'],
    [draft, 'API_001'],
    [layoutId(newId()), 'API_002'],
  ])
    expect(await remove({ layoutId: id, expectedVersion: 1, replaceWithLayoutId })).toMatchObject({ code });
  expect((await look(screen)).display.desired.layoutId).toBe(id);

  const removed = await remove({ layoutId: id, expectedVersion: 1, replaceWithLayoutId: instead.id });
  expect(removed.__typename).toBe('DeleteLayoutSuccess');
  expect((await look(screen)).display).toMatchObject({
    displayVersion: '2',
    desired: { layoutId: instead.id },
    pushed: { revision: 1 },
  });
  const { data } = await floor.ask('query ($id: ID!) { node(id: $id) { ... on LayoutPush { status } } }', {
    variables: { id: planned.push.id },
  });
  expect(data.node.status).toBe('CANCELLED');
});

test('layouts that are deleted for one another at once leave their screens with one of them', async () => {
  for (let round = 0; round < 5; round += 1) {
    const [one, other] = [await aLayout(), await aLayout()];
    const screen = await aDevice(runWork, { venueId });
    await push({ layoutId: one.id, deviceIds: [deviceId(screen)] });
    const [first, second] = await Promise.all([
      remove({ layoutId: one.id, expectedVersion: 1, replaceWithLayoutId: other.id }),
      remove({ layoutId: other.id, expectedVersion: 1, replaceWithLayoutId: one.id }),
    ]);
    const done = [first, second].filter(({ __typename }) => __typename === 'DeleteLayoutSuccess');
    expect(done).toHaveLength(1);
    expect([first.code, second.code]).toContain('API_002');
    const left = first === done[0] ? other.id : one.id;
    expect((await look(screen)).display.desired.layoutId).toBe(left);
  }
});

test('a device says that it shows what it was told, or why it cannot; what is old says nothing', async () => {
  const { id } = await aLayout(2);
  const screen = await aSignedInDevice(floor, 'SCREEN');
  const after = await floor.cursor();
  expect(await report(screen, { displayVersion: '1' })).toMatchObject({ code: 'API_001' });
  const tell = () => push({ layoutId: id, deviceIds: [deviceId(screen)] });
  await tell();

  const failed = await report(screen, { displayVersion: '1', failure: 'No room for the film.\u0007' });
  expect(failed).toMatchObject({
    message: 'It cannot show what it shall show.',
    display: {
      current: false,
      applied: null,
      failure: { displayVersion: '1', reason: 'No room for the film.' },
    },
  });
  const shown = await report(screen, { displayVersion: '1' });
  expect(shown).toMatchObject({
    message: 'It shows what it shall show.',
    display: { current: true, applied: { layoutId: id, revision: 2 }, appliedVersion: '1', failure: null },
  });
  expect(await report(screen, { displayVersion: '1' })).toEqual(shown);
  expect((await look(screen)).currentLayout).toEqual({ layoutId: id, revision: 2 });

  const other = await aLayout();
  await push({ layoutId: other.id, deviceIds: [deviceId(screen)] });
  const late = await report(screen, { displayVersion: '1', failure: 'Too late.' });
  expect(late.display).toMatchObject({
    displayVersion: '2',
    current: false,
    appliedVersion: '1',
    failure: null,
  });
  expect(await report(screen, { displayVersion: '3' })).toMatchObject({ code: 'API_001' });
  expect(await report(screen, { displayVersion: '2', failure: ' ' })).toMatchObject({ code: 'API_001' });
  await report(screen, { displayVersion: '2', failure: 'No such font.' });
  expect((await look(screen)).display).toMatchObject({
    current: false,
    applied: { revision: 2 },
    failure: { displayVersion: '2', reason: 'No such font.' },
  });

  const events = floor.follow(
    'subscription ($after: Cursor) { events(types: ["signage.layout-applied", "signage.layout-failed"], after: $after) { type payload } }',
    { variables: { after } },
  );
  const seen: unknown[] = [];
  for (let count = 0; count < 3; count += 1) {
    const { type, payload } = (await events.next()).events;
    expect(payload.deviceId).toBe(deviceId(screen));
    seen.push([type, payload.displayVersion]);
  }
  await events.end();
  expect(seen).toEqual([
    ['signage.layout-failed', '1'],
    ['signage.layout-applied', '1'],
    ['signage.layout-failed', '2'],
  ]);
});

test('who sees to the floor is told of a screen that cannot show what it shall, once in a while', async () => {
  const layout = await aPublishedLayout(runWork, { venueId, name: 'Blackjack tonight' });
  const screen = await aSignedInDevice(floor, 'SCREEN');
  await push({ layoutId: layoutId(layout.id), deviceIds: [deviceId(screen)] });
  await report(screen, { displayVersion: '1', failure: 'No room.' });
  await report(screen, { displayVersion: '1', failure: 'Still no room.' });
  const told = async () =>
    (
      await floor.ask('{ notifications(types: [LAYOUT], first: 100) { nodes { message severity data } } }')
    ).data.notifications.nodes.filter((each: Json) => each.data.deviceId === deviceId(screen));
  await eventually(async () => (await told()).length > 0);
  expect(await told()).toMatchObject([
    {
      message: expect.stringMatching(/^Screen \d+ cannot show Blackjack tonight: No room\.$/),
      severity: 'WARNING',
    },
  ]);
});

test('a long failure is told shortened, with no sign of it cut in two', async () => {
  const layout = await aPublishedLayout(runWork, { venueId, name: 'Fireworks' });
  const screen = await aSignedInDevice(floor, 'SCREEN');
  await push({ layoutId: layoutId(layout.id), deviceIds: [deviceId(screen)] });
  await report(screen, { displayVersion: '1', failure: `${'x'.repeat(199)}${'🎆'.repeat(9)}` });
  const told = await eventually(async () => {
    const { data } = await floor.ask(
      '{ notifications(types: [LAYOUT], first: 100) { nodes { message data } } }',
    );
    return data.notifications.nodes.find((each: Json) => each.data.deviceId === deviceId(screen));
  });
  expect(told.message).toMatch(/cannot show Fireworks: x{199}…$/);
});

test('a thousand screens are told in one push', { timeout: 120_000 }, async () => {
  const { id } = await aLayout();
  const ids = Array.from({ length: 1_000 }, () => newId());
  await sql`insert into device (id, venue_id, device_number, kind, serial_number, name, pairing_code_hash, created_at)
    select id, ${venueId}, 'many-' || at, 'SCREEN', 'MANY-' || at, 'Many', decode(repeat('00', 32), 'hex'), now()
    from unnest(${ids}::uuid[]) with ordinality as device (id, at)`.execute(db);
  const deviceIds = ids.map((each) => encodeGlobalId('Device', each));
  const after = await floor.cursor();
  const { deviceIds: told } = await push({ layoutId: id, deviceIds });
  expect(told).toHaveLength(1_000);
  const { data } = await floor.ask('query ($id: ID!) { layout(id: $id) { displays { totalCount } } }', {
    variables: { id },
  });
  expect(data.layout.displays.totalCount).toBe(1_000);
  await eventually(
    async () => {
      const { data } = await floor.ask(
        'query ($after: Cursor) { events(types: ["signage.layout-pushed"], after: $after, first: 1) { totalCount } }',
        { variables: { after } },
      );
      return data.events.totalCount >= 1_000;
    },
    { deadlineMs: 60_000 },
  );
  const tooMany = [...deviceIds, deviceId(await aDevice(runWork, { venueId }))];
  expect(await push({ layoutId: id, deviceIds: tooMany })).toMatchObject({ code: 'API_001' });
});
