import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { InvalidCredentialsError } from '../../src/auth/errors.ts';
import { openSession } from '../../src/auth/session-service.ts';
import { ANONYMOUS } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import { anAuth, runWorkOn, SESSION_SECONDS, TOKEN_SECONDS } from '../support/auth.ts';
import { aUser, aVenue, PASSWORD } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';

const { floor } = await cloneDatabase();
const runWork = runWorkOn(floor);
const home = await aVenue(runWork);
const other = await aVenue(runWork);
// Every refusal here is for what is wrong with it, however many came before.
const auth = await anAuth(floor, { lockOut: { failures: 100, windowMs: 60_000, addresses: 100 } });
const rosa = await aUser(runWork, {
  venueId: home.id,
  email: 'rosa@example.com',
  username: 'Rosa',
  roles: ['OPERATOR', 'PLAYER'],
});

const sessionRow = (id: string) =>
  floor.db.selectFrom('auth_session').selectAll().where('id', '=', id).executeTakeFirst();
const countSessions = async () => (await floor.db.selectFrom('auth_session').select('id').execute()).length;

test.each(['rosa@example.com', 'ROSA@EXAMPLE.COM', 'rosa', 'Rosa', ' rosa '])(
  '%j signs in',
  async (identifier) => {
    const { user, session, accessToken } = await auth.login({ identifier, password: PASSWORD }, {});
    expect(user).toEqual(rosa);
    expect(await auth.actorOf(accessToken)).toEqual({
      kind: 'user',
      userId: rosa.id,
      venueId: home.id,
      sessionId: session.id,
      roles: ['OPERATOR', 'PLAYER'],
      grants: [],
      mustChangePassword: false,
    });
  },
);

test('the session remembers when and from where, printable and of bounded length', async () => {
  const client = { address: '192.0.2.7', userAgent: `Browser\u0000\n${'x'.repeat(500)}` };
  const { session, expiresAt, expiresInSeconds } = await auth.login(
    { identifier: 'rosa', password: PASSWORD },
    client,
  );
  const row = await sessionRow(session.id);
  expect(row).toMatchObject({ user_id: rosa.id, venue_id: home.id, address: '192.0.2.7', revoked_at: null });
  expect(row?.user_agent).toMatch(/^Browserx{242,249}$/);
  expect(session.expiresAt.getTime() - session.createdAt.getTime()).toBe(SESSION_SECONDS * 1000);
  expect(Math.abs(session.createdAt.getTime() + TOKEN_SECONDS * 1000 - expiresAt.getTime())).toBeLessThan(
    5_000,
  );
  expect(expiresInSeconds).toBe(TOKEN_SECONDS);
});

test.each([
  ['an unknown user', { identifier: 'nobody', password: PASSWORD }],
  ['an unknown address', { identifier: 'nobody@example.com', password: PASSWORD }],
  ['a wrong password', { identifier: 'rosa', password: `${PASSWORD}!` }],
  ['an empty password', { identifier: 'rosa', password: '' }],
  ['an impossible name', { identifier: '\u0000', password: PASSWORD }],
  ['an injection', { identifier: "rosa' or '1'='1", password: PASSWORD }],
  ['a venue without a role there', { identifier: 'rosa', password: PASSWORD, venue: other.slug }],
  ['an unknown venue', { identifier: 'rosa', password: PASSWORD, venue: 'nowhere' }],
  ['an impossible venue', { identifier: 'rosa', password: PASSWORD, venue: '\u0000' }],
])('%s gets the one answer after one comparison, and no session', async (_, input) => {
  const { verified } = auth.hashingStatistics();
  const sessions = await countSessions();
  const refusal = await auth.login(input, {}).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(InvalidCredentialsError);
  expect(refusal).toMatchObject({
    code: 'AUTH_001',
    message: 'The username, the password or the venue is wrong.',
  });
  expect(auth.hashingStatistics().verified).toBe(verified + 1);
  expect(await countSessions()).toBe(sessions);
});

test('a password no account can have is refused without a comparison, whoever is named', async () => {
  const { verified } = auth.hashingStatistics();
  for (const identifier of ['rosa', 'nobody']) {
    const attempt = auth.login({ identifier, password: 'x'.repeat(100_000) }, {});
    await expect(attempt).rejects.toThrow(InvalidCredentialsError);
  }
  expect(auth.hashingStatistics().verified).toBe(verified);
});

test('a sign-in is for one venue, with the roles of that venue', async () => {
  const user = await aUser(runWork, { venueId: home.id, roles: ['PLAYER'] });
  const role = { user_id: user.id, venue_id: other.id, role: 'AUDITOR' } as const;
  await floor.db.insertInto('user_role').values(role).execute();
  const input = { identifier: user.email, password: PASSWORD };
  const atHome = await auth.login(input, {});
  const away = await auth.login({ ...input, venue: other.slug }, {});
  expect(await auth.actorOf(atHome.accessToken)).toMatchObject({ venueId: home.id, roles: ['PLAYER'] });
  expect(await auth.actorOf(away.accessToken)).toMatchObject({ venueId: other.id, roles: ['AUDITOR'] });
  expect(away.user).toMatchObject({ homeVenueId: home.id, roles: ['AUDITOR'] });
});

test.each(['LOCKED', 'DELETED'] as const)(
  'the right password of a %s account is as good as a wrong one',
  async (status) => {
    const user = await aUser(runWork, { venueId: home.id });
    await floor.db.updateTable('app_user').set({ status }).where('id', '=', user.id).execute();
    const attempt = auth.login({ identifier: user.email, password: PASSWORD }, {});
    await expect(attempt).rejects.toThrow(InvalidCredentialsError);
  },
);

test('whoever has no role at home may not sign in', async () => {
  const user = await aUser(runWork, { venueId: home.id, roles: [] });
  const attempt = auth.login({ identifier: user.email, password: PASSWORD }, {});
  await expect(attempt).rejects.toThrow(InvalidCredentialsError);
});

test('a password that was changed while it was compared opens nothing', async () => {
  const user = await aUser(runWork, { venueId: home.id });
  const attempt = runWork(ANONYMOUS, (work) =>
    openSession(work, {
      id: newId(),
      venueId: home.id,
      credentials: { userId: user.id, passwordHash: '$argon2id$of another day' },
      lifetimeSeconds: 60,
      client: {},
      refreshTokenHash: randomBytes(32),
    }),
  );
  await expect(attempt).rejects.toThrow(InvalidCredentialsError);
});
