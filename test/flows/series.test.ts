import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { addDays, dayOf } from '../../src/lib/calendar.ts';
import { aFloorApp } from '../support/app.ts';
import { aResource } from '../support/booking.ts';
import { aUser } from '../support/builders.ts';
import { transportsTo } from '../support/transports.ts';

const floor = await aFloorApp({ machines: 0 });
const { venueId } = floor;
const { runWork } = floor.app().services;
const { http, transports, signIn } = transportsTo(floor);
await Promise.all(['anna', 'bert'].map((username) => aUser(runWork, { venueId, username })));
const [anna, bert] = [(await signIn('anna')).accessToken, (await signIn('bert')).accessToken];

const BOOK = `mutation ($input: BookSeriesInput!) { bookSeries(input: $input) { __typename
  ... on BookSeriesSuccess { replayed series { id rule skipped { why startsAt slot { index state } }
    bookings(first: 20) { totalCount nodes { id status series { id } } } } }
  ... on Error { code } ... on SeriesConflictError { conflicts { why slot { date index } } } } }`;
const CANCEL = `mutation ($input: CancelSeriesInput!) { cancelSeries(input: $input) { __typename
  ... on CancelSeriesSuccess { message cancelled { id status refunded { amount } } }
  ... on Error { code } } }`;

async function aBench() {
  const { id, timeZone } = await aResource(runWork, { venueId });
  const today = dayOf(new Date(), timeZone);
  return { resourceId: encodeGlobalId('Resource', id), day: (ahead: number) => addDays(today, ahead) };
}

test.each(transports)('over %s a series is booked, read and cancelled from a day on', async (_name, ask) => {
  const { resourceId, day } = await aBench();
  const input = { resourceId, date: day(1), index: 9, rule: 'FREQ=DAILY;COUNT=4' };
  const { data } = await ask(BOOK, { token: anna, input });
  const { series } = data.bookSeries;
  expect(series).toMatchObject({ rule: input.rule, skipped: [], bookings: { totalCount: 4 } });
  for (const booking of series.bookings.nodes)
    expect(booking).toMatchObject({ status: 'BOOKED', series: { id: series.id } });

  const taken = await ask(BOOK, { token: bert, input: { ...input, date: day(3) } });
  expect(taken.data.bookSeries).toEqual({
    __typename: 'SeriesConflictError',
    code: 'API_014',
    conflicts: [3, 4].map((ahead) => ({ why: 'TAKEN', slot: { date: day(ahead), index: 9 } })),
  });
  const skipping = await ask(BOOK, { token: bert, input: { ...input, date: day(3), onConflict: 'SKIP' } });
  expect(skipping.data.bookSeries.series).toMatchObject({
    skipped: [{ slot: { index: 9, state: 'BOOKED' } }, { why: 'TAKEN' }],
    bookings: { totalCount: 2 },
  });

  const cancelling = { seriesId: series.id, from: day(3), reason: 'ill' };
  expect((await ask(CANCEL, { token: bert, input: cancelling })).data.cancelSeries.code).toBe('API_002');
  const paid = { ...cancelling, refund: 'FULL' };
  expect((await ask(CANCEL, { token: anna, input: paid })).data.cancelSeries.code).toBe('API_011');
  const cancelled = await ask(CANCEL, { token: anna, input: cancelling });
  expect(cancelled.data.cancelSeries).toMatchObject({
    message: 'Bookings cancelled: 2.',
    cancelled: [{ status: 'CANCELLED' }, { status: 'CANCELLED' }],
  });
});

test('a key books a series once, and gives its refusal again with its conflicts', async () => {
  const { resourceId, day } = await aBench();
  const input = { resourceId, date: day(1), index: 9, rule: 'FREQ=DAILY;COUNT=2', idempotencyKey: 'weekly' };
  const ask = async (token: string, fields: object = {}) =>
    (await http(BOOK, { token, input: { ...input, ...fields } })).data.bookSeries;
  const first = await ask(anna);
  expect(await ask(anna)).toMatchObject({ replayed: true, series: { id: first.series.id } });
  expect(await ask(anna, { rule: 'FREQ=DAILY;COUNT=3' })).toMatchObject({ code: 'API_004' });
  const refusal = await ask(bert);
  expect(refusal.conflicts).toHaveLength(2);
  await http(CANCEL, { token: anna, input: { seriesId: first.series.id } });
  expect(await ask(bert)).toEqual(refusal);
  expect(await ask(bert, { idempotencyKey: 'another' })).toMatchObject({ replayed: false });
});
