import { sql } from 'kysely';
import { afterAll, expect, test } from 'vitest';
import { AUTH_EXPORTERS } from '../../src/auth/data-exporters.ts';
import { BOOKING_EXPORTERS } from '../../src/booking/data-exporter.ts';
import { openDatabase } from '../../src/db/database.ts';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { system } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import { MACHINE_EXPORTERS } from '../../src/machine/data-exporter.ts';
import { CHANNEL_EXPORTERS } from '../../src/notification/channel-data-exporter.ts';
import { NOTIFICATION_EXPORTERS } from '../../src/notification/data-exporter.ts';
import { PARKING_EXPORTERS } from '../../src/parking/data-exporter.ts';
import { reserveParking } from '../../src/parking/reservation-service.ts';
import { startWalkIn } from '../../src/parking/session-service.ts';
import { WALLET_EXPORTERS } from '../../src/wallet/data-exporter.ts';
import { applyOneToLedger } from '../../src/wallet/ledger-service.ts';
import { openWallet } from '../../src/wallet/wallet-service.ts';
import { aFloorApp } from '../support/app.ts';
import { aUser } from '../support/builders.ts';
import { eventually } from '../support/deadline.ts';
import { aParkingLot } from '../support/parking.ts';
import { transportsTo } from '../support/transports.ts';

const floor = await aFloorApp({ machines: 1 });
await floor.online();
const { db, runWork } = floor.app().services;
const { http, transports, signIn } = transportsTo(floor);
const owner = openDatabase({ connection: floor.connection, poolSize: 1, applicationName: 'owner' });
afterAll(() => owner[Symbol.asyncDispose]());

const EXPORT =
  'mutation { exportMyData { ... on ExportMyDataSuccess { success sections exportedAt data } } }';

test.each(transports)(
  'over %s, somebody is told all that is kept about him and nothing else',
  async (_, ask) => {
    const { email, username, id } = await aUser(runWork, {
      venueId: floor.venueId,
      roles: ['OPERATOR', 'PLAYER'],
      grants: ['WALLETS_POST'],
    });
    const { accessToken: token } = await signIn(email);
    const lock = 'mutation ($input: MachineReasonInput!) { lockMachine(input: $input) { __typename } }';
    await ask(lock, { token, input: { machineId: floor.machineIds[0], reason: 'his reason' } });
    const recorded = () =>
      db
        .selectFrom('audit_entry')
        .select('type')
        .where('type', '=', 'machine.command-queued')
        .where(sql`actor ->> 'id'`, '=', id)
        .execute();
    await eventually(async () => (await recorded()).length > 0);

    const { data: answer } = await ask(EXPORT, { token });
    const { sections, data } = answer.exportMyData;
    expect(sections).toEqual([
      'account',
      'roles',
      'sessions',
      'secondFactor',
      'linkedIdentities',
      'auditRecord',
      'auditRecordOfOthers',
      'notifications',
      'notificationPreferences',
      'wallets',
      'walletEntries',
      'walletHolds',
      'machineCommands',
      'machineEventAcknowledgements',
      'aftTransfers',
      'bookings',
      'bookingSeries',
      'slotHolds',
      'waitlist',
      'calendarFeeds',
      'channelMessages',
      'parkingReservations',
      'parkingSessions',
      'devices',
      'deviceCommands',
      'firmware',
      'firmwareDeployments',
      'takeovers',
      'alertAcknowledgements',
      'bulkExports',
    ]);
    expect(data.account).toMatchObject({ id, email, username, homeVenue: 'casino', status: 'ACTIVE' });
    expect(data.account.createdAt).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(data.roles).toEqual([
      { venue: 'casino', role: 'OPERATOR', grants: ['WALLETS_POST'] },
      { venue: 'casino', role: 'PLAYER', grants: [] },
    ]);
    expect(data.sessions).toEqual([expect.objectContaining({ venue: 'casino', revokedAt: null })]);
    expect(data.secondFactor).toBeNull();
    expect(data.machineCommands).toEqual([
      expect.objectContaining({ kind: 'LOCK', reason: 'his reason', state: 'SUCCEEDED' }),
    ]);
    expect(data.auditRecord).toContainEqual(
      expect.objectContaining({
        type: 'machine.command-queued',
        address: expect.stringContaining('127.0.0.1'),
      }),
    );
    const text = JSON.stringify(data);
    for (const secret of ['argon2', 'hash', token]) expect(text).not.toContain(secret);
    for (const { id: other } of await db.selectFrom('app_user').select('id').where('id', '!=', id).execute())
      expect(text).not.toContain(other);

    await eventually(async () => {
      const asked = await db
        .selectFrom('event_log')
        .select('payload')
        .where('type', '=', 'auth.data-exported')
        .execute();
      return asked.some(({ payload }) => JSON.stringify(payload) === JSON.stringify({ userId: id }));
    });
  },
);

test('he is told what others did about him, and not who or in which words', async () => {
  const { email, id } = await aUser(runWork, { venueId: floor.venueId, roles: ['OPERATOR'] });
  const userId = encodeGlobalId('User', id);
  const [[, ask]] = transports;
  const as = await floor.token('ADMIN');
  for (const [mutation, input] of [
    ['lockUser', { userId, reason: 'he is not to know this' }],
    ['unlockUser', { userId }],
    ['setUserRoles', { userId, roles: ['AUDITOR', 'PLAYER'] }],
  ] as const) {
    const kind = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input!`;
    const text = `mutation ($input: ${kind}) { ${mutation}(input: $input) { __typename } }`;
    expect((await ask(text, { token: as, input })).data[mutation].__typename).toBe(
      `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Success`,
    );
  }
  const { accessToken: token } = await signIn(email);
  const about = await eventually(async () => {
    const { auditRecord, auditRecordOfOthers } = (await ask(EXPORT, { token })).data.exportMyData.data;
    const isThere = auditRecordOfOthers.some(
      ({ type }: { readonly type: string }) => type === 'auth.session-opened',
    );
    return isThere ? { auditRecord, auditRecordOfOthers } : null;
  });
  const told = (type: string, by: string, data: object) => ({
    type,
    by,
    venue: 'casino',
    at: expect.any(String),
    data,
  });
  expect(about.auditRecordOfOthers).toEqual([
    told('auth.session-opened', 'anonymous', { sessionId: expect.any(String), userId: id }),
    told('auth.roles-changed', 'user', { userId: id, roles: ['AUDITOR', 'PLAYER'], grants: [] }),
    told('auth.user-unlocked', 'user', { userId: id }),
    told('auth.user-locked', 'user', { userId: id }),
    told('auth.user-registered', 'system', { userId: id, roles: ['OPERATOR'] }),
  ]);
  // What he did himself is told once.
  for (const { type } of about.auditRecord) expect(type).toBe('auth.data-exported');
});

test('what is on record about somebody is found by an index', async () => {
  const plan = await owner.db.transaction().execute(async (tx) => {
    await sql`set local enable_seqscan = off`.execute(tx);
    const { rows } = await sql<{ 'QUERY PLAN': string }>`explain select from audit_entry
      where payload->>'userId' = ${newId()} and actor->>'id' is distinct from ${newId()} order by at desc`.execute(
      tx,
    );
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  });
  expect(plan).toContain('audit_entry_about');
});

test('some sections can be asked for, and one there is not is named', async () => {
  const token = await floor.token('PLAYER');
  const [[, ask]] = transports;
  const some =
    'mutation ($input: ExportMyDataInput) { exportMyData(input: $input) { __typename ... on ExportMyDataSuccess { sections } ... on Error { code message } } }';
  expect((await ask(some, { token, input: { sections: ['roles'] } })).data.exportMyData).toMatchObject({
    sections: ['roles'],
  });
  expect(
    (await ask(some, { token, input: { sections: ['roles', 'wishes'] } })).data.exportMyData,
  ).toMatchObject({
    __typename: 'ValidationError',
    message: expect.stringContaining('auditRecord'),
  });
});

test('he is told what he has, what came and went, and what is set aside', async () => {
  const { venueId } = floor;
  const { email, id: userId } = await aUser(runWork, { venueId });
  const { id: walletId } = await runWork(system('test'), (work) =>
    openWallet(work, { venueId, userId, currency: 'USD' }),
  );
  const common = { venueId, idempotency: null, author: null, ownerId: null, amountMinor: 1_234n };
  await runWork(system('test'), (work) =>
    applyOneToLedger(work, {
      ...common,
      op: 'POST',
      id: newId(),
      kind: 'DEPOSIT',
      from: { house: 'CASH' },
      to: { walletId },
      currency: 'USD',
      effectiveAt: null,
      forced: false,
      reason: 'at the desk',
      reference: 'R-1',
    }),
  );
  const holdId = newId();
  const expiresAt = new Date(Date.now() + 3_600_000);
  await sql`insert into wallet_hold (id, venue_id, account_id, amount, expires_at, placed_at, placed_by)
    values (${holdId}, ${venueId}, ${walletId}, 234, ${expiresAt}, now(), '{}')`.execute(owner.db);
  const { accessToken: token } = await signIn(email);
  const { data } = (await http(EXPORT, { token })).data.exportMyData;
  expect(data.wallets).toMatchObject([
    { id: walletId, venue: 'casino', currency: 'USD', status: 'ACTIVE', balance: '12.34' },
  ]);
  expect(data.walletEntries).toMatchObject([
    {
      walletId,
      kind: 'DEPOSIT',
      amount: '12.34',
      balanceAfter: '12.34',
      version: '1',
      reason: 'at the desk',
    },
  ]);
  expect(data.walletHolds).toMatchObject([{ walletId, id: holdId, amount: '2.34', state: 'PLACED' }]);
});

/** Every table with a user in it: its section, or null where it holds secrets and counters that pass. */
const WHERE_IT_IS: Readonly<Record<string, string | null>> = {
  account_token: null,
  aft_transfer: 'aftTransfers',
  auth_session: 'sessions',
  booking: 'bookings',
  booking_series: 'bookingSeries',
  calendar_feed: 'calendarFeeds',
  ledger_account: 'wallets',
  linked_identity: 'linkedIdentities',
  mail_outbox: null,
  notification: 'notifications',
  notification_preference: 'notificationPreferences',
  oauth_state: null,
  parking_reservation: 'parkingReservations',
  parking_session: 'parkingSessions',
  recovery_code: 'secondFactor',
  second_factor: 'secondFactor',
  sign_in_challenge: null,
  sign_in_failure: null,
  slot_claim: 'bookings',
  slot_hold: 'slotHolds',
  user_grant: 'roles',
  user_role: 'roles',
  waitlist_entry: 'waitlist',
};

test('each table that names a person by user_id is in a section or holds only what cannot be turned back', async () => {
  const { rows } = await sql<{ name: string }>`
    select table_name as name from information_schema.columns
    where column_name = 'user_id' and table_schema = 'public' order by 1`.execute(db);
  expect(rows.map(({ name }) => name)).toEqual(Object.keys(WHERE_IT_IS));
  const sections = [
    ...AUTH_EXPORTERS,
    ...NOTIFICATION_EXPORTERS,
    ...WALLET_EXPORTERS,
    ...MACHINE_EXPORTERS,
    ...BOOKING_EXPORTERS,
    ...CHANNEL_EXPORTERS,
    ...PARKING_EXPORTERS,
  ].map(({ section }) => section);
  for (const section of Object.values(WHERE_IT_IS)) if (section) expect(sections).toContain(section);
});

test('he is told where he reserved and parked, and with which cars', async () => {
  const { venueId } = floor;
  const { email, id: userId } = await aUser(runWork, { venueId });
  const { id: lotId, name } = await aParkingLot(runWork, { venueId });
  const place = { spaceId: null, kind: null };
  const endsAt = new Date(Date.now() + 3_600_000);
  const common = { venueId, lotId, place, userId };
  await runWork(system('test'), (work) =>
    reserveParking(work, { ...common, startsAt: null, endsAt, plate: 'AB 1', mostOpen: 1 }),
  );
  await runWork(system('test'), (work) =>
    startWalkIn(work, { ...common, plate: 'CD 2', until: null, mostOpen: 20 }),
  );
  const { accessToken: token } = await signIn(email);
  const { data } = (await http(EXPORT, { token })).data.exportMyData;
  expect(data.parkingReservations).toMatchObject([
    { venue: 'casino', lot: name, plate: 'AB1', status: 'ACTIVE', endsAt: endsAt.toISOString() },
  ]);
  expect(data.parkingSessions).toMatchObject([{ venue: 'casino', lot: name, plate: 'CD2', charge: null }]);
});
