import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { revokeApiKey } from '../../src/auth/api-key-service.ts';
import { rotateKeys } from '../../src/auth/keyring.ts';
import { makeRealtimeToken } from '../../src/auth/realtime-token.ts';
import { keepRealtimeToken } from '../../src/auth/realtime-token-service.ts';
import { deleteOutlivedRealtimeTokens } from '../../src/auth/realtime-token-store.ts';
import { logout, revokeOwnSession } from '../../src/auth/session-service.ts';
import { openDatabase } from '../../src/db/database.ts';
import { type SignedInActor, system } from '../../src/lib/actor.ts';
import { createRunWork } from '../../src/work.ts';
import { anAuth, runWorkOn, SECRET_KEY } from '../support/auth.ts';
import { aDevice, anApiKey, aUser, aVenue, PASSWORD } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';

const { connection, floor } = await cloneDatabase();
let clockShiftMs = () => 0;
const runWork = createRunWork({ db: floor.db, onEvents: () => {}, clockShiftMs: () => clockShiftMs() });
const auth = await anAuth(floor, { runWork });
const venue = await aVenue(runWork);
const user = await aUser(runWork, { venueId: venue.id, roles: ['OPERATOR'] });

const signIn = async () =>
  auth.actorOf((await auth.login({ identifier: user.email, password: PASSWORD }, {})).accessToken);

async function issue(
  holder: SignedInActor,
  { singleUse = true, keyId = null }: { singleUse?: boolean; keyId?: string | null } = {},
) {
  const { token: realtimeToken, hash } = makeRealtimeToken();
  const kept = await runWork(holder, (work) => keepRealtimeToken(work, holder, { hash, singleUse, keyId }));
  return { realtimeToken, hash, ...kept };
}
const isKept = async (hash: Buffer) =>
  (await floor.db.selectFrom('realtime_token').where('token_hash', '=', hash).select('venue_id').execute())
    .length === 1;

/** What `body` finds when PostgreSQL's clock is shifted so. */
async function shifted<T>(shiftMs: () => number, body: () => Promise<T>): Promise<T> {
  clockShiftMs = shiftMs;
  try {
    return await body();
  } finally {
    clockShiftMs = () => 0;
  }
}

/** When it is this far ahead. */
const later = <T>(seconds: number, body: () => Promise<T>) => shifted(() => seconds * 1_000, body);

/** When it shows this, however late it is here. */
const at = <T>(time: Date, seconds: number, body: () => Promise<T>) =>
  shifted(() => time.getTime() + seconds * 1_000 - Date.now(), body);

const refused = { name: 'SocketTokenRefusedError', code: 'WS_002' };

test('a realtime token stands for whoever asked for it, for half an hour, and is kept as a hash', async () => {
  const actor = await signIn();
  const { realtimeToken, hash, expiresAt, expiresInSeconds } = await issue(actor);
  expect(realtimeToken).toMatch(/^rt_[A-Za-z0-9_-]{43}$/);
  expect(expiresInSeconds).toBe(1_800);
  const rows = await floor.db.selectFrom('realtime_token').selectAll().execute();
  expect(JSON.stringify(rows)).not.toContain(realtimeToken.slice(3));
  expect(await isKept(hash)).toBe(true);
  expect(await auth.authenticateRealtime(realtimeToken)).toEqual({ actor, expiresAt, keyId: null });
});

test('it is good after 1,799 seconds and no longer after 1,801', async () => {
  const actor = await signIn();
  const [first, second] = [await issue(actor), await issue(actor)];
  const show = ({ realtimeToken }: typeof first) => auth.authenticateRealtime(realtimeToken);
  expect(await at(first.expiresAt, -1, () => show(first))).toMatchObject({ actor });
  await expect(at(second.expiresAt, 1, () => show(second))).rejects.toMatchObject({
    ...refused,
    message: 'The realtime token has expired. Ask for another.',
  });
});

test('of ten who show a token that is good once, one gets in', async () => {
  const { realtimeToken, hash } = await issue(await signIn());
  const results = await Promise.allSettled(
    Array.from({ length: 10 }, () => auth.authenticateRealtime(realtimeToken)),
  );
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const result of results)
    if (result.status === 'rejected') expect(result.reason).toMatchObject(refused);
  expect(await isKept(hash)).toBe(false);
});

test('one that is not good once only opens any number of sockets', async () => {
  const { realtimeToken } = await issue(await signIn(), { singleUse: false });
  for (let time = 1; time <= 3; time += 1)
    expect(await auth.authenticateRealtime(realtimeToken)).toHaveProperty('actor');
});

test('a token whose row was deleted is refused at once', async () => {
  const { realtimeToken, hash } = await issue(await signIn(), { singleUse: false });
  await auth.authenticateRealtime(realtimeToken);
  await floor.db.deleteFrom('realtime_token').where('token_hash', '=', hash).execute();
  await expect(auth.authenticateRealtime(realtimeToken)).rejects.toMatchObject(refused);
});

test.each([
  [
    'signing out',
    (actor: Awaited<ReturnType<typeof signIn>>) =>
      runWork(actor, (work) => logout(work, actor, { allSessions: false })),
  ],
  [
    'ending the session from another',
    async (actor: Awaited<ReturnType<typeof signIn>>) => {
      const other = await signIn();
      await runWork(other, (work) => revokeOwnSession(work, other, actor.sessionId));
    },
  ],
] as const)('%s withdraws its tokens, and no other session’s', async (_, end) => {
  const [actor, untouched] = [await signIn(), await signIn()];
  const [gone, left] = [await issue(actor), await issue(untouched)];
  await end(actor);
  expect(await isKept(gone.hash)).toBe(false);
  await expect(auth.authenticateRealtime(gone.realtimeToken)).rejects.toMatchObject(refused);
  expect(await auth.authenticateRealtime(left.realtimeToken)).toMatchObject({ actor: untouched });
  await expect(issue(actor)).rejects.toMatchObject({ code: 'AUTH_012' });
});

test('one goes with the key that signed what it was asked for with, and none is had by that key any more', async () => {
  const [actor, keyId = null] = [await signIn(), auth.jwks().keys[0]?.kid];
  expect(keyId).not.toBeNull();
  const [signed, unsigned] = [await issue(actor, { keyId }), await issue(actor)];
  const opened = await issue(actor, { keyId });
  expect(await auth.authenticateRealtime(opened.realtimeToken)).toMatchObject({ actor, keyId });
  await using owner = openDatabase({ connection, poolSize: 2, applicationName: 'owner' });
  const ownersWork = createRunWork({ db: owner.db, onEvents: () => {} });
  await rotateKeys({ runWork: ownersWork, secretKey: SECRET_KEY });
  expect(await isKept(signed.hash)).toBe(true);
  await rotateKeys({ runWork: ownersWork, secretKey: SECRET_KEY, revokeOld: true });
  expect(await isKept(signed.hash)).toBe(false);
  await expect(auth.authenticateRealtime(signed.realtimeToken)).rejects.toMatchObject(refused);
  await expect(issue(actor, { keyId })).rejects.toMatchObject({ code: 'AUTH_003' });
  expect(await auth.authenticateRealtime(unsigned.realtimeToken)).toMatchObject({ actor, keyId: null });
});

test('a session that ends while tokens are asked for leaves none', async () => {
  const actor = await signIn();
  const asked = Array.from({ length: 10 }, () => issue(actor));
  const results = await Promise.allSettled([
    ...asked,
    runWork(actor, (work) => logout(work, actor, { allSessions: false })),
  ]);
  expect(results.at(-1)?.status).toBe('fulfilled');
  const left = await floor.db
    .selectFrom('realtime_token')
    .select('token_hash')
    .where('credential_id', '=', actor.sessionId)
    .execute();
  expect(left).toEqual([]);
});

test('it has the rights its user has when it is shown, and none when he is locked', async () => {
  const other = await aUser(runWork, { venueId: venue.id, roles: ['OPERATOR'] });
  const actor = await auth.actorOf(
    (await auth.login({ identifier: other.email, password: PASSWORD }, {})).accessToken,
  );
  const [first, second] = [await issue(actor), await issue(actor)];
  await floor.db
    .insertInto('user_role')
    .values({ user_id: other.id, venue_id: venue.id, role: 'AUDITOR' })
    .execute();
  auth.forgetSessions();
  expect((await auth.authenticateRealtime(first.realtimeToken)).actor).toMatchObject({
    roles: ['AUDITOR', 'OPERATOR'],
  });
  await floor.db.updateTable('app_user').set({ status: 'LOCKED' }).where('id', '=', other.id).execute();
  auth.forgetSessions();
  await expect(auth.authenticateRealtime(second.realtimeToken)).rejects.toMatchObject({ code: 'AUTH_012' });
});

test('it ends with its session when that is over sooner', async () => {
  const short = await anAuth(floor, { sessionTtlSeconds: 600 });
  const actor = await short.actorOf(
    (await short.login({ identifier: user.email, password: PASSWORD }, {})).accessToken,
  );
  const { expiresInSeconds } = await issue(actor);
  expect(expiresInSeconds).toBeGreaterThan(590);
  expect(expiresInSeconds).toBeLessThanOrEqual(600);
});

test('an access token is none, and it is no access token', async () => {
  const { accessToken } = await auth.login({ identifier: user.email, password: PASSWORD }, {});
  const { realtimeToken } = await issue(await auth.actorOf(accessToken));
  for (const wrong of [accessToken, '', 'rt_', `${realtimeToken}x`, realtimeToken.toUpperCase()]) {
    await expect(auth.authenticateRealtime(wrong)).rejects.toMatchObject({
      ...refused,
      message: 'A realtime token is expected, which begins with rt_: issueRealtimeToken gives one.',
    });
  }
  await expect(auth.authenticate(realtimeToken)).rejects.toMatchObject({
    name: 'TokenKindError',
    code: 'AUTH_003',
  });
});

test('the cleanup deletes tokens whose time is over, a batch at a time, and no other', async () => {
  await floor.db.deleteFrom('realtime_token').execute();
  const actor = await signIn();
  for (let count = 1; count <= 3; count += 1) await issue(actor);
  const { hash } = await later(60, () => issue(actor));
  const now = new Date(Date.now() + 1_830_000);
  const clean = () =>
    runWorkOn(floor)(actor, ({ tx }) => deleteOutlivedRealtimeTokens(tx, { now, limit: 2 }));
  expect([await clean(), await clean(), await clean()]).toEqual([2, 1, 0]);
  expect(await isKept(hash)).toBe(true);
});

test('a partner’s token has what its key may, and goes with the key', async () => {
  const { id: apiKeyId, secret } = await anApiKey(runWork, { venueId: venue.id, scopes: ['MACHINES_READ'] });
  const { actor } = await auth.authenticate(secret);
  const [first, second] = [await issue(actor), await issue(actor)];
  expect(first.expiresInSeconds).toBe(1_800);
  expect((await auth.authenticateRealtime(first.realtimeToken)).actor).toMatchObject({
    kind: 'partner',
    apiKeyId,
    scopes: ['MACHINES_READ'],
  });
  await runWork(system('test'), (work) => revokeApiKey(work, { venueId: venue.id, apiKeyId }));
  expect(await isKept(second.hash)).toBe(false);
  auth.forgetApiKeys();
  await expect(issue(actor)).rejects.toMatchObject({ name: 'ApiKeyRevokedError', code: 'AUTH_012' });
});

test('a partner’s token ends with its key when that is over sooner', async () => {
  const expiresAt = new Date(Date.now() + 600_000);
  const { secret } = await anApiKey(runWork, { venueId: venue.id, expiresAt });
  const { actor } = await auth.authenticate(secret);
  expect((await issue(actor)).expiresAt).toEqual(expiresAt);
  await expect(later(601, () => issue(actor))).rejects.toMatchObject({ code: 'AUTH_012' });
});

test('a key that is revoked while tokens are asked for leaves none', async () => {
  const { id: apiKeyId, secret } = await anApiKey(runWork, { venueId: venue.id });
  const { actor } = await auth.authenticate(secret);
  const revoking = runWork(system('test'), (work) => revokeApiKey(work, { venueId: venue.id, apiKeyId }));
  const issued = await Promise.allSettled([revoking, ...Array.from({ length: 9 }, () => issue(actor))]);
  expect(issued[0]?.status).toBe('fulfilled');
  const left = await floor.db
    .selectFrom('realtime_token')
    .select('token_hash')
    .where('credential_id', '=', apiKeyId)
    .execute();
  expect(left).toEqual([]);
});

test('a device’s token is the device’s, and goes with its session', async () => {
  const { id: deviceId, ...credentials } = await aDevice(runWork, { venueId: venue.id });
  const signIn = () => auth.authenticateDevice({ venue: venue.slug, ...credentials }, {});
  const { actor } = await auth.authenticate((await signIn()).accessToken);
  const [first, second] = [await issue(actor), await issue(actor)];
  expect((await auth.authenticateRealtime(first.realtimeToken)).actor).toMatchObject({
    kind: 'device',
    deviceId,
  });
  await signIn();
  expect(await isKept(second.hash)).toBe(false);
  await expect(issue(actor)).rejects.toMatchObject({ name: 'SessionRevokedError', code: 'AUTH_012' });
});

test('a session whose time is over has no token any more', async () => {
  const actor = await signIn();
  await sql`update auth_session set created_at = now() - interval '2 h', expires_at = now() - interval '1 s'
    where id = ${actor.sessionId}`.execute(floor.db);
  await expect(issue(actor)).rejects.toMatchObject({ name: 'SessionRevokedError', code: 'AUTH_012' });
});
