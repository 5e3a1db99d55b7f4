import { expect, test } from 'vitest';
import { BULK_EXPORT_KINDS, type BulkExportKind } from '../../src/export/bulk-export.ts';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import type { Role, Scope } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import { type Asker, aFloorApp } from '../support/app.ts';
import { anApiKey, aUser, PASSWORD } from '../support/builders.ts';
import { aBulkExport, exported, fetchExport, followExports, START_EXPORT } from '../support/bulk-export.ts';
import { eventually } from '../support/deadline.ts';
import { httpClient } from '../support/http-client.ts';
import { withinASecond } from '../support/within-a-second.ts';

/** Who may export what, fetch it, and know of it. */

const floor = await aFloorApp({ machines: 1 });
await floor.online();
const { venueId } = floor;
const { auth, runWork } = floor.app().services;
const FILTER = { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' };
const LIST = '{ bulkExports(first: 100) { nodes { id kind } } }';
const SET = 'mutation ($input: SetUserRolesInput!) { setUserRoles(input: $input) { __typename } }';

const inputOf = (kind: BulkExportKind) => ({ kind, filter: FILTER, idempotencyKey: newId() });

/** What of all kinds somebody with these credentials may export. */
async function exportable(token: string): Promise<readonly BulkExportKind[]> {
  const { post } = httpClient(floor.app().url);
  const kinds: BulkExportKind[] = [];
  for (const kind of BULK_EXPORT_KINDS) {
    const variables = { input: inputOf(kind) };
    const { body } = await post({ query: START_EXPORT, variables }, { authorization: `Bearer ${token}` });
    if (body.data?.startBulkExport?.__typename === 'StartBulkExportSuccess') kinds.push(kind);
    else expect([kind, body.errors?.[0]?.extensions.code]).toEqual([kind, 'AUTH_004']);
  }
  return kinds;
}

const RECORD: BulkExportKind = 'AUDIT_ENTRIES';
test.each<[Asker, readonly BulkExportKind[]]>([
  ['ADMIN', BULK_EXPORT_KINDS],
  ['AUDITOR', BULK_EXPORT_KINDS],
  ['OPERATOR', BULK_EXPORT_KINDS.filter((kind) => kind !== RECORD)],
  ['PLAYER', []],
  ['DEVICE', []],
])('%s exports what he sees all of', async (as, kinds) => {
  expect(await exportable(await floor.token(as))).toEqual(kinds);
});

test.each<[readonly Scope[], readonly BulkExportKind[]]>([
  [['MACHINES_READ'], ['MACHINE_EVENTS', 'METER_READINGS']],
  [['WALLETS_READ'], ['LEDGER_ENTRIES']],
  // It shows what can be booked, and not who has.
  [['BOOKINGS_READ'], []],
  [
    ['BOOKINGS_READ', 'BOOKINGS_MANAGE'],
    ['SLOTS', 'BOOKINGS'],
  ],
  [['PARKING_READ', 'PARKING_MANAGE'], ['PARKING_SESSIONS']],
  [['PARKING_MANAGE'], []],
])('an API key with %j exports %j', async (scopes, kinds) => {
  const { secret } = await anApiKey(runWork, { venueId, scopes: [...scopes] });
  expect(await exportable(secret)).toEqual(kinds);
});

test('who sees none of the rows does not find the export, nor its file, nor hears of it', async () => {
  const { id, url } = await exported(floor, { as: 'ADMIN', kind: RECORD, filter: FILTER });
  const ASK = 'query ($id: ID!) { bulkExport(id: $id) { id } }';
  const askFor = async (as: Asker) => {
    const { data, errors } = await floor.ask(ASK, { as, variables: { id } });
    return data?.bulkExport?.id ?? errors?.[0]?.extensions.code;
  };
  const statusFor = async (as: Asker | null) => (await fetchExport(floor, url ?? '', { as })).status;
  const listed = async (as: Asker) => {
    const { data, errors } = await floor.ask(LIST, { as });
    return (
      data?.bulkExports?.nodes.some((node: { id: string }) => node.id === id) ?? errors?.[0]?.extensions.code
    );
  };
  const seenBy = async (as: Asker) => [await askFor(as), await statusFor(as), await listed(as)];
  expect(await seenBy('AUDITOR')).toEqual([id, 200, true]);
  expect(await seenBy('OPERATOR')).toEqual(['API_002', 404, false]);
  expect(await seenBy('FOREIGN_ADMIN')).toEqual(['API_002', 404, false]);
  expect(await seenBy('PLAYER')).toEqual(['API_002', 404, 'AUTH_004']);
  expect(await statusFor('DEVICE')).toBe(404);
  expect(await statusFor(null)).toBe(401);

  await allOver();
  const { data } = await floor.ask('{ cursor }');
  const frames = followExports(floor, { after: data.cursor });
  await exported(floor, { as: 'ADMIN', kind: RECORD, filter: FILTER });
  const own = await exported(floor, { kind: 'BOOKINGS', filter: FILTER });
  const { bulkExports } = await frames.next();
  expect(bulkExports.id).toBe(own.id);
});

test('a file is not for who has lost his role since, whoever asked for it', async () => {
  const { id: userId } = await aUser(runWork, { venueId, roles: ['OPERATOR'], username: 'clerk' });
  const { accessToken } = await auth.login({ identifier: 'clerk', password: PASSWORD }, {});
  const headers = { authorization: `Bearer ${accessToken}` };
  const { body } = await httpClient(floor.app().url).post(
    { query: START_EXPORT, variables: { input: inputOf('BOOKINGS') } },
    headers,
  );
  const { id } = body.data.startBulkExport.bulkExport;
  const frames = followExports(floor, { bulkExportId: id, after: await beginning() });
  const { bulkExports } = await frames.until((frame) => frame.bulkExports.status === 'DONE');
  const status = async () => (await fetch(bulkExports.url ?? '', { headers })).status;
  expect(await status()).toBe(200);
  const setRoles = async (roles: readonly Role[]) => {
    const input = { userId: encodeGlobalId('User', userId), roles };
    const { data } = await floor.ask(SET, { as: 'ADMIN', variables: { input } });
    expect(data.setUserRoles.__typename).toBe('SetUserRolesSuccess');
  };
  await setRoles(['PLAYER']);
  await withinASecond(floor, () => eventually(async () => (await status()) === 404));
  await setRoles([]);
  await withinASecond(floor, () => eventually(async () => (await status()) === 401));
});

/** Waits until nothing is written any more of what was asked for so far. */
async function allOver(): Promise<void> {
  const { db } = floor.app().services;
  const open = db.selectFrom('bulk_export').select('id').where('status', 'in', ['PENDING', 'RUNNING']);
  await eventually(async () => (await open.execute()).length === 0);
}

/** Before anything that a stream could tell. */
async function beginning(): Promise<string> {
  const { data } = await floor.ask('{ events(first: 1, types: ["export.started"]) { nodes { cursor } } }', {
    as: 'ADMIN',
  });
  return data.events.nodes[0].cursor;
}

test('ADMIN may give up what others started; others who see it may not', async () => {
  const one = await aBulkExport(runWork, { venueId });
  const CANCEL = `mutation ($input: CancelBulkExportInput!) { cancelBulkExport(input: $input) { __typename ... on Error { code } } }`;
  const variables = { input: { bulkExportId: encodeGlobalId('BulkExport', one.id) } };
  const cancel = async (as: Asker) => {
    const { data, errors } = await floor.ask(CANCEL, { as, variables });
    return data?.cancelBulkExport?.code ?? data?.cancelBulkExport?.__typename ?? errors?.[0]?.extensions.code;
  };
  expect(await cancel('OPERATOR')).toBe('API_011');
  expect(await cancel('FOREIGN_ADMIN')).toBe('API_002');
  // It may be over by now, and then there is nothing to give up.
  expect(['CancelBulkExportSuccess', 'API_001']).toContain(await cancel('ADMIN'));
});
