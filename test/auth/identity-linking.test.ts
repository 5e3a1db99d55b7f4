import { expect, test } from 'vitest';
import { insertAccountToken } from '../../src/auth/account-token-store.ts';
import { InvalidCredentialsError, SessionRevokedError } from '../../src/auth/errors.ts';
import { listIdentities } from '../../src/auth/linked-identity-store.ts';
import {
  FreshSignInRequiredError,
  IdentityNotLinkedError,
  IdentityTakenError,
  LastWayInError,
  OAuthStateInvalidError,
  ProviderEmailUnverifiedError,
  ProviderLinkedError,
} from '../../src/auth/oauth-errors.ts';
import type { OAuthReturn } from '../../src/auth/oauth-service.ts';
import { makeOpaqueToken } from '../../src/auth/opaque-token.ts';
import { ANONYMOUS } from '../../src/lib/actor.ts';
import { NotFoundError } from '../../src/lib/errors.ts';
import { createRunWork } from '../../src/work.ts';
import { anAuth, runWorkOn } from '../support/auth.ts';
import { aUser, aVenue, PASSWORD } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { aPerson, comeBack as goThere, type Journey } from '../support/oauth-journey.ts';
import { aFakeProvider, type ProviderPerson } from '../support/oauth-provider.ts';

const { floor } = await cloneDatabase();
const { db } = floor;
const runWork = runWorkOn(floor);
const home = await aVenue(runWork);
const provider = await aFakeProvider();
const { settings: oauth } = provider;
const auth = await anAuth(floor, { oauth });

const comeBack = (person: ProviderPerson, journey: Journey = {}) =>
  goThere({ auth, provider }, person, journey);

/** Somebody with a password, signed in. */
async function someone(overrides: Partial<Parameters<typeof aUser>[1]> = {}) {
  const { email } = await aUser(runWork, { venueId: home.id, ...overrides });
  return await signInAs(email);
}
async function signInAs(email: string) {
  const { accessToken, user } = await auth.login({ identifier: email, password: PASSWORD }, {});
  return { actor: await auth.actorOf(accessToken), user };
}
/** Somebody without one, signed in. */
async function newcomer(person = aPerson()) {
  const { accessToken, user } = await auth.oauth.complete(await comeBack(person), {});
  return { actor: await auth.actorOf(accessToken), user, person };
}
type Someone = Awaited<ReturnType<typeof signInAs>>;

const link = async ({ actor }: Someone, person: ProviderPerson, journey: Journey = {}, password = PASSWORD) =>
  await auth.oauth.link(actor, await comeBack(person, { ...journey, linker: { actor, password } }), {});

test('whoever is linked signs in to the account, whatever his address, and nothing else changes', async () => {
  const ada = await someone({ isEmailVerified: false });
  const person = aPerson({ isEmailVerified: false });
  const identity = await link(ada, person);
  expect(identity).toMatchObject({ userId: ada.user.id, provider: 'GOOGLE', email: null });
  const { user } = await auth.oauth.complete(await comeBack(person), {});
  expect(user).toEqual(ada.user);
  const types = await db.selectFrom('outbox').select(['type', 'payload']).orderBy('id').execute();
  expect(types).toContainEqual({
    type: 'auth.identity-linked',
    payload: { userId: ada.user.id, provider: 'GOOGLE' },
  });
});

test('one of each provider is linked, and the same twice is linked once', async () => {
  const ada = await someone();
  const person = aPerson();
  const first = await link(ada, person);
  expect(await link(ada, person)).toEqual(first);
  await link(ada, aPerson(), { through: 'GITHUB' });
  await expect(link(ada, aPerson())).rejects.toThrow(ProviderLinkedError);
  expect((await listIdentities(db, ada.user.id)).map(({ provider: name }) => name)).toEqual([
    'GOOGLE',
    'GITHUB',
  ]);
});

test('nobody is taken over by linking whom another account has linked', async () => {
  const person = aPerson();
  const { user } = await newcomer(person);
  const mallory = await someone();
  await expect(link(mallory, person)).rejects.toThrow(IdentityTakenError);
  expect((await auth.oauth.complete(await comeBack(person), {})).user.id).toBe(user.id);
});

test('of two accounts that link the same person at once one does', async () => {
  const person = aPerson();
  const people = [await someone(), await someone()];
  const backs: OAuthReturn[] = [];
  for (const { actor } of people)
    backs.push(await comeBack(person, { linker: { actor, password: PASSWORD } }));
  const outcomes = await Promise.allSettled(
    people.map(({ actor }, at) => auth.oauth.link(actor, backs[at] ?? missing(), {})),
  );
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  for (const outcome of outcomes)
    if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(IdentityTakenError);
});

test('a thief of a session links nobody without the password', async () => {
  const { actor } = await someone();
  for (const password of ['wrong', null])
    await expect(comeBack(aPerson(), { linker: { actor, password } })).rejects.toThrow(
      InvalidCredentialsError,
    );
});

test('a link is completed by who began it, in that session alone', async () => {
  const ada = await someone();
  const [mallory, elsewhere] = [await someone(), await signInAs(ada.user.email)];
  const back = await comeBack(aPerson(), { linker: { actor: ada.actor, password: PASSWORD } });
  for (const { actor } of [mallory, elsewhere])
    await expect(auth.oauth.link(actor, back, {})).rejects.toThrow(OAuthStateInvalidError);
  await expect(auth.oauth.complete(back, {})).rejects.toThrow(OAuthStateInvalidError);
  await auth.oauth.link(ada.actor, back, {});
  await expect(auth.oauth.link(ada.actor, back, {})).rejects.toThrow(OAuthStateInvalidError);
});

test('what began as a sign-in links nobody, so no page can slip somebody an identity', async () => {
  const ada = await someone();
  const back = await comeBack(aPerson());
  await expect(auth.oauth.link(ada.actor, back, {})).rejects.toThrow(OAuthStateInvalidError);
  expect(await listIdentities(db, ada.user.id)).toEqual([]);
});

test('an account that was locked meanwhile links nothing', async () => {
  const ada = await someone();
  const back = await comeBack(aPerson(), { linker: { actor: ada.actor, password: PASSWORD } });
  await db.updateTable('app_user').set({ status: 'LOCKED' }).where('id', '=', ada.user.id).execute();
  await expect(auth.oauth.link(ada.actor, back, {})).rejects.toThrow(SessionRevokedError);
  expect(await listIdentities(db, ada.user.id)).toEqual([]);
});

test('a session that ended while the provider was asked links nothing', async () => {
  const thief = await someone();
  const back = await comeBack(aPerson(), { linker: { actor: thief.actor, password: PASSWORD } });
  const own = await signInAs(thief.user.email);
  await auth.changePassword(own.actor, { currentPassword: PASSWORD, newPassword: 'nine herons over a weir' });
  await expect(auth.oauth.link(thief.actor, back, {})).rejects.toThrow(SessionRevokedError);
  expect(await listIdentities(db, own.user.id)).toEqual([]);
});

test.each([true, false])(
  'a password by mail unlinks whom somebody linked before the address was shown to be anybody’s: verified %s',
  async (isEmailVerified) => {
    const squatter = await someone({ isEmailVerified });
    const person = aPerson({ isEmailVerified: false });
    await link(squatter, person);
    const { token, hash } = makeOpaqueToken();
    const { id: userId, email } = squatter.user;
    await runWork(ANONYMOUS, (work) =>
      insertAccountToken(
        work.tx,
        { userId, venueId: home.id, purpose: 'RESET_PASSWORD', email },
        { hash, at: work.now, expiresAt: new Date(work.now.getTime() + 60_000) },
      ),
    );
    await auth.accounts.resetPassword({ token, newPassword: 'nine herons over a weir' }, {});
    expect(await listIdentities(db, userId)).toHaveLength(isEmailVerified ? 1 : 0);
    const back = await auth.oauth.complete(await comeBack(person), {}).catch((error: unknown) => error);
    if (isEmailVerified) expect(back).toMatchObject({ user: { id: userId } });
    else expect(back).toBeInstanceOf(ProviderEmailUnverifiedError);
  },
);

test('whoever is unlinked comes back by no address', async () => {
  const ada = await someone();
  const person = aPerson({ email: ada.user.email });
  const { id } = await link(ada, person);
  await auth.oauth.unlink(ada.actor, id, {});
  await expect(auth.oauth.complete(await comeBack(person), {})).rejects.toThrow(IdentityNotLinkedError);
});

test('whoever is unlinked signs in no more, and gets an account of his own at the next try', async () => {
  const ada = await someone();
  const person = aPerson();
  const { id } = await link(ada, person);
  await auth.oauth.unlink(ada.actor, id, {});
  expect(await listIdentities(db, ada.user.id)).toEqual([]);
  expect((await auth.oauth.complete(await comeBack(person), {})).user.id).not.toBe(ada.user.id);
  await expect(auth.oauth.unlink(ada.actor, id, {})).rejects.toThrow(NotFoundError);
});

test('nobody unlinks what is another’s', async () => {
  const [ada, mallory] = [await someone(), await someone()];
  const { id } = await link(ada, aPerson());
  await expect(auth.oauth.unlink(mallory.actor, id, {})).rejects.toThrow(NotFoundError);
  expect(await listIdentities(db, ada.user.id)).toHaveLength(1);
});

test('the only way in stays, until there is a password', async () => {
  const { actor, user } = await newcomer();
  const [identity] = await listIdentities(db, user.id);
  const { id } = identity ?? missing();
  await expect(auth.oauth.unlink(actor, id, {})).rejects.toThrow(LastWayInError);
  await auth.changePassword(actor, { newPassword: PASSWORD });
  await auth.oauth.unlink(actor, id, {});
  expect((await signInAs(user.email)).user.id).toBe(user.id);
});

test('of two ways in that are unlinked at once one stays', async () => {
  const { actor, user } = await newcomer();
  const back = await comeBack(aPerson(), { through: 'GITHUB', linker: { actor, password: null } });
  await auth.oauth.link(actor, back, {});
  const ids = (await listIdentities(db, user.id)).map(({ id }) => id);
  const outcomes = await Promise.allSettled(ids.map((id) => auth.oauth.unlink(actor, id, {})));
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(await listIdentities(db, user.id)).toHaveLength(1);
});

test('the database keeps a way in, whoever deletes', async () => {
  const { actor, user } = await newcomer();
  const back = await comeBack(aPerson(), { through: 'GITHUB', linker: { actor, password: null } });
  await auth.oauth.link(actor, back, {});
  const ids = (await listIdentities(db, user.id)).map(({ id }) => id);
  const outcomes = await Promise.allSettled(
    ids.map((id) => db.deleteFrom('linked_identity').where('id', '=', id).execute()),
  );
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const loss = db.updateTable('app_user').set({ has_password: false }).where('id', '=', actor.userId);
  await auth.changePassword(actor, { newPassword: PASSWORD });
  await expect(loss.execute()).rejects.toThrow(/would lose his password/);
});

test('a provider that is offered no more is no way in', async () => {
  const { actor, user } = await newcomer();
  const back = await comeBack(aPerson(), { through: 'GITHUB', linker: { actor, password: null } });
  await auth.oauth.link(actor, back, {});
  const googleAlone = { ...oauth, providers: oauth.providers.filter(({ name }) => name === 'GOOGLE') };
  const narrowed = await anAuth(floor, { oauth: googleAlone });
  const google = (await listIdentities(db, user.id)).find(({ provider: name }) => name === 'GOOGLE');
  await expect(narrowed.oauth.unlink(actor, google?.id ?? '', {})).rejects.toThrow(LastWayInError);
});

test('whoever has no password links by a sign-in of just now', async () => {
  const { actor } = await newcomer();
  const shifted = createRunWork({ db, onEvents: () => {}, clockShiftMs: () => 11 * 60_000 });
  const later = await anAuth(floor, { oauth, runWork: shifted });
  const journey = { through: 'GITHUB', linker: { actor, password: null } } as const;
  const tooLate = goThere({ auth: later, provider }, aPerson(), journey);
  await expect(tooLate).rejects.toThrow(FreshSignInRequiredError);
  await auth.oauth.link(actor, await comeBack(aPerson(), journey), {});
});

function missing(): never {
  throw new Error('it is not there');
}
