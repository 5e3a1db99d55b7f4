import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aFloorApp } from '../support/app.ts';
import { aUser, PASSWORD } from '../support/builders.ts';
import { eventually } from '../support/deadline.ts';
import { aMailbox } from '../support/mailbox.ts';
import { aPerson } from '../support/oauth-journey.ts';
import { aFakeProvider, type ProviderPerson, REDIRECT_URI } from '../support/oauth-provider.ts';
import { type Ask, transportsTo } from '../support/transports.ts';

const provider = await aFakeProvider();
const floor = await aFloorApp({ machines: 0, settings: { oauth: provider.settings } });
const { http, transports, signIn } = transportsTo(floor);
const mailbox = aMailbox(join(floor.dataDir, 'mail'));

const anAccount = (overrides: Partial<Parameters<typeof aUser>[1]> = {}) =>
  aUser(floor.app().services.runWork, { venueId: floor.venueId, ...overrides });

const TOKENS = 'accessToken refreshToken user { email } session { address }';
const BEGUN = 'authorizationUrl state verifier expiresAt';
const FIELDS: Readonly<Record<string, { readonly input: string; readonly fields: string }>> = {
  beginOAuth: { input: 'BeginOAuthInput', fields: BEGUN },
  completeOAuth: { input: 'OAuthReturnInput', fields: TOKENS },
  beginIdentityLink: { input: 'BeginIdentityLinkInput', fields: BEGUN },
  linkIdentity: { input: 'OAuthReturnInput', fields: 'identity { id provider email }' },
  unlinkIdentity: { input: 'UnlinkIdentityInput', fields: 'identityId' },
  changePassword: { input: 'ChangePasswordInput', fields: 'endedSessions' },
  resetPassword: { input: 'ResetPasswordInput', fields: 'endedSessions' },
  deleteMyAccount: { input: 'DeleteMyAccountInput', fields: 'endedSessions' },
};
const VIEWER = '{ viewer { hasPassword identities { id provider email linkedAt lastUsedAt } } }';

// biome-ignore lint/suspicious/noExplicitAny: JSON as it came
type Json = any;

async function perform(
  name: string,
  input: object,
  { token, ask = http }: { token?: string; ask?: Ask } = {},
) {
  const { input: type, fields } = FIELDS[name] ?? { input: '', fields: '' };
  const success = `${name.charAt(0).toUpperCase()}${name.slice(1)}Success`;
  const document = `mutation ($input: ${type}!) {
    ${name}(input: $input) { __typename ... on ${success} { ${fields} } ... on Error { code retryable } }
  }`;
  const { data, errors } = await ask(document, { token, input });
  expect(errors).toBeUndefined();
  return data[name] as Json;
}

/** As far as the page that completes. */
async function comeBack(begun: Json, person: ProviderPerson) {
  const back = await provider.agree(begun.authorizationUrl, person);
  return { ...back, verifier: begun.verifier };
}
const begin = (ask?: Ask) =>
  perform('beginOAuth', { provider: 'GOOGLE', redirectUri: REDIRECT_URI }, ask && { ask });
const signInAs = async (person: ProviderPerson) =>
  await perform('completeOAuth', await comeBack(await begin(), person));

test('a sign-in page is told which buttons to show', async () => {
  const { data } = await http('{ apiInfo { oauthProviders } }');
  expect(data.apiInfo.oauthProviders).toEqual(['GOOGLE', 'GITHUB']);
});

test('what README asks begins a sign-in', async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const [, document = ''] = /^```graphql\n(mutation \{\n {2}beginOAuth.*?)^```$/ms.exec(readme) ?? [];
  const begun = (await http(document)).data.beginOAuth;
  expect(new URL(begun.authorizationUrl).searchParams.get('state')).toBe(begun.state);
});

test.each(transports)('over %s, somebody new signs in, and is told how', async (_, ask) => {
  const person = aPerson();
  const begun = await begin(ask);
  expect(begun).toMatchObject({ __typename: 'BeginOAuthSuccess', expiresAt: expect.stringMatching(/Z$/) });
  expect(begun.authorizationUrl).not.toContain(begun.verifier);
  const back = await comeBack(begun, person);
  expect(back.state).toBe(begun.state);
  const signedIn = await perform('completeOAuth', back, { ask });
  expect(signedIn).toMatchObject({ __typename: 'CompleteOAuthSuccess', user: { email: person.email } });
  expect(signedIn.session.address).toBe('127.0.0.1');
  const { viewer } = (await ask(VIEWER, { token: signedIn.accessToken })).data;
  expect(viewer).toMatchObject({
    hasPassword: false,
    identities: [{ provider: 'GOOGLE', email: person.email }],
  });
  expect(await perform('completeOAuth', back, { ask })).toEqual({
    __typename: 'OAuthStateInvalidError',
    code: 'AUTH_003',
    retryable: false,
  });
});

test('a sign-in that one process began another ends', async () => {
  const person = aPerson();
  const back = await comeBack(await begin(), person);
  await floor.restart();
  expect(await perform('completeOAuth', back)).toMatchObject({ user: { email: person.email } });
});

test('what is wrong is named, and only what may help is worth another try', async () => {
  const wish = { provider: 'GOOGLE', redirectUri: REDIRECT_URI };
  const refused = async (name: string, input: object) => {
    const { __typename, code, retryable } = await perform(name, input);
    return [__typename, code, retryable];
  };
  expect(await refused('beginOAuth', { ...wish, redirectUri: 'https://evil.example/' })).toEqual([
    'RedirectUriNotAllowedError',
    'API_001',
    false,
  ]);
  expect(await refused('beginOAuth', { ...wish, venue: 'nowhere' })).toEqual([
    'NotFoundError',
    'API_002',
    false,
  ]);
  const squatter = await anAccount({ isEmailVerified: false });
  const asSquatter = await comeBack(await begin(), aPerson({ email: squatter.email }));
  expect(await refused('completeOAuth', asSquatter)).toEqual(['IdentityNotLinkedError', 'AUTH_010', false]);
  const unverified = await comeBack(await begin(), aPerson({ isEmailVerified: false }));
  expect(await refused('completeOAuth', unverified)).toEqual([
    'ProviderEmailUnverifiedError',
    'AUTH_008',
    false,
  ]);
  const back = await comeBack(await begin(), aPerson());
  provider.breakAt('/token', (response) => void response.writeHead(503).end());
  expect(await refused('completeOAuth', back)).toEqual(['ProviderUnavailableError', 'SYS_003', true]);
  provider.breakAt('/token', null);
  expect(await refused('completeOAuth', { ...back, code: 'another' })).toEqual([
    'ProviderRefusedError',
    'AUTH_003',
    false,
  ]);
});

test('an account is linked, told so by mail, signed in to and unlinked', async () => {
  const { email } = await anAccount();
  const { accessToken: token } = await signIn(email);
  const person = aPerson();
  const wish = { provider: 'GOOGLE', redirectUri: REDIRECT_URI };
  const denied = await perform('beginIdentityLink', { ...wish, password: 'wrong' }, { token });
  expect(denied).toMatchObject({ __typename: 'InvalidCredentialsError', code: 'AUTH_001' });
  const begun = await perform('beginIdentityLink', { ...wish, password: PASSWORD }, { token });
  const { identity } = await perform('linkIdentity', await comeBack(begun, person), { token });
  expect(identity).toMatchObject({ provider: 'GOOGLE', email: person.email });
  expect((await http(VIEWER, { token })).data.viewer).toMatchObject({
    hasPassword: true,
    identities: [{ id: identity.id }],
  });
  const mail = await eventually(async () => (await mailbox.mailsTo(email))[0]);
  expect(mail?.subject).toBe('Your account is linked with Google');
  expect(await signInAs(person)).toMatchObject({ user: { email } });
  const unlinked = await perform('unlinkIdentity', { identityId: identity.id }, { token });
  expect(unlinked).toMatchObject({ identityId: identity.id });
  expect((await signInAs(person)).user.email).toBe(person.email);
});

test('who has no password gets one by mail, and is asked for it from then on', async () => {
  const person = aPerson();
  const { email } = person;
  const { accessToken: token } = await signInAs(person);
  const { identities } = (await http(VIEWER, { token })).data.viewer;
  const unlink = { identityId: identities[0].id };
  expect(await perform('unlinkIdentity', unlink, { token })).toMatchObject({
    __typename: 'LastWayInError',
    code: 'API_001',
  });
  await http(
    'mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { __typename } }',
    { input: { email } },
  );
  const reset = { token: await mailbox.tokenTo(email), newPassword: PASSWORD };
  expect(await perform('resetPassword', reset)).toMatchObject({ endedSessions: 1 });
  const { accessToken: anew } = await signIn(email);
  expect((await http(VIEWER, { token: anew })).data.viewer.hasPassword).toBe(true);
  expect(await perform('deleteMyAccount', {}, { token: anew })).toMatchObject({
    __typename: 'InvalidCredentialsError',
  });
  expect(await perform('unlinkIdentity', unlink, { token: anew })).toMatchObject(unlink);
});

test('who has no password deletes his account while his sign-in is fresh', async () => {
  const person = aPerson();
  const { accessToken: token } = await signInAs(person);
  await floor
    .app()
    .services.db.updateTable('auth_session')
    .set({ created_at: new Date(Date.now() - 11 * 60_000) })
    .where('user_id', 'in', (users) =>
      users.selectFrom('app_user').select('id').where('email', '=', person.email),
    )
    .execute();
  expect(await perform('deleteMyAccount', {}, { token })).toMatchObject({
    __typename: 'FreshSignInRequiredError',
    code: 'AUTH_001',
  });
  const { accessToken: fresh } = await signInAs(person);
  expect(await perform('deleteMyAccount', {}, { token: fresh })).toMatchObject({ endedSessions: 2 });
});

test('what he linked is in the export of his data', async () => {
  const person = aPerson();
  const { accessToken: token } = await signInAs(person);
  const document = `mutation {
    exportMyData(input: {}) { __typename ... on ExportMyDataSuccess { data } ... on Error { code message } }
  }`;
  const { exportMyData } = (await http(document, { token })).data;
  expect(exportMyData.data.linkedIdentities).toMatchObject([
    { provider: 'GOOGLE', subject: person.subject, email: person.email },
  ]);
});
