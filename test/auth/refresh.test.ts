import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import {
  RefreshTokenInvalidError,
  RefreshTokenReusedError,
  SessionRevokedError,
} from '../../src/auth/errors.ts';
import { deleteOutlivedRefreshTokens } from '../../src/auth/refresh-token-store.ts';
import { logout, revokeOwnSession } from '../../src/auth/session-service.ts';
import { listOpenSessions } from '../../src/auth/session-store.ts';
import { NotFoundError } from '../../src/lib/errors.ts';
import { anAuth, runWorkOn, TOKEN_SECONDS } from '../support/auth.ts';
import { aUser, aVenue, PASSWORD } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';

const { floor } = await cloneDatabase();
const runWork = runWorkOn(floor);
const venue = await aVenue(runWork);
const other = await aVenue(runWork);
const auth = await anAuth(floor);

const signIn = (email: string, slug = venue.slug) =>
  auth.login({ identifier: email, password: PASSWORD, venue: slug }, { userAgent: 'test' });
const aSignedIn = async () => await signIn((await aUser(runWork, { venueId: venue.id })).email);
const tokensOf = (sessionId: string) =>
  floor.db.selectFrom('refresh_token').selectAll().where('session_id', '=', sessionId).execute();
const revocationsOf = async (sessionId: string) => {
  const { rows } = await sql<{ reason: string; payload: unknown }>`
    select payload ->> 'reason' as reason, payload from outbox
    where type = 'auth.session-revoked' and payload ->> 'sessionId' = ${sessionId}`.execute(floor.db);
  return rows;
};

test('a refresh token is exchanged for a new pair of the same session', async () => {
  const first = await aSignedIn();
  const second = await auth.refresh(first.refreshToken);
  expect(second.session).toMatchObject({ id: first.session.id, expiresAt: first.session.expiresAt });
  expect(second.session.lastUsedAt.getTime()).toBeGreaterThan(first.session.lastUsedAt.getTime());
  expect(second.user).toEqual(first.user);
  expect(second.refreshToken).not.toBe(first.refreshToken);
  expect(second.expiresInSeconds).toBe(TOKEN_SECONDS);
  expect(await auth.actorOf(second.accessToken)).toMatchObject({ sessionId: first.session.id });
  const third = await auth.refresh(second.refreshToken);
  expect(third.session.id).toBe(first.session.id);
});

test('a refresh token is 256 bits, of which the database has the hash alone', async () => {
  const { refreshToken, session } = await aSignedIn();
  expect(Buffer.from(refreshToken, 'base64url')).toHaveLength(32);
  const [row] = await tokensOf(session.id);
  expect(row?.token_hash).toEqual(createHash('sha256').update(refreshToken).digest());
  for (const table of ['refresh_token', 'auth_session', 'outbox']) {
    const { rows } = await sql<{ text: string }>`select t::text as text from ${sql.table(table)} t`.execute(
      floor.db,
    );
    expect(rows.length).toBeGreaterThan(0);
    const bytes = Buffer.from(refreshToken, 'base64url').toString('hex');
    for (const { text } of rows) {
      expect(text).not.toContain(refreshToken);
      expect(text).not.toContain(bytes);
    }
  }
});

test('a token that comes twice ends its session and its successor, once', async () => {
  const first = await aSignedIn();
  const second = await auth.refresh(first.refreshToken);
  await auth.actorOf(second.accessToken);
  for (let times = 0; times < 2; times += 1)
    await expect(auth.refresh(first.refreshToken)).rejects.toThrow(RefreshTokenReusedError);
  await expect(auth.refresh(second.refreshToken)).rejects.toThrow(SessionRevokedError);
  await expect(auth.actorOf(second.accessToken)).rejects.toThrow(SessionRevokedError);
  expect(await revocationsOf(first.session.id)).toEqual([
    {
      reason: 'REFRESH_TOKEN_REUSED',
      payload: { sessionId: first.session.id, userId: first.user.id, reason: 'REFRESH_TOKEN_REUSED' },
    },
  ]);
});

test('of ten exchanges of one token at once one has a successor, and the others end the session', async () => {
  const { refreshToken, session } = await aSignedIn();
  const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => auth.refresh(refreshToken)));
  const renewed = outcomes.filter((outcome) => outcome.status === 'fulfilled');
  const codes = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []));
  expect(renewed).toHaveLength(1);
  expect(codes).toEqual(Array.from({ length: 9 }, () => 'AUTH_009'));
  expect(await tokensOf(session.id)).toHaveLength(2);
  expect(await revocationsOf(session.id)).toHaveLength(1);
  for (const { value } of renewed)
    await expect(auth.refresh(value.refreshToken)).rejects.toThrow(SessionRevokedError);
});

test('the database keeps two good tokens of one session apart', async () => {
  const { session } = await aSignedIn();
  const second = floor.db.insertInto('refresh_token').values({
    token_hash: Buffer.alloc(32, 1),
    venue_id: venue.id,
    session_id: session.id,
    created_at: new Date(),
    used_at: null,
  });
  await expect(second.execute()).rejects.toMatchObject({ constraint: 'refresh_token_one_unused' });
});

test.each(['', 'x', 'A'.repeat(43), 'A'.repeat(100_000), '\u0000'.repeat(43)])(
  'a token that was never given out is refused',
  async (refreshToken) => {
    await expect(auth.refresh(refreshToken)).rejects.toThrow(RefreshTokenInvalidError);
  },
);

test('an access token is no refresh token', async () => {
  const { accessToken } = await aSignedIn();
  await expect(auth.refresh(accessToken)).rejects.toThrow(RefreshTokenInvalidError);
});

test.each([
  [
    'expired',
    (id: string) =>
      sql`update auth_session set created_at = now() - interval '2 h', expires_at = now() - interval '1 s' where id = ${id}`,
  ],
  ['was revoked', (id: string) => sql`update auth_session set revoked_at = now() where id = ${id}`],
  [
    'has a locked user',
    (id: string) =>
      sql`update app_user set status = 'LOCKED' where id = (select user_id from auth_session where id = ${id})`,
  ],
  [
    'has a user without a role',
    (id: string) =>
      sql`delete from user_role where user_id = (select user_id from auth_session where id = ${id})`,
  ],
])('a session that %s is not renewed, and its token not used up', async (_, change) => {
  const { refreshToken, session } = await aSignedIn();
  await change(session.id).execute(floor.db);
  await expect(auth.refresh(refreshToken)).rejects.toMatchObject({ code: 'AUTH_012' });
  expect(await tokensOf(session.id)).toMatchObject([{ used_at: null }]);
});

test('an access token ends with its session at the latest', async () => {
  const brief = await anAuth(floor, { sessionTtlSeconds: 90 });
  const { email } = await aUser(runWork, { venueId: venue.id });
  const { session, expiresAt, expiresInSeconds } = await brief.login(
    { identifier: email, password: PASSWORD },
    {},
  );
  expect(expiresAt.getTime()).toBeLessThanOrEqual(session.expiresAt.getTime());
  expect(expiresInSeconds).toBeLessThanOrEqual(90);
});

test('signing out ends this session, or all of the user at every venue, and nobody else’s', async () => {
  const user = await aUser(runWork, { venueId: venue.id });
  await floor.db
    .insertInto('user_role')
    .values({ user_id: user.id, venue_id: other.id, role: 'PLAYER' })
    .execute();
  const stranger = await aSignedIn();
  const [one, two, away] = [
    await signIn(user.email),
    await signIn(user.email),
    await signIn(user.email, other.slug),
  ];
  const open = async () => (await listOpenSessions(floor.db, user.id)).map(({ id }) => id);
  expect(await open()).toEqual([away, two, one].map(({ session }) => session.id));

  const first = await auth.actorOf(one.accessToken);
  const end = (allSessions: boolean) => runWork(first, (work) => logout(work, first, { allSessions }));
  expect(await end(false)).toEqual([one.session.id]);
  await expect(end(false)).rejects.toThrow(SessionRevokedError);
  expect(await open()).toEqual([away, two].map(({ session }) => session.id));
  expect(new Set(await end(true))).toEqual(new Set([two.session.id, away.session.id]));
  expect(await open()).toEqual([]);
  expect(await listOpenSessions(floor.db, stranger.user.id)).toHaveLength(1);
  expect((await revocationsOf(away.session.id)).map(({ reason }) => reason)).toEqual(['LOGOUT']);
});

test('somebody ends his own open sessions and no others', async () => {
  const user = await aUser(runWork, { venueId: venue.id });
  const [one, two, stranger] = [await signIn(user.email), await signIn(user.email), await aSignedIn()];
  const actor = await auth.actorOf(one.accessToken);
  const revoke = (id: string) => runWork(actor, (work) => revokeOwnSession(work, actor, id));
  await revoke(two.session.id);
  expect((await revocationsOf(two.session.id)).map(({ reason }) => reason)).toEqual(['REVOKED']);
  for (const id of [two.session.id, stranger.session.id, crypto.randomUUID()])
    await expect(revoke(id)).rejects.toThrow(NotFoundError);
  expect(await listOpenSessions(floor.db, stranger.user.id)).toHaveLength(1);
});

test('a session whose time is over is not ended once more, and nobody is told so', async () => {
  const { email } = await aUser(runWork, { venueId: venue.id });
  const [live, over] = [await signIn(email), await signIn(email)];
  const actor = await auth.actorOf(live.accessToken);
  await sql`update auth_session set created_at = now() - interval '2 h', expires_at = now() - interval '1 h'
    where id = ${over.session.id}`.execute(floor.db);
  const ended = runWork(actor, (work) => revokeOwnSession(work, actor, over.session.id));
  await expect(ended).rejects.toThrow(NotFoundError);
  expect(await runWork(actor, (work) => logout(work, actor, { allSessions: true }))).toEqual([
    live.session.id,
  ]);
  expect(await revocationsOf(over.session.id)).toEqual([]);
});

test('the tokens of sessions whose time is over go, those of others stay', async () => {
  const [over, live] = [await aSignedIn(), await aSignedIn()];
  await auth.refresh(live.refreshToken);
  await sql`update auth_session set created_at = now() - interval '2 h', expires_at = now() - interval '1 h'
    where id = ${over.session.id}`.execute(floor.db);
  const clean = () => deleteOutlivedRefreshTokens(floor.db, { now: new Date(), limit: 1_000 });
  expect(await clean()).toBeGreaterThan(0);
  expect(await tokensOf(over.session.id)).toEqual([]);
  expect(await tokensOf(live.session.id)).toHaveLength(2);
  await expect(auth.refresh(over.refreshToken)).rejects.toThrow(RefreshTokenInvalidError);
});
