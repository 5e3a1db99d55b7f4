import { expect, test } from 'vitest';
import { aFloorApp } from '../support/app.ts';
import { PASSWORD } from '../support/builders.ts';
import { httpClient } from '../support/http-client.ts';
import { appCode, STEP_MS, wrongCode } from '../support/second-factor.ts';
import { connect } from '../support/socket-client.ts';

const floor = await aFloorApp({ machines: 0 });
const { post } = httpClient(floor.app().url);
const port = Number(new URL(floor.app().url).port);

const ERROR = '__typename ... on Error { code retryable }';
const WRONG = '... on SecondFactorWrongError { triesLeft }';
const TOKENS = 'success accessToken refreshToken expiresIn user { username } session { id }';
const LOGIN = `mutation ($input: LoginInput!) {
  login(input: $input) {
    ... on LoginSuccess { ${TOKENS} } ${ERROR} ... on SecondFactorRequiredError { challenge expiresAt }
  }
}`;
const VERIFY = `mutation ($input: VerifySecondFactorInput!) {
  verifySecondFactor(input: $input) { ... on VerifySecondFactorSuccess { ${TOKENS} } ${ERROR} ${WRONG} }
}`;
const ENROLL = `mutation ($input: EnrollSecondFactorInput!) {
  enrollSecondFactor(input: $input) { ... on EnrollSecondFactorSuccess { success secret uri } ${ERROR} }
}`;
const CONFIRM = `mutation ($input: ConfirmSecondFactorInput!) {
  confirmSecondFactor(input: $input) {
    ... on ConfirmSecondFactorSuccess { success recoveryCodes endedSessions } ${ERROR} ${WRONG}
  }
}`;
const DISABLE = `mutation ($input: DisableSecondFactorInput!) {
  disableSecondFactor(input: $input) { ... on DisableSecondFactorSuccess { success } ${ERROR} ${WRONG} }
}`;
const SECOND_FACTOR = '{ viewer { secondFactor { enabledAt recoveryCodesLeft } } }';

async function ask(query: string, { token, input }: { token?: string; input?: object } = {}) {
  const { body } = await post(
    { query, variables: { input } },
    token ? { authorization: `Bearer ${token}` } : {},
  );
  expect(body.errors).toBeUndefined();
  return Object.values(body.data)[0] as never;
}
// biome-ignore lint/suspicious/noExplicitAny: JSON as it came
type Json = any;
const signIn = (identifier: string): Promise<Json> =>
  ask(LOGIN, { input: { identifier, password: PASSWORD } });
const verify = (challenge: string, code: string): Promise<Json> =>
  ask(VERIFY, { input: { challenge, code } });

/** Somebody signed in, with the secret of an app that no code of was shown yet. */
async function enrolled(identifier: string) {
  const { accessToken: token }: Json = await signIn(identifier);
  const enrolment: Json = await ask(ENROLL, { token, input: { password: PASSWORD } });
  return { token, secret: String(enrolment.secret), enrolment };
}

test('a second factor from enrolment to removal, over HTTP', async () => {
  const other: Json = await signIn('player');
  const socket = await connect({ port });
  await socket.init({ accessToken: other.accessToken });
  const { token, secret, enrolment } = await enrolled('player');
  expect(enrolment).toMatchObject({ success: true, secret: expect.stringMatching(/^[A-Z2-7]{32}$/) });
  expect(new URL(enrolment.uri).searchParams.get('secret')).toBe(secret);
  expect(await ask(SECOND_FACTOR, { token })).toEqual({ secondFactor: null });
  expect(await signIn('player')).toMatchObject({ success: true });

  expect(await ask(CONFIRM, { token, input: { code: wrongCode(secret) } })).toEqual({
    __typename: 'SecondFactorWrongError',
    code: 'AUTH_007',
    retryable: false,
    triesLeft: null,
  });
  const confirmed: Json = await ask(CONFIRM, { token, input: { code: appCode(secret) } });
  expect(confirmed).toMatchObject({ success: true, endedSessions: 2 });
  expect(confirmed.recoveryCodes).toHaveLength(10);
  expect(await socket.closed()).toMatchObject({ code: 4493 });
  expect(await ask(SECOND_FACTOR, { token })).toEqual({
    secondFactor: { enabledAt: expect.stringMatching(/Z$/), recoveryCodesLeft: 10 },
  });
  expect(await ask(ENROLL, { token, input: { password: PASSWORD } })).toMatchObject({
    __typename: 'SecondFactorEnabledError',
    code: 'API_001',
  });

  const required: Json = await signIn('player');
  expect(required).toEqual({
    __typename: 'SecondFactorRequiredError',
    code: 'AUTH_006',
    retryable: false,
    challenge: expect.stringMatching(/^[\w-]{43}$/),
    expiresAt: expect.stringMatching(/Z$/),
  });
  const { challenge } = required;
  expect(await verify(challenge, wrongCode(secret))).toMatchObject({ code: 'AUTH_007', triesLeft: 4 });
  const code = appCode(secret, Date.now() + STEP_MS);
  const signedIn = await verify(challenge, code);
  expect(signedIn).toMatchObject({ success: true, expiresIn: 3_600, user: { username: 'player' } });
  expect(await verify(challenge, code)).toMatchObject({
    __typename: 'SignInChallengeInvalidError',
    code: 'AUTH_003',
  });
  const again: Json = await signIn('player');
  expect(await verify(again.challenge, code)).toMatchObject({ code: 'AUTH_007', triesLeft: 4 });
  const [recovery, last] = confirmed.recoveryCodes;
  expect(await verify(again.challenge, recovery.toLowerCase())).toMatchObject({ success: true });
  expect(await ask(SECOND_FACTOR, { token: signedIn.accessToken })).toMatchObject({
    secondFactor: { recoveryCodesLeft: 9 },
  });

  const remove = (input: object): Promise<Json> => ask(DISABLE, { token, input });
  expect(await remove({ password: 'not the password', code: last })).toMatchObject({ code: 'AUTH_001' });
  expect(await remove({ password: PASSWORD, code: recovery })).toMatchObject({ code: 'AUTH_007' });
  expect(await remove({ password: PASSWORD, code: last })).toMatchObject({ success: true });
  expect(await remove({ password: PASSWORD, code: last })).toMatchObject({ code: 'API_002' });
  expect(await ask(CONFIRM, { token, input: { code } })).toMatchObject({ code: 'API_002' });
  expect(await signIn('player')).toMatchObject({ success: true });
});

test('the codes of both steps are the same over a socket', async () => {
  const { token, secret } = await enrolled('auditor');
  const confirmed: Json = await ask(CONFIRM, { token, input: { code: appCode(secret) } });
  const socket = await connect({ port });
  await socket.init();
  const over = async (id: string, query: string, input: object) => {
    socket.subscribe(id, query, { input });
    return Object.values((await socket.message(id, 'next')).payload.data)[0] as Json;
  };
  const required = await over('1', LOGIN, { identifier: 'auditor', password: PASSWORD });
  expect(required).toMatchObject({ __typename: 'SecondFactorRequiredError', code: 'AUTH_006' });
  const { challenge } = required;
  expect(await over('2', VERIFY, { challenge, code: wrongCode(secret) })).toMatchObject({ code: 'AUTH_007' });
  expect(await over('3', VERIFY, { challenge: 'x', code: '000000' })).toMatchObject({ code: 'AUTH_003' });
  const [code] = confirmed.recoveryCodes;
  expect(await over('4', VERIFY, { challenge, code })).toMatchObject({ success: true });
  socket.socket.close();
});

test('enrolment asks for the password', async () => {
  const { accessToken: token }: Json = await signIn('operator');
  expect(await ask(ENROLL, { token, input: { password: 'not the password' } })).toMatchObject({
    __typename: 'InvalidCredentialsError',
    code: 'AUTH_001',
  });
});
