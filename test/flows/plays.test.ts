import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';
import { deleteLayout } from '../../src/signage/layout-deletion.ts';
import { deleteMedia } from '../../src/signage/media-service.ts';
import { prunePlays } from '../../src/signage/play-store.ts';
import { aFloorApp } from '../support/app.ts';
import { DESK } from '../support/booking.ts';
import { aVenue } from '../support/builders.ts';
import { aSignedInDevice, type SignedInDevice } from '../support/device.ts';
import { aPublishedLayout } from '../support/layout.ts';
import { aMedium } from '../support/uploads.ts';

const floor = await aFloorApp({ machines: 0 });
const { runWork } = floor.app().services;
const { venueId } = floor;
const screen = await aSignedInDevice(floor, 'SCREEN');
const another = await aSignedInDevice(floor, 'SCREEN');

const REPORT = `mutation ($input: ReportPlaysInput!) { reportPlays(input: $input) { __typename
  ... on Error { code } ... on ReportPlaysSuccess { message outcomes } } }`;
const PROOF = `query ($deviceId: ID, $layoutId: ID, $mediaId: ID, $from: DateTime, $to: DateTime, $first: Int) {
  proofOfPlay(deviceId: $deviceId, layoutId: $layoutId, mediaId: $mediaId, from: $from, to: $to, first: $first) { totalCount durationMs
    nodes { playId batchId layoutName revision regionId regionName mediaName startedAt durationMs device { id } }
    byDevice: totals(by: DEVICE) { device { id } layoutId plays durationMs }
    byLayout: totals(by: LAYOUT) { layoutId name plays durationMs }
    byMedium: totals(by: MEDIA) { mediaId name plays durationMs } } }`;

const idOf = (type: string, id: string) => encodeGlobalId(type, id);
const report = async (device: SignedInDevice, plays: readonly object[], batchId = newId()) => {
  const { data, errors } = await device.ask(REPORT, { input: { batchId, plays } });
  return data?.reportPlays ?? errors;
};
const proof = async (variables: object) =>
  (await floor.ask(PROOF, { variables: { ...variables } })).data.proofOfPlay;
const aLayout = async (name: string) =>
  idOf('Layout', (await aPublishedLayout(runWork, { venueId, name })).id);
const play = (layoutId: string, overrides: object = {}) => ({
  playId: newId(),
  layoutId,
  revision: 1,
  startedAt: new Date().toISOString(),
  durationMs: 10_000,
  ...overrides,
});

test('what a screen showed is on record once, however often and in whatever parts it is told', async () => {
  const layoutId = await aLayout('Once');
  const [first, second, third] = [play(layoutId), play(layoutId, { regionId: 'text' }), play(layoutId)];
  expect(await report(screen, [first, second], 'batch-1')).toEqual({
    __typename: 'ReportPlaysSuccess',
    message: '2 of 2 plays were put on record.',
    outcomes: ['RECORDED', 'RECORDED'],
  });
  // The answer got lost, and meanwhile there was more, and the same number for something else.
  const other = { ...first, durationMs: 1 };
  expect(await report(screen, [other, second, third, third], 'batch-2')).toMatchObject({
    outcomes: ['REPEATED', 'REPEATED', 'RECORDED', 'REPEATED'],
  });
  const outcomes = await Promise.all(Array.from({ length: 8 }, () => report(screen, [second, third, first])));
  for (const { outcomes: each } of outcomes) expect(each).toEqual(['REPEATED', 'REPEATED', 'REPEATED']);
  const { nodes, totalCount, durationMs } = await proof({ layoutId });
  expect([totalCount, durationMs]).toEqual([3, '30000']);
  expect(nodes).toContainEqual({
    playId: second.playId,
    batchId: 'batch-1',
    layoutName: 'Once',
    revision: 1,
    regionId: 'text',
    regionName: 'text',
    mediaName: null,
    startedAt: second.startedAt,
    durationMs: 10_000,
    device: { id: idOf('Device', screen.id) },
  });
});

test('of reports that race to tell the same plays one counts, and the numbers of another screen are others', async () => {
  const layoutId = await aLayout('Raced');
  const plays = Array.from({ length: 20 }, () => play(layoutId));
  const reports = await Promise.all([
    ...Array.from({ length: 6 }, () => report(screen, plays)),
    report(another, plays),
  ]);
  const recorded = reports.map(
    ({ outcomes }) => outcomes.filter((outcome: string) => outcome === 'RECORDED').length,
  );
  expect(recorded.at(-1)).toBe(20);
  expect(recorded.slice(0, -1).reduce((sum, count) => sum + count, 0)).toBe(20);
  expect((await proof({ layoutId })).totalCount).toBe(40);
});

test('clocks that run wrong, and what never was published here, are told apart from what is kept', async () => {
  const layoutId = await aLayout('Judged');
  const { id: elsewhere } = await aVenue(runWork);
  const foreign = idOf('Layout', (await aPublishedLayout(runWork, { venueId: elsewhere })).id);
  const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
  expect(
    await report(screen, [
      play(layoutId, { startedAt: inMinutes(4) }),
      play(layoutId, { startedAt: inMinutes(6) }),
      play(layoutId, { startedAt: inMinutes(-60) }),
      play(layoutId, { revision: 2 }),
      play(layoutId, { regionId: 'nowhere' }),
      play(foreign),
      play(idOf('Layout', newId())),
    ]),
  ).toMatchObject({
    message: '1 of 7 plays were put on record.',
    outcomes: [
      'RECORDED',
      'WRONG_CLOCK',
      'WRONG_CLOCK',
      'UNKNOWN_LAYOUT',
      'UNKNOWN_REGION',
      'UNKNOWN_LAYOUT',
      'UNKNOWN_LAYOUT',
    ],
  });
  expect((await proof({ layoutId })).totalCount).toBe(1);
});

test.each([
  ['a number with a blank', { playId: 'a b' }],
  ['no time at all', { durationMs: 0 }],
  ['more than a day', { durationMs: 86_400_001 }],
  ['no revision', { revision: 0 }],
])('%s refuses the report', async (_, overrides) => {
  const layoutId = await aLayout(newId());
  expect(await report(screen, [play(layoutId), play(layoutId, overrides)])).toMatchObject({
    code: 'API_001',
  });
  expect((await proof({ layoutId })).totalCount).toBe(0);
});

test('a report has 500 plays at most, and only a device reports', async () => {
  const layoutId = await aLayout('Many');
  const plays = Array.from({ length: 501 }, () => play(layoutId));
  expect(await report(screen, plays)).toMatchObject({ code: 'API_001' });
  expect(await report(screen, [])).toMatchObject({ code: 'API_001' });
  expect((await report(screen, plays.slice(1))).outcomes).toHaveLength(500);
  const { errors } = await floor.ask(REPORT, {
    as: 'ADMIN',
    variables: { input: { batchId: 'x', plays: [play(layoutId)] } },
  });
  expect(errors?.[0]?.extensions.code).toBe('AUTH_004');
});

test('plays are found by screen, layout and time, and summed up, the longest shown first', async () => {
  const [long, short] = [await aLayout('Long'), await aLayout('Short')];
  const fresh = await aSignedInDevice(floor, 'SCREEN');
  const deviceId = idOf('Device', fresh.id);
  const at = (seconds: number) => new Date(Date.now() + seconds * 1_000).toISOString();
  const [early, late] = [at(-30), at(-10)];
  await report(fresh, [
    play(short, { startedAt: early }),
    play(long, { startedAt: late, durationMs: 86_400_000 }),
    play(long, { startedAt: late, durationMs: 86_400_000 }),
  ]);
  const page = await proof({ deviceId, first: 1 });
  expect(page).toMatchObject({ totalCount: 3, durationMs: '172810000', nodes: [{ layoutName: 'Long' }] });
  expect(page.byLayout).toEqual([
    { layoutId: long, name: 'Long', plays: 2, durationMs: '172800000' },
    { layoutId: short, name: 'Short', plays: 1, durationMs: '10000' },
  ]);
  expect(page.byDevice).toEqual([
    { device: { id: deviceId }, layoutId: null, plays: 3, durationMs: '172810000' },
  ]);
  expect((await proof({ deviceId, to: late })).totalCount).toBe(1);
  expect((await proof({ deviceId, from: late, layoutId: long })).totalCount).toBe(2);
});

test('a medium is found by what it was called when it was shown, also after it was deleted', async () => {
  const layoutId = await aLayout('With a poster');
  const medium = await aMedium(runWork, { venueId, name: 'Poster' });
  const mediaId = idOf('Media', medium.id);
  const fresh = await aSignedInDevice(floor, 'SCREEN');
  await report(fresh, [play(layoutId, { mediaId }), play(layoutId)]);
  await runWork(DESK, (work) => deleteMedia(work, { venueId, mediaId: medium.id, detach: false }));
  expect(
    await report(fresh, [play(layoutId, { mediaId }), play(layoutId, { mediaId: idOf('Media', newId()) })]),
  ).toMatchObject({
    outcomes: ['RECORDED', 'UNKNOWN_MEDIA'],
  });
  const { totalCount, nodes, byMedium } = await proof({ mediaId });
  expect([totalCount, nodes[0].mediaName]).toEqual([2, 'Poster']);
  expect(byMedium).toEqual([{ mediaId, name: 'Poster', plays: 2, durationMs: '20000' }]);
  expect((await proof({ deviceId: idOf('Device', fresh.id) })).byMedium).toEqual(byMedium);
});

test('what was shown outlives its layout, and is forgotten past its retention', async () => {
  const { id, version } = await aPublishedLayout(runWork, { venueId, name: 'Gone soon' });
  const layoutId = idOf('Layout', id);
  const longAgo = new Date(Date.now() - 4 * 60_000);
  const old = () => play(layoutId, { startedAt: longAgo.toISOString() });
  const fresh = await aSignedInDevice(floor, 'SCREEN');
  expect(await report(fresh, [old(), old(), play(layoutId)])).toMatchObject({
    outcomes: ['RECORDED', 'RECORDED', 'RECORDED'],
  });
  await runWork(DESK, (work) =>
    deleteLayout(work, { venueId, layoutId: id, expectedVersion: version, replaceWithLayoutId: null }),
  );
  const { nodes } = await proof({ layoutId });
  expect(nodes.map(({ layoutName }: { layoutName: string }) => layoutName)).toEqual([
    'Gone soon',
    'Gone soon',
    'Gone soon',
  ]);
  const before = new Date(longAgo.getTime() + 1);
  const prune = () => runWork(DESK, ({ tx }) => prunePlays(tx, { before, limit: 1 }));
  expect([await prune(), await prune(), await prune()]).toEqual([1, 1, 0]);
  expect((await proof({ layoutId })).totalCount).toBe(1);
});
