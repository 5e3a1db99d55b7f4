import { sql } from 'kysely';
import { afterAll, expect, test } from 'vitest';
import { makePairingCode, pairingCodeHash, parseDevice } from '../../src/auth/device.ts';
import { findVisibleDevices, registerDevice } from '../../src/auth/device-service.ts';
import type { DeviceSignIn } from '../../src/auth/device-sign-in.ts';
import { logout } from '../../src/auth/session-service.ts';
import { openDatabase } from '../../src/db/database.ts';
import type { Actor, DeviceActor, Role } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import { createRunWork, type Work } from '../../src/work.ts';
import { anAuth, runWorkOn, TOKEN_SECONDS } from '../support/auth.ts';
import { aDevice, anActor, aUser, aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { meanwhile } from '../support/meanwhile.ts';

const { floor, connection } = await cloneDatabase();
const owner = openDatabase({ connection, poolSize: 1, applicationName: 'owner' });
afterAll(() => owner[Symbol.asyncDispose]());
const runWork = runWorkOn(floor);
const venue = await aVenue(runWork);
const other = await aVenue(runWork);
const auth = await anAuth(floor);

const PARTICULARS = {
  deviceNumber: 'GATE-2',
  kind: 'GATE',
  name: ' North gate ',
  serialNumber: 'A-1/7',
} as const;

type Paired = Awaited<ReturnType<typeof aDevice>>;
const inputOf = ({ deviceNumber, serialNumber, pairingCode }: Paired): DeviceSignIn => ({
  venue: venue.slug,
  deviceNumber,
  serialNumber,
  pairingCode,
});
const signIn = (device: Paired, changes: Partial<DeviceSignIn> = {}) =>
  auth.authenticateDevice({ ...inputOf(device), ...changes }, { userAgent: 'screen/1.0' });
const sessionsOf = (deviceId: string) =>
  floor.db.selectFrom('auth_session').selectAll().where('device_id', '=', deviceId).orderBy('id').execute();
const openSessionsOf = async (deviceId: string) =>
  (await sessionsOf(deviceId)).filter(({ revoked_at }) => revoked_at === null);
const eventsOf = async (deviceId: string) => {
  const { rows } = await sql<{ type: string; payload: Record<string, unknown> }>`
    select type, payload from outbox where payload ->> 'deviceId' = ${deviceId} order by id`.execute(
    floor.db,
  );
  return rows;
};

test('a pairing code is 125 random bits, read in any case, with or without hyphens', () => {
  const { pairingCode, hash } = makePairingCode();
  expect(pairingCode).toMatch(/^([0-9A-HJKMNP-TV-Z]{5}-){4}[0-9A-HJKMNP-TV-Z]{5}$/);
  for (const typed of [pairingCode, pairingCode.toLowerCase(), ` ${pairingCode.replaceAll('-', ' ')} `])
    expect(pairingCodeHash(typed)).toEqual(hash);
  expect(pairingCodeHash('OIL00-00000-00000-00000-00000')).toEqual(
    pairingCodeHash('01100-00000-00000-00000-00000'),
  );
  expect(makePairingCode().pairingCode).not.toBe(pairingCode);
});

test.each([
  '',
  '-',
  'A'.repeat(24),
  'A'.repeat(26),
  `U${'A'.repeat(24)}`,
  `A${'\u0000'.repeat(24)}`,
  'A'.repeat(1e6),
])('what was never given out as a pairing code is none', (text) => expect(pairingCodeHash(text)).toBeNull());

test('a device is known by its particulars, the name trimmed', () => {
  expect(parseDevice(PARTICULARS)).toEqual({ ...PARTICULARS, name: 'North gate' });
});

test.each([
  { deviceNumber: '' },
  { deviceNumber: '-1' },
  { deviceNumber: 'a'.repeat(33) },
  { deviceNumber: 'a\u0000' },
  { serialNumber: '' },
  { serialNumber: 'a b' },
  { serialNumber: 'a'.repeat(65) },
  { name: ' ' },
  { name: 'a'.repeat(101) },
])('a device with %j is refused', (changes) => {
  expect(() => parseDevice({ ...PARTICULARS, ...changes })).toThrow(
    expect.objectContaining({ code: 'API_001' }),
  );
});

test('two devices of a venue have neither a number nor a serial number in common', async () => {
  const { deviceNumber, serialNumber } = await aDevice(runWork, { venueId: venue.id });
  await expect(aDevice(runWork, { venueId: venue.id, deviceNumber })).rejects.toMatchObject({
    name: 'DeviceNumberTakenError',
  });
  await expect(aDevice(runWork, { venueId: venue.id, serialNumber })).rejects.toMatchObject({
    name: 'SerialNumberTakenError',
  });
  await aDevice(runWork, { venueId: other.id, deviceNumber, serialNumber });
});

test.each<[Role, string | null]>([
  ['ADMIN', null],
  ['OPERATOR', 'AUTH_004'],
  ['AUDITOR', 'AUTH_004'],
  ['PLAYER', 'AUTH_004'],
])('a device is registered by %s: %s', async (role, code) => {
  const actor = anActor(await aUser(runWork, { venueId: venue.id, roles: [role] }));
  const register = (venueId: string) =>
    runWork(actor, (work) =>
      registerDevice(work, {
        ...PARTICULARS,
        deviceNumber: `by-${role}`,
        serialNumber: `by-${role}`,
        venueId,
        pairingCodeHash: makePairingCode().hash,
      }),
    );
  await expect(register(other.id)).rejects.toMatchObject({ code: 'AUTH_004' });
  if (code === null) expect(await register(venue.id)).toMatchObject({ status: 'ACTIVE' });
  else await expect(register(venue.id)).rejects.toMatchObject({ code });
});

test('a device signs in with number, serial number and code, as itself and with nobody’s power', async () => {
  const device = await aDevice(runWork, { venueId: venue.id });
  const signedIn = await signIn(device);
  expect(signedIn).toMatchObject({
    expiresInSeconds: TOKEN_SECONDS,
    device: { id: device.id, deviceNumber: device.deviceNumber },
    session: { holder: { deviceId: device.id }, userAgent: 'screen/1.0', venueId: venue.id },
  });
  const sessionId = signedIn.session.id;
  const actor: DeviceActor = { kind: 'device', deviceId: device.id, venueId: venue.id, sessionId };
  expect((await auth.authenticate(signedIn.accessToken)).actor).toEqual(actor);
  expect(await auth.refreshActor(actor)).toEqual(actor);
  await expect(auth.actorOf(signedIn.accessToken)).rejects.toMatchObject({ code: 'AUTH_003' });
  expect(await eventsOf(device.id)).toEqual([
    { type: 'auth.device-registered', payload: { deviceId: device.id } },
    { type: 'auth.session-opened', payload: { sessionId, deviceId: device.id } },
  ]);
});

test('no row and no event holds a pairing code', async () => {
  const { pairingCode } = await aDevice(runWork, { venueId: venue.id });
  for (const table of ['device', 'outbox']) {
    const { rows } = await sql<{ text: string }>`select t::text as text from ${sql.table(table)} t`.execute(
      floor.db,
    );
    expect(rows.length).toBeGreaterThan(0);
    for (const { text } of rows) {
      expect(text).not.toContain(pairingCode);
      expect(text).not.toContain(pairingCode.replaceAll('-', ''));
    }
  }
});

test.each<[string, Partial<DeviceSignIn>]>([
  ['venue', { venue: other.slug }],
  ['venue of none', { venue: 'nowhere' }],
  ['venue with a NUL', { venue: `${venue.slug}\u0000` }],
  ['number', { deviceNumber: 'screen-0' }],
  ['number with a NUL', { deviceNumber: '\u0000' }],
  ['serial number', { serialNumber: 'SN-0' }],
  ['serial number left out', { serialNumber: '' }],
  ['code', { pairingCode: makePairingCode().pairingCode }],
  ['code of zeroes', { pairingCode: '0'.repeat(25) }],
  ['code that is none', { pairingCode: '' }],
])('a wrong %s is answered like any other', async (_, changes) => {
  const device = await aDevice(runWork, { venueId: venue.id });
  await expect(signIn(device, changes)).rejects.toMatchObject({
    name: 'DeviceCredentialsError',
    code: 'AUTH_001',
    message: 'The venue, the device number, the serial number or the pairing code is wrong.',
  });
  expect(await sessionsOf(device.id)).toEqual([]);
});

test('whatever is wrong costs the same', async () => {
  const device = await aDevice(runWork, { venueId: venue.id });
  const asked: string[] = [];
  const db = floor.db.withPlugin({
    transformQuery: ({ node }) => {
      asked.push(node.kind);
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  const counted = await anAuth({ ...floor, db }, { runWork: createRunWork({ db, onEvents: () => {} }) });
  const costs: string[][] = [];
  for (const wrong of [{ pairingCode: '' }, { pairingCode: 'A'.repeat(25) }, { deviceNumber: 'not-there' }]) {
    asked.length = 0;
    await expect(counted.authenticateDevice({ ...inputOf(device), ...wrong }, {})).rejects.toMatchObject({
      code: 'AUTH_001',
    });
    costs.push([...asked]);
  }
  expect(costs[0]).toContain('SelectQueryNode');
  expect(costs[1]).toEqual(costs[0]);
  expect(costs[2]).toEqual(costs[0]);
});

test.each([
  ['of a device', (device: Paired) => device.deviceNumber, 'WRONG_PAIRING_CODE'],
  ['of no device', (device: Paired) => `${device.deviceNumber}-none`, 'UNKNOWN_DEVICE'],
])(
  'after five wrong codes for the number %s even the right one is refused from there',
  async (_, numberOf, reason) => {
    const device = await aDevice(runWork, { venueId: venue.id });
    const from = (address: string, pairingCode: string) =>
      auth.authenticateDevice(
        { ...inputOf(device), deviceNumber: numberOf(device), pairingCode },
        { address },
      );
    for (let tries = 0; tries < 5; tries += 1)
      await expect(from('192.0.2.1', 'wrong')).rejects.toMatchObject({ code: 'AUTH_001' });
    await expect(from('192.0.2.1', device.pairingCode)).rejects.toMatchObject({ code: 'AUTH_005' });
    const isDevice = reason === 'WRONG_PAIRING_CODE';
    if (isDevice) {
      expect((await from('198.51.100.1', device.pairingCode)).device.id).toBe(device.id);
      const failures = (await eventsOf(device.id)).filter(({ type }) => type === 'auth.sign-in-failed');
      expect(failures).toHaveLength(5);
      expect(failures[0]?.payload).toEqual({ userId: null, deviceId: device.id, reason });
    }
  },
);

test('a lock-out leaves the open session of a device alone', async () => {
  const device = await aDevice(runWork, { venueId: venue.id });
  const { refreshToken } = await signIn(device);
  for (let tries = 0; tries < 5; tries += 1)
    await expect(signIn(device, { pairingCode: 'wrong' })).rejects.toMatchObject({ code: 'AUTH_001' });
  await expect(signIn(device)).rejects.toMatchObject({ code: 'AUTH_005' });
  expect((await auth.refresh(refreshToken)).device?.id).toBe(device.id);
});

test('the next sign-in of a device ends its session before, refresh token and all', async () => {
  const device = await aDevice(runWork, { venueId: venue.id });
  const first = await signIn(device);
  await auth.authenticate(first.accessToken);
  const second = await signIn(device);
  await expect(auth.authenticate(first.accessToken)).rejects.toMatchObject({ code: 'AUTH_012' });
  await expect(auth.refresh(first.refreshToken)).rejects.toMatchObject({ code: 'AUTH_012' });
  expect((await auth.authenticate(second.accessToken)).actor).toMatchObject({ kind: 'device' });
  expect((await eventsOf(device.id)).find(({ type }) => type === 'auth.session-revoked')?.payload).toEqual({
    sessionId: first.session.id,
    deviceId: device.id,
    reason: 'SIGNED_IN_AGAIN',
  });
});

test('of ten sign-ins at once one has an open session', async () => {
  const device = await aDevice(runWork, { venueId: venue.id });
  const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => signIn(device)));
  expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([]);
  expect(await sessionsOf(device.id)).toHaveLength(10);
  const open = await openSessionsOf(device.id);
  expect(open).toHaveLength(1);
  const powers = await Promise.allSettled(
    outcomes.map((outcome) =>
      auth.authenticate(outcome.status === 'fulfilled' ? outcome.value.accessToken : ''),
    ),
  );
  expect(powers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect((await eventsOf(device.id)).filter(({ type }) => type === 'auth.session-revoked')).toHaveLength(9);
});

test('a session whose time is over does not keep a device from signing in', async () => {
  const device = await aDevice(runWork, { venueId: venue.id });
  const { session } = await signIn(device);
  await sql`update auth_session set created_at = now() - interval '2 h', expires_at = now() - interval '1 s'
    where id = ${session.id}`.execute(floor.db);
  await signIn(device);
  expect(await openSessionsOf(device.id)).toHaveLength(1);
});

test('a device renews its tokens, and a token that comes twice ends its session', async () => {
  const device = await aDevice(runWork, { venueId: venue.id });
  const first = await signIn(device);
  const second = await auth.refresh(first.refreshToken);
  expect(second).toMatchObject({ user: null, device: { id: device.id }, session: { id: first.session.id } });
  expect((await auth.authenticate(second.accessToken)).actor).toMatchObject({ deviceId: device.id });
  await expect(auth.refresh(first.refreshToken)).rejects.toMatchObject({ code: 'AUTH_009' });
  await expect(auth.authenticate(second.accessToken)).rejects.toMatchObject({ code: 'AUTH_012' });
});

test('of ten renewals of one token at once one has a successor, and the others end the session', async () => {
  const device = await aDevice(runWork, { venueId: venue.id });
  const { refreshToken } = await signIn(device);
  const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => auth.refresh(refreshToken)));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await openSessionsOf(device.id)).toEqual([]);
});

test('a code that somebody replaces in that moment opens nothing', async () => {
  const device = await aDevice(runWork, { venueId: venue.id });
  const replace = ({ tx }: Work) =>
    tx
      .updateTable('device')
      .set({ pairing_code_hash: makePairingCode().hash })
      .where('id', '=', device.id)
      .execute();
  const opened = await meanwhile({ floor, runWork }, replace, () => signIn(device));
  expect(opened).toMatchObject({ status: 'rejected', reason: { name: 'DeviceCredentialsError' } });
  expect(await sessionsOf(device.id)).toEqual([]);
});

test('a device that was removed has no power, and neither renews nor signs in', async () => {
  const device = await aDevice(runWork, { venueId: venue.id });
  const { accessToken, refreshToken, session } = await signIn(device);
  await auth.authenticate(accessToken);
  await floor.db
    .updateTable('device')
    .set({ status: 'REMOVED', removed_at: new Date() })
    .where('id', '=', device.id)
    .execute();
  auth.forgetSession(session.id);
  await expect(auth.authenticate(accessToken)).rejects.toMatchObject({ code: 'AUTH_012' });
  await expect(auth.refresh(refreshToken)).rejects.toMatchObject({ code: 'AUTH_012' });
  await expect(signIn(device)).rejects.toMatchObject({ code: 'AUTH_001' });
});

test('a device signs out of its session, and of no other’s', async () => {
  const [mine, theirs] = [
    await aDevice(runWork, { venueId: venue.id }),
    await aDevice(runWork, { venueId: venue.id }),
  ];
  const { session, accessToken } = await signIn(mine);
  await signIn(theirs);
  const actor: DeviceActor = { kind: 'device', deviceId: mine.id, venueId: venue.id, sessionId: session.id };
  const out = () => runWork(actor, (work) => logout(work, actor, { allSessions: true }));
  expect(await out()).toEqual([session.id]);
  auth.forgetSession(session.id);
  await expect(auth.authenticate(accessToken)).rejects.toMatchObject({ code: 'AUTH_012' });
  await expect(out()).rejects.toMatchObject({ code: 'AUTH_012' });
  expect(await openSessionsOf(theirs.id)).toHaveLength(1);
});

test('a device is seen by itself and by who runs the venue', async () => {
  const [mine, theirs] = [
    await aDevice(runWork, { venueId: venue.id }),
    await aDevice(runWork, { venueId: venue.id }),
  ];
  const seenBy = async (actor: Actor) =>
    (await findVisibleDevices({ db: floor.db, viewer: actor }, venue.id, [mine.id, theirs.id]))
      .map(({ id }) => id)
      .sort();
  const person = async (role: Role, venueId = venue.id) =>
    anActor(await aUser(runWork, { venueId, roles: [role] }));
  const sessionId = newId();
  expect(await seenBy({ kind: 'device', deviceId: mine.id, venueId: venue.id, sessionId })).toEqual([
    mine.id,
  ]);
  for (const role of ['ADMIN', 'OPERATOR', 'AUDITOR'] as const)
    expect(await seenBy(await person(role))).toEqual([mine.id, theirs.id].sort());
  expect(await seenBy(await person('PLAYER'))).toEqual([]);
  expect(await seenBy(await person('ADMIN', other.id))).toEqual([]);
});

test('the database keeps a session from being nobody’s or two’s, and a device from having two', async () => {
  const device = await aDevice(runWork, { venueId: venue.id });
  const { id: userId } = await aUser(runWork, { venueId: venue.id });
  const insert = (holder: { user_id: string | null; device_id: string | null }) =>
    floor.db
      .insertInto('auth_session')
      .values({
        id: newId(),
        venue_id: venue.id,
        created_at: new Date(),
        expires_at: new Date(Date.now() + 60_000),
        ...holder,
      })
      .execute();
  const refused = { constraint: 'auth_session_one_holder' };
  await expect(insert({ user_id: null, device_id: null })).rejects.toMatchObject(refused);
  await expect(insert({ user_id: userId, device_id: device.id })).rejects.toMatchObject(refused);
  await insert({ user_id: null, device_id: device.id });
  await expect(insert({ user_id: null, device_id: device.id })).rejects.toMatchObject({
    constraint: 'auth_session_one_per_device',
  });
});

test.each(['DEVICE', 'PARTNER'] as const)(
  'nobody is a %s: the database gives no person that role',
  async (role) => {
    await expect(aUser(runWork, { venueId: venue.id, roles: [role] })).rejects.toMatchObject({
      constraint: 'user_role_known',
    });
  },
);
