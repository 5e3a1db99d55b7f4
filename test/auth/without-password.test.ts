import { expect, test } from 'vitest';
import {
  InvalidCredentialsError,
  SecondFactorRequiredError,
  SessionRevokedError,
  WeakPasswordError,
} from '../../src/auth/errors.ts';
import { FreshSignInRequiredError } from '../../src/auth/oauth-errors.ts';
import { revokeOwnSession } from '../../src/auth/session-service.ts';
import { createRunWork } from '../../src/work.ts';
import { anAuth, runWorkOn } from '../support/auth.ts';
import { aUser, aVenue, PASSWORD } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { aPerson, comeBack } from '../support/oauth-journey.ts';
import { aFakeProvider, type ProviderPerson } from '../support/oauth-provider.ts';
import { appCode, STEP_MS } from '../support/second-factor.ts';

/** An account that was made by a sign-in elsewhere, and whoever has no password to show. */
const { floor } = await cloneDatabase();
const { db } = floor;
const runWork = runWorkOn(floor);
const home = await aVenue(runWork);
const provider = await aFakeProvider();
const { settings: oauth } = provider;
const auth = await anAuth(floor, { oauth });
const shifted = createRunWork({ db, onEvents: () => {}, clockShiftMs: () => 11 * 60_000 });
const later = await anAuth(floor, { oauth, runWork: shifted });

async function newcomer(person: ProviderPerson = aPerson()) {
  const { accessToken, refreshToken, user } = await auth.oauth.complete(
    await comeBack({ auth, provider }, person),
    {},
  );
  return { actor: await auth.actorOf(accessToken), refreshToken, user, person };
}
const NEW_PASSWORD = 'nine herons over a weir';
const logIn = (identifier: string, password: string) => auth.login({ identifier, password }, {});

test.each(['', PASSWORD, 'null'])('the password %j is wrong, as every other', async (password) => {
  const { user } = await newcomer();
  await expect(logIn(user.email, password)).rejects.toThrow(InvalidCredentialsError);
});

test('he chooses his first password after a sign-in of just now, which then is asked for', async () => {
  const { actor, user } = await newcomer();
  await expect(later.changePassword(actor, { newPassword: NEW_PASSWORD })).rejects.toThrow(
    FreshSignInRequiredError,
  );
  await expect(auth.changePassword(actor, { newPassword: 'short' })).rejects.toThrow(WeakPasswordError);
  await expect(
    auth.changePassword(actor, { currentPassword: PASSWORD, newPassword: NEW_PASSWORD }),
  ).rejects.toThrow(InvalidCredentialsError);
  await auth.changePassword(actor, { newPassword: NEW_PASSWORD });
  expect((await logIn(user.email, NEW_PASSWORD)).user.id).toBe(user.id);
  await expect(auth.changePassword(actor, { newPassword: PASSWORD })).rejects.toThrow(
    InvalidCredentialsError,
  );
});

test('a sign-in that was ended shows nothing any more', async () => {
  const thief = await newcomer();
  const own = await newcomer(thief.person);
  await runWork(own.actor, (work) => revokeOwnSession(work, own.actor, thief.actor.sessionId));
  await expect(auth.changePassword(thief.actor, { newPassword: NEW_PASSWORD })).rejects.toThrow(
    SessionRevokedError,
  );
  await auth.changePassword(own.actor, { newPassword: NEW_PASSWORD });
});

test('of two first passwords at once one is his', async () => {
  const { actor, user } = await newcomer();
  const outcomes = await Promise.allSettled(
    [NEW_PASSWORD, PASSWORD].map((newPassword) => auth.changePassword(actor, { newPassword })),
  );
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const good = await Promise.allSettled([NEW_PASSWORD, PASSWORD].map((each) => logIn(user.email, each)));
  expect(good.map(({ status }) => status)).toEqual(outcomes.map(({ status }) => status));
});

test('who has a password shows it, however new his sign-in is', async () => {
  const { email } = await aUser(runWork, { venueId: home.id });
  const actor = await auth.actorOf((await logIn(email, PASSWORD)).accessToken);
  await expect(auth.changePassword(actor, { newPassword: NEW_PASSWORD })).rejects.toThrow(
    InvalidCredentialsError,
  );
  await expect(auth.accounts.deleteAccount(actor, null, {})).rejects.toThrow(InvalidCredentialsError);
  await expect(auth.secondFactors.enroll(actor, null, {})).rejects.toThrow(InvalidCredentialsError);
});

test('he deletes his account after a sign-in of just now, and all that linked it', async () => {
  const { actor, user, person } = await newcomer();
  const linker = { actor, password: null };
  await comeBack({ auth, provider }, aPerson(), { through: 'GITHUB', linker });
  await expect(later.accounts.deleteAccount(actor, null, {})).rejects.toThrow(FreshSignInRequiredError);
  expect(await auth.accounts.deleteAccount(actor, null, {})).toBe(1);
  for (const table of ['linked_identity', 'oauth_state'] as const)
    expect(await db.selectFrom(table).selectAll().where('user_id', '=', user.id).execute()).toEqual([]);
  expect((await newcomer(person)).user.id).not.toBe(user.id);
});

test('a session that is renewed shows no more than its sign-in does', async () => {
  const { actor, refreshToken } = await newcomer();
  await later.refresh(refreshToken);
  await expect(later.changePassword(actor, { newPassword: NEW_PASSWORD })).rejects.toThrow(
    FreshSignInRequiredError,
  );
});

test('he has a second factor as anybody, which his sign-ins ask for', async () => {
  const { actor, person } = await newcomer();
  await expect(later.secondFactors.enroll(actor, null, {})).rejects.toThrow(FreshSignInRequiredError);
  const { secret } = await auth.secondFactors.enroll(actor, null, {});
  await auth.secondFactors.confirm(actor, appCode(secret), {});
  await expect(newcomer(person)).rejects.toThrow(SecondFactorRequiredError);
  const code = appCode(secret, Date.now() + STEP_MS);
  await auth.secondFactors.disable(actor, { password: null, code }, {});
  await newcomer(person);
});
