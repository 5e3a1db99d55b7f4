import { expect, test } from 'vitest';
import { cancelBooking } from '../../src/booking/booking-service.ts';
import { holdSlot } from '../../src/booking/slot-hold-service.ts';
import type { BulkExportKind } from '../../src/export/bulk-export.ts';
import { decodeIdOf, encodeGlobalId } from '../../src/graphql/ids.ts';
import { DEFAULT_LIMITS } from '../../src/http/limits.ts';
import { settleDue } from '../../src/parking/session-settlement.ts';
import { aFloorApp } from '../support/app.ts';
import { aBooking, aResource, DESK, dayAhead } from '../support/booking.ts';
import { aUser } from '../support/builders.ts';
import {
  exported,
  fetchExport,
  followExports,
  linesOf,
  START_EXPORT,
  sha256Of,
} from '../support/bulk-export.ts';
import { eventually } from '../support/deadline.ts';
import { aDeposit, apply, aWallet } from '../support/money.ts';
import { someStays } from '../support/parking.ts';
import { filesOn } from '../support/uploads.ts';

/** What is exported: it is asked for, waited for by its event, fetched, and compared with the list. */

// A day of slots with all that is in them costs more than one operation may.
const limits = { ...DEFAULT_LIMITS, maxComplexity: 100_000 };
const floor = await aFloorApp({ machines: 2, settings: { limits } });
await floor.online();
const { venueId } = floor;
const { db, runWork } = floor.app().services;
const { id: userId } = await aUser(runWork, { venueId });
const resource = await aResource(runWork, { venueId, capacity: 2 });
const other = await aResource(runWork, { venueId });
const day = dayAhead(resource);
const RESOURCE = encodeGlobalId('Resource', resource.id);
const MACHINE = floor.machineIds[0] ?? '';

const book = (index: number, resourceId = resource.id) =>
  aBooking(runWork, { venueId, userId, slot: { resourceId, day, index } });
const { id: bookingId } = await book(3);
await runWork(DESK, (work) =>
  cancelBooking(work, {
    venueId,
    bookingId,
    reason: 'The "line" broke; a separator: \u2028',
    refund: 'RULE',
  }),
);
for (const index of [4, 4, 9]) await book(index);
await book(5, other.id);
await runWork(DESK, (work) =>
  holdSlot(work, {
    venueId,
    userId,
    slot: { resourceId: other.id, day, index: 7 },
    expiresInSeconds: 600,
    holdsPrice: false,
  }),
);
const wallet = await aWallet(runWork, { venueId });
for (const amountMinor of [100n, 250n, 1n])
  await apply(runWork, [aDeposit({ venueId, walletId: wallet.id, amountMinor })]);
const { DueParkingSession = '' } = await someStays(runWork, { venueId, userId });
await runWork(DESK, (work) =>
  settleDue(work, {
    venueId,
    sessionId: decodeIdOf('ParkingSession', DueParkingSession),
    how: 'WAIVED',
    note: 'the barrier was open',
    expectedVersion: 2,
  }),
);

const BOOKING = `id resource { id name } ownerId startsAt endsAt status paid { amount currency }
  refunded { amount currency } bookedAt cancelledAt cancelReason checkedInAt changedAt version`;
const SLOT = `id resource { id name } date index startsAt endsAt state free price { amount currency }
  bookings { id ownerId status } blockReason blockId`;
const ENTRY = `transaction { id kind reason reference postedAt reverses { id } } wallet { id ownerId } houseAccount
  amount { amount currency } balanceAfter { amount currency } version effectiveAt`;
const EVENT = 'id machine { id name } type exceptionCode label data occurredAt';
const STAY = `id lot { id name } space { id } ownerId plate reservationId startedAt until overdueAt endedAt
  charge { amount currency } paid { amount currency } due { amount currency }
  settlement { amount { amount currency } how at note } changedAt version`;
const AUDIT = 'id sequence at type actor { kind id } address requestId data hash';

const READINGS = `{ machine(id: "${MACHINE}") { id meterHistory(codes: [COIN_IN, COIN_OUT, GAMES_PLAYED], interval: READING) {
  code at value delta resets } } }`;
/** Nobody plays: each is read once. */
await eventually(async () => {
  const { data } = await floor.ask(READINGS, { as: 'AUDITOR' });
  return data.machine.meterHistory.length === 3;
});

type Row = Record<string, unknown>;
const oldestFirst = ({ nodes }: { nodes: Row[] }) => [...nodes].reverse();

/** Of each kind what its list shows. Nothing of it happens meanwhile but what goes on record. */
const LISTS: Readonly<
  Record<
    BulkExportKind,
    { readonly filter?: object; readonly query: string; readonly rows: (data: never) => Row[] }
  >
> = {
  SLOTS: {
    filter: { from: `${day}T00:00:00Z`, to: `${day}T12:00:00Z`, resourceIds: [RESOURCE] },
    query: `{ slots(resourceId: "${RESOURCE}", date: "${day}") { slots { ${SLOT} } } }`,
    rows: ({ slots }: { slots: { slots: (Row & { startsAt: string })[] } }) =>
      slots.slots.filter(({ startsAt }) => startsAt >= `${day}T00` && startsAt < `${day}T12`),
  },
  BOOKINGS: {
    query: `{ list: bookings(first: 100) { nodes { ${BOOKING} } } }`,
    rows: ({ list }: { list: { nodes: Row[] } }) => oldestFirst(list),
  },
  LEDGER_ENTRIES: {
    query: `{ list: ledgerTransactions(first: 100) { nodes { entries { ${ENTRY} } } } }`,
    rows: ({ list }: { list: { nodes: { entries: Row[] }[] } }) =>
      oldestFirst(list).flatMap(({ entries }) => entries as Row[]),
  },
  MACHINE_EVENTS: {
    filter: { machineIds: [MACHINE] },
    query: `{ list: machineEvents(first: 100, machineIds: ["${MACHINE}"]) { nodes { ${EVENT} } } }`,
    rows: ({ list }: { list: { nodes: Row[] } }) => oldestFirst(list),
  },
  METER_READINGS: {
    filter: { machineIds: [MACHINE] },
    query: READINGS,
    rows: ({ machine: { id, meterHistory } }: { machine: { id: string; meterHistory: Row[] } }) =>
      meterHistory.map((point) => ({ machine: { id }, ...point })),
  },
  PARKING_SESSIONS: {
    query: `{ list: parkingSessions(first: 100) { nodes { ${STAY} } } }`,
    rows: ({ list }: { list: { nodes: Row[] } }) => oldestFirst(list),
  },
  AUDIT_ENTRIES: {
    filter: { to: new Date().toISOString() },
    query: `{ list: auditLog(first: 100, to: "${new Date().toISOString()}") { nodes { ${AUDIT} } } }`,
    rows: ({ list }: { list: { nodes: Row[] } }) => oldestFirst(list),
  },
};

test.each(Object.entries(LISTS))(
  '%s: each row of the list is a line once, as the list writes it',
  async (kind, list) => {
    const one = await exported(floor, {
      as: 'AUDITOR',
      kind: kind as BulkExportKind,
      filter: list.filter ?? {},
    });
    expect(one).toMatchObject({ status: 'DONE', failure: null, requestedBy: { kind: 'USER' } });
    const response = await fetchExport(floor, one.url ?? '', { as: 'AUDITOR' });
    expect(response.status).toBe(200);
    const text = await response.text();
    const answer = await floor.ask(list.query, { as: 'AUDITOR' });
    expect(answer.errors).toBeUndefined();
    const rows = list.rows(answer.data as never);
    expect(rows.length).toBeGreaterThan(0);
    // Meters are told machine by machine and meter by meter, and more of them than the query names.
    const lines =
      kind === 'METER_READINGS'
        ? linesOf(text).filter(({ code }) => rows.some((row) => row.code === code))
        : linesOf(text);
    const sorted = (all: readonly Row[]) =>
      kind === 'METER_READINGS'
        ? all.map((row) => JSON.stringify(row)).sort()
        : all.map((row) => JSON.stringify(row));
    expect(sorted(lines)).toEqual(sorted(rows));
    expect({ ...one, status: undefined }).toMatchObject({
      rowCount: String(linesOf(text).length),
      byteCount: String(Buffer.byteLength(text)),
      sha256: sha256Of(text),
    });
    expect(text.split('\n')).toHaveLength(linesOf(text).length + 1);
  },
);

test('a file is fetched in parts, is kept by nobody on the way, and nothing of it is asked again', async () => {
  const { id, url, byteCount } = await exported(floor, { kind: 'BOOKINGS' });
  const whole = await fetchExport(floor, url ?? '');
  expect(Object.fromEntries(whole.headers)).toMatchObject({
    'content-type': 'application/jsonl',
    'cache-control': 'no-store',
    'content-length': byteCount,
    'x-content-type-options': 'nosniff',
    'content-disposition': expect.stringMatching(
      /^attachment; filename\*=UTF-8''bookings-\d{4}-\d\d-\d\d\.jsonl$/,
    ),
  });
  const text = await whole.text();
  const part = await fetchExport(floor, url ?? '', { headers: { range: 'bytes=5-14' } });
  expect([part.status, await part.text()]).toEqual([206, text.slice(5, 15)]);
  const etag = whole.headers.get('etag') ?? '';
  const known = await fetchExport(floor, url ?? '', { headers: { 'if-none-match': etag } });
  expect(known.status).toBe(304);
  const READS = '{ auditLog(types: ["export.file-read"], first: 2) { nodes { data actor { kind } } } }';
  const read = { data: { bulkExportId: id, kind: 'BOOKINGS' }, actor: { kind: 'USER' } };
  await eventually(async () => {
    const { data } = await floor.ask(READS, { as: 'ADMIN' });
    expect(data.auditLog.nodes).toEqual([read, read]);
    return true;
  });
});

test('of nothing there is an empty file', async () => {
  const filter = { from: '2001-01-01T00:00:00Z', to: '2001-01-02T00:00:00Z' };
  const one = await exported(floor, { kind: 'BOOKINGS', filter });
  expect(one).toMatchObject({ status: 'DONE', rowCount: '0', byteCount: '0' });
  const response = await fetchExport(floor, one.url ?? '');
  expect([response.status, await response.text()]).toEqual([200, '']);
});

test('the same key starts one export, and another input with it none', async () => {
  const input = { kind: 'BOOKINGS', filter: { resourceIds: [RESOURCE] }, idempotencyKey: 'the-same' };
  const start = async (changed: object = {}) =>
    (await floor.ask(START_EXPORT, { variables: { input: { ...input, ...changed } } })).data.startBulkExport;
  const answers = await Promise.all([start(), start(), start()]);
  expect(new Set(answers.map(({ bulkExport }) => bulkExport.id)).size).toBe(1);
  expect(answers.map(({ replayed }) => replayed).sort()).toEqual([false, true, true]);
  expect(await start({ kind: 'SLOTS' })).toMatchObject({ code: 'API_001' });
  expect(await start({ filter: {} })).toMatchObject({ code: 'API_004' });
});

test.each([
  ['SLOTS have no end', { kind: 'SLOTS' }, 'API_001'],
  [
    'an end before the beginning',
    { kind: 'BOOKINGS', filter: { from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' } },
    'API_001',
  ],
  ['what the kind does not have', { kind: 'BOOKINGS', filter: { machineIds: [MACHINE] } }, 'API_001'],
  ['no resources', { kind: 'BOOKINGS', filter: { resourceIds: [] } }, 'API_001'],
  [
    'a time that is too long',
    { kind: 'SLOTS', filter: { from: '2026-01-01T00:00:00Z', to: '2028-01-01T00:00:00Z' } },
    'API_001',
  ],
  [
    'what is not there',
    { kind: 'BOOKINGS', filter: { resourceIds: [encodeGlobalId('Resource', venueId)] } },
    'API_002',
  ],
])('%s is refused', async (_why, input, code) => {
  const { data } = await floor.ask(START_EXPORT, {
    variables: { input: { ...input, idempotencyKey: 'refused' } },
  });
  expect(data.startBulkExport).toMatchObject({ code });
});

test('of what is over nothing is cancelled', async () => {
  const { id } = await exported(floor, { kind: 'BOOKINGS' });
  const CANCEL = `mutation ($input: CancelBulkExportInput!) { cancelBulkExport(input: $input) { __typename
    ... on CancelBulkExportSuccess { bulkExport { status } } ... on Error { code } } }`;
  const cancel = async (as: 'OPERATOR' | 'AUDITOR' | 'FOREIGN_ADMIN') =>
    (await floor.ask(CANCEL, { as, variables: { input: { bulkExportId: id } } })).data.cancelBulkExport;
  expect(await cancel('OPERATOR')).toMatchObject({ code: 'API_001' });
  expect(await cancel('AUDITOR')).toMatchObject({ code: 'API_011' });
  expect(await cancel('FOREIGN_ADMIN')).toMatchObject({ code: 'API_002' });
});

test('when its time is over a file is gone, and everybody who waits is told', async () => {
  const { id, url } = await exported(floor, { kind: 'PARKING_SESSIONS' });
  const before = await filesOn(floor);
  const { data } = await floor.ask('{ cursor }');
  const frames = followExports(floor, { bulkExportId: id, after: data.cursor });
  await db.updateTable('bulk_export').set({ expires_at: new Date() }).where('status', '=', 'DONE').execute();
  const { bulkExports } = await frames.next();
  expect(bulkExports).toMatchObject({ id, status: 'EXPIRED', url: null });
  expect((await fetchExport(floor, url ?? '')).status).toBe(404);
  await eventually(async () => (await filesOn(floor)).length < before.length);
});
