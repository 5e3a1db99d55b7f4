import { expect, test } from 'vitest';
import { RefusedError, sendContentSync, sendLayoutUpdate } from '../../src/client/floor-client.ts';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';
import { aDevice } from '../support/builders.ts';
import { aDraft, aPublishedLayout } from '../support/layout.ts';
import { aClientFloor, heard } from './floor.ts';

/** What an app tells screens, by the two mutations. */
const { floor, client } = await aClientFloor();
const { runWork } = floor.app().services;
const { venueId } = floor;
const layoutId = encodeGlobalId('Layout', (await aPublishedLayout(runWork, { venueId })).id);
const aScreenId = async () => encodeGlobalId('Device', (await aDevice(runWork, { venueId })).id);

const SHOWN = `query ($id: ID!) { node(id: $id) { ... on Device {
  display { desired { layoutId revision } } } } }`;
const shown = async (id: string) =>
  (await floor.ask(SHOWN, { variables: { id } })).data.node.display?.desired ?? null;
const refusalOf = (sent: Promise<unknown>) => sent.catch((error: unknown) => error);

test('a layout update is for the screens that are named, and without names for those that have it', async () => {
  const app = client();
  const [one, other, without] = [await aScreenId(), await aScreenId(), await aScreenId()];
  for (const deviceId of [one, other])
    expect(await sendLayoutUpdate(app, { layoutId, deviceIds: [deviceId] })).toEqual({
      deviceIds: [deviceId],
      revision: 1,
      push: null,
    });
  expect(await shown(other)).toEqual({ layoutId, revision: 1 });
  expect(await shown(without)).toBeNull();
  expect(new Set((await sendLayoutUpdate(app, { layoutId })).deviceIds)).toEqual(new Set([one, other]));
});

test('a layout update for later says when, and shows nothing yet', async () => {
  const deviceId = await aScreenId();
  const at = new Date(Date.now() + 86_400_000);
  const sent = await sendLayoutUpdate(client(), { layoutId, deviceIds: [deviceId], at });
  expect(sent).toMatchObject({ deviceIds: [], revision: null, push: { id: expect.any(String) } });
  expect(new Date(sent.push?.at ?? 0)).toEqual(at);
  expect(await shown(deviceId)).toBeNull();
});

test('what is synced is heard by who follows it, data and all', async () => {
  const app = client();
  const frames: unknown[] = [];
  const query = `subscription ($after: Cursor) {
    contentSync(contentTypes: [LAYOUT], after: $after) { contentType contentId action data cursor }
  }`;
  app.on(
    { query, variables: { after: await floor.cursor() } },
    { next: ({ data }) => void frames.push(data) },
  );
  const announced = { contentType: 'LAYOUT', contentId: layoutId, action: 'UPDATE' } as const;
  expect(await sendContentSync(app, { ...announced, data: { of: ['the bar', 1] } })).toEqual(announced);
  await heard(() => frames.length === 1);
  expect(frames).toMatchObject([{ contentSync: { ...announced, data: { of: ['the bar', 1] } } }]);
});

test('what is refused is thrown with its code, whether the answer says it or its errors do', async () => {
  const draft = encodeGlobalId('Layout', (await aDraft(runWork, { venueId })).id);
  const contentId = encodeGlobalId('Media', newId());
  const gone = { contentType: 'MEDIA', contentId, action: 'UPDATE' } as const;
  const player = client({ token: () => floor.token('PLAYER') });
  const refusals = [
    await refusalOf(sendLayoutUpdate(client(), { layoutId: draft, deviceIds: [await aScreenId()] })),
    await refusalOf(sendContentSync(client(), gone)),
    await refusalOf(sendLayoutUpdate(player, { layoutId })),
    await refusalOf(sendContentSync(player, gone)),
  ];
  for (const refusal of refusals) expect(refusal).toBeInstanceOf(RefusedError);
  expect(refusals).toMatchObject([
    { code: 'API_001' },
    { code: 'API_002' },
    { code: 'AUTH_004' },
    { code: 'AUTH_004' },
  ]);
});
