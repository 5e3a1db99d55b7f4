import { sql } from 'kysely';
import { expect, test } from 'vitest';
import {
  AccountLockedError,
  EmailNotVerifiedError,
  InvalidCredentialsError,
  SecondFactorRequiredError,
} from '../../src/auth/errors.ts';
import {
  IdentityNotLinkedError,
  OAuthStateInvalidError,
  ProviderEmailUnverifiedError,
  ProviderNotOfferedError,
  ProviderRefusedError,
  RedirectUriNotAllowedError,
} from '../../src/auth/oauth-errors.ts';
import type { OAuthReturn } from '../../src/auth/oauth-service.ts';
import { deleteOutlivedStates } from '../../src/auth/oauth-state-store.ts';
import type { AuthServices } from '../../src/auth/service.ts';
import type { ClientTrace } from '../../src/auth/session.ts';
import { NotFoundError } from '../../src/lib/errors.ts';
import { createRunWork } from '../../src/work.ts';
import { anAuth, runWorkOn } from '../support/auth.ts';
import { aUser, aVenue, PASSWORD } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { aPerson, comeBack as goThere, type Journey } from '../support/oauth-journey.ts';
import { aFakeProvider, type ProviderPerson, REDIRECT_URI } from '../support/oauth-provider.ts';
import { appCode } from '../support/second-factor.ts';

const { floor } = await cloneDatabase();
const { db } = floor;
const runWork = runWorkOn(floor);
const home = await aVenue(runWork);
const other = await aVenue(runWork);
const provider = await aFakeProvider();
const { settings: oauth } = provider;
const lockOut = { failures: 3, windowMs: 900_000, addresses: 100 };
const auth = await anAuth(floor, { oauth, lockOut });

/** On the way there and back to this server, or to another. */
const comeBack = (person: ProviderPerson, { at = auth, ...journey }: At = {}) =>
  goThere({ auth: at, provider }, person, journey);

interface At extends Journey {
  readonly at?: AuthServices;
}

const signIn = async (person: ProviderPerson, journey: At = {}, client: ClientTrace = {}) =>
  await (journey.at ?? auth).oauth.complete(await comeBack(person, journey), client);

/** Somebody with a password, who has linked who he is at a provider. */
async function somebodyLinked(overrides: Partial<Parameters<typeof aUser>[1]> = {}) {
  const ada = await aUser(runWork, { venueId: home.id, ...overrides });
  const { accessToken } = await auth.login({ identifier: ada.email, password: PASSWORD }, {});
  const actor = await auth.actorOf(accessToken);
  const person = aPerson();
  await auth.oauth.link(actor, await comeBack(person, { linker: { actor, password: PASSWORD } }), {});
  return { ada, actor, person };
}

const identitiesOf = (userId: string) =>
  db.selectFrom('linked_identity').selectAll().where('user_id', '=', userId).execute();
const accountWith = (email: string) =>
  db.selectFrom('app_user').selectAll().where('email', '=', email).executeTakeFirst();
const eventTypes = async () =>
  (await db.selectFrom('outbox').select('type').orderBy('id').execute()).map(({ type }) => type);
const setStatus = (userId: string, status: 'ACTIVE' | 'LOCKED') =>
  db.updateTable('app_user').set({ status }).where('id', '=', userId).execute();

test.each(['GOOGLE', 'GITHUB'] as const)('somebody new gets an account by %s', async (through) => {
  const person = aPerson({ name: ' Ada ' });
  const before = (await eventTypes()).length;
  const client = { address: '192.0.2.7', userAgent: 'Browser' };
  const { user, session, accessToken } = await signIn(person, { through }, client);
  expect(user).toMatchObject({ email: person.email, displayName: 'Ada', username: null, roles: ['PLAYER'] });
  expect(user).toMatchObject({ homeVenueId: home.id, emailVerifiedAt: expect.any(Date) });
  expect(session).toMatchObject({ address: '192.0.2.7', userAgent: 'Browser', venueId: home.id });
  expect(await auth.actorOf(accessToken)).toMatchObject({ userId: user.id, roles: ['PLAYER'] });
  expect(await accountWith(user.email)).toMatchObject({ has_password: false });
  expect(await identitiesOf(user.id)).toMatchObject([
    { provider: through, subject: person.subject, email: person.email },
  ]);
  expect((await eventTypes()).slice(before)).toEqual([
    'auth.user-registered',
    'auth.identity-linked',
    'auth.session-opened',
  ]);

  const again = await signIn({ ...person, email: 'moved@example.com' }, { through });
  expect(again.user.id).toBe(user.id);
  expect(again.user.email).toBe(person.email);
  expect(await identitiesOf(user.id)).toMatchObject([{ email: 'moved@example.com' }]);
});

test('a new account is at home where its owner wanted to', async () => {
  const { user, session } = await signIn(aPerson(), { venue: other.slug });
  expect(user.homeVenueId).toBe(other.id);
  expect(session.venueId).toBe(other.id);
});

test('a name that nobody here can have is left out', async () => {
  const { user } = await signIn(aPerson({ name: 'x'.repeat(101) }));
  expect(user.displayName).toBeNull();
});

test('the same number is somebody else at another provider', async () => {
  const { subject } = aPerson();
  const one = await signIn(aPerson({ subject }));
  const two = await signIn(aPerson({ subject }), { through: 'GITHUB' });
  expect(two.user.id).not.toBe(one.user.id);
});

test('the same number is somebody else at another server of the same kind', async () => {
  const person = aPerson();
  const { user } = await signIn(person, { through: 'GITHUB' });
  await sql`update linked_identity set issuer = 'https://before.example' where user_id = ${user.id}`.execute(
    db,
  );
  const stranger = await signIn(aPerson({ subject: person.subject }), { through: 'GITHUB' });
  expect(stranger.user.id).not.toBe(user.id);
});

test.each(
  (['GOOGLE', 'GITHUB'] as const).flatMap((through) =>
    [true, false].map((isEmailVerified) => ({ through, isEmailVerified })),
  ),
)('nobody is let into an account by his address alone: %j', async ({ through, isEmailVerified }) => {
  const ada = await aUser(runWork, { venueId: home.id, isEmailVerified });
  const person = aPerson({ email: ada.email.toUpperCase() });
  await expect(signIn(person, { through })).rejects.toThrow(IdentityNotLinkedError);
  expect(await identitiesOf(ada.id)).toEqual([]);
});

test.each(['GOOGLE', 'GITHUB'] as const)(
  'an address that %s has not verified leads into no account and makes none',
  async (through) => {
    const ada = await aUser(runWork, { venueId: home.id });
    const strangers = [
      aPerson({ email: ada.email, isEmailVerified: false }),
      aPerson({ isEmailVerified: false }),
      { subject: aPerson().subject },
      aPerson({ email: 'ädá@example.com' }),
    ];
    const accounts = await db.selectFrom('app_user').select('id').execute();
    for (const stranger of strangers)
      await expect(signIn(stranger, { through })).rejects.toThrow(ProviderEmailUnverifiedError);
    expect(await identitiesOf(ada.id)).toEqual([]);
    expect(await db.selectFrom('app_user').select('id').execute()).toEqual(accounts);
  },
);

test('whoever is linked needs no address any more', async () => {
  const { subject, email } = aPerson();
  const { user } = await signIn({ subject, email });
  expect((await signIn({ subject })).user.id).toBe(user.id);
});

test('a locked account is not signed in to, and the try goes on record', async () => {
  const { ada, person } = await somebodyLinked();
  await signIn(person);
  await setStatus(ada.id, 'LOCKED');
  await expect(signIn(person)).rejects.toThrow(InvalidCredentialsError);
  const failures = await db
    .selectFrom('sign_in_failure')
    .select('id')
    .where('user_id', '=', ada.id)
    .execute();
  expect(failures).toHaveLength(1);
});

test('an account that wrong passwords locked out is locked out here too', async () => {
  const { ada, person } = await somebodyLinked();
  const client = { address: '192.0.2.9' };
  for (let tries = 0; tries < lockOut.failures; tries += 1)
    await auth.login({ identifier: ada.email, password: 'wrong' }, client).catch(() => {});
  await expect(signIn(person, {}, client)).rejects.toThrow(AccountLockedError);
});

test('a sign-in is for the venue it was begun for, and only with a role there', async () => {
  const { ada, person } = await somebodyLinked();
  await expect(signIn(person, { venue: other.slug })).rejects.toThrow(InvalidCredentialsError);
  await db.insertInto('user_role').values({ user_id: ada.id, venue_id: other.id, role: 'AUDITOR' }).execute();
  const away = await signIn(person, { venue: other.slug });
  expect(away.user.roles).toEqual(['AUDITOR']);
  expect(away.session.venueId).toBe(other.id);
  expect((await signIn(person)).session.venueId).toBe(home.id);
});

test('a second factor is asked for all the same', async () => {
  const { ada, actor, person } = await somebodyLinked();
  const { secret } = await auth.secondFactors.enroll(actor, PASSWORD, {});
  const { recoveryCodes } = await auth.secondFactors.confirm(actor, appCode(secret), {});
  const refusal = await signIn(person).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(SecondFactorRequiredError);
  const { challenge } = refusal as SecondFactorRequiredError;
  const { user } = await auth.verifySecondFactor({ challenge, code: recoveryCodes[0] ?? '' }, {});
  expect(user.id).toBe(ada.id);
});

test('an address of an account has to be verified where that is asked for', async () => {
  const strict = await anAuth(floor, { oauth, requireVerifiedEmail: true });
  const person = aPerson();
  const { user } = await signIn(person, { at: strict });
  await db.updateTable('app_user').set({ email_verified_at: null }).where('id', '=', user.id).execute();
  await expect(signIn(person, { at: strict })).rejects.toThrow(EmailNotVerifiedError);
});

test('whoever has to change his password has to do so here too', async () => {
  const { person } = await somebodyLinked({ mustChangePassword: true });
  const { accessToken } = await signIn(person);
  expect(await auth.actorOf(accessToken)).toMatchObject({ mustChangePassword: true });
});

test('a state is good once', async () => {
  const person = aPerson();
  const back = await comeBack(person);
  await auth.oauth.complete(back, {});
  await expect(auth.oauth.complete(back, {})).rejects.toThrow(OAuthStateInvalidError);
  const { code } = await comeBack(person);
  await expect(auth.oauth.complete({ ...back, code }, {})).rejects.toThrow(OAuthStateInvalidError);
});

test('of many who complete at once one signs in', async () => {
  const back = await comeBack(aPerson());
  const asked = provider.asked.length;
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => auth.oauth.complete(back, {})));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const outcome of outcomes)
    if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(OAuthStateInvalidError);
  expect(provider.asked.slice(asked).filter((each) => each === 'POST /google/token')).toHaveLength(1);
});

test('somebody new in several browsers at once gets one account', async () => {
  const person = aPerson();
  const backs: OAuthReturn[] = [];
  for (let browsers = 0; browsers < 4; browsers += 1) backs.push(await comeBack(person));
  const signedIn = await Promise.all(backs.map((back) => auth.oauth.complete(back, {})));
  expect(new Set(signedIn.map(({ user }) => user.id)).size).toBe(1);
});

test('what comes back to another browser signs nobody in there, and still does where it was begun', async () => {
  const [mallory, victim] = [await comeBack(aPerson()), await comeBack(aPerson())];
  const { state, code, redirectUri, verifier } = mallory;
  const fed = { state, code, redirectUri };
  for (const kept of [victim.verifier, '', state, 'x'.repeat(43)])
    await expect(auth.oauth.complete({ ...fed, verifier: kept }, {})).rejects.toThrow(OAuthStateInvalidError);
  await auth.oauth.complete({ ...fed, verifier }, {});
});

test('a code of another sign-in is refused by the provider, whose it was not', async () => {
  const [mine, stolen] = [await comeBack(aPerson()), await comeBack(aPerson())];
  const injected = { ...mine, code: stolen.code };
  await expect(auth.oauth.complete(injected, {})).rejects.toThrow(ProviderRefusedError);
  await expect(auth.oauth.complete(mine, {})).rejects.toThrow(OAuthStateInvalidError);
});

test('what comes back to another page is refused', async () => {
  const back = await comeBack(aPerson());
  for (const redirectUri of ['https://evil.example/', `${REDIRECT_URI}/`, ''])
    await expect(auth.oauth.complete({ ...back, redirectUri }, {})).rejects.toThrow(OAuthStateInvalidError);
});

test.each([
  'https://evil.example/',
  `${REDIRECT_URI}/`,
  `${REDIRECT_URI}?next=https://evil.example`,
  REDIRECT_URI.replace('https', 'http'),
  REDIRECT_URI.toUpperCase(),
  '',
])('nobody is sent back to %j', async (redirectUri) => {
  const begun = auth.oauth.begin({ provider: 'GOOGLE', redirectUri });
  await expect(begun).rejects.toThrow(RedirectUriNotAllowedError);
});

test('a state is over after ten minutes, and is tidied away', async () => {
  const shifted = createRunWork({ db, onEvents: () => {}, clockShiftMs: () => 10 * 60_000 });
  const later = await anAuth(floor, { oauth, runWork: shifted });
  const back = await comeBack(aPerson());
  await expect(later.oauth.complete(back, {})).rejects.toThrow(OAuthStateInvalidError);
  await shifted({ kind: 'system', name: 'test' }, ({ tx, now }) =>
    deleteOutlivedStates(tx, { now, limit: 100 }),
  );
  expect(await db.selectFrom('oauth_state').select('provider').execute()).toEqual([]);
});

test('neither state nor verifier can be read in the database', async () => {
  const { state, verifier } = await comeBack(aPerson());
  const { rows } = await sql<{ text: string }>`select t::text as text from oauth_state as t`.execute(db);
  const text = rows.map((row) => row.text).join();
  for (const secret of [state, verifier]) {
    expect(text).not.toContain(secret);
    expect(text).not.toContain(Buffer.from(secret, 'base64url').toString('hex'));
  }
});

test('a provider that is not set up is not offered', async () => {
  const without = await anAuth(floor);
  expect(auth.oauth.offered).toEqual(['GOOGLE', 'GITHUB']);
  expect(without.oauth.offered).toEqual([]);
  const begun = without.oauth.begin({ provider: 'GOOGLE', redirectUri: REDIRECT_URI });
  await expect(begun).rejects.toThrow(ProviderNotOfferedError);
  const back = await comeBack(aPerson());
  await expect(without.oauth.complete(back, {})).rejects.toThrow(ProviderNotOfferedError);
});

test('a page that no text can be is refused', async () => {
  const back = await comeBack(aPerson());
  for (const redirectUri of ['a\0', `${REDIRECT_URI}\0`])
    await expect(auth.oauth.complete({ ...back, redirectUri }, {})).rejects.toThrow(OAuthStateInvalidError);
});

test('a venue that is not there is not signed in to', async () => {
  const begun = auth.oauth.begin({ provider: 'GOOGLE', redirectUri: REDIRECT_URI, venue: 'nowhere' });
  await expect(begun).rejects.toThrow(NotFoundError);
});
