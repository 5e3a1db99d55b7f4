import { expect, test } from 'vitest';
import { passwordPolicy } from '../../src/auth/password.ts';
import { aFloorApp } from '../support/app.ts';
import { aUser, PASSWORD } from '../support/builders.ts';
import { appCode } from '../support/second-factor.ts';
import { transportsTo } from '../support/transports.ts';

const floor = await aFloorApp({ machines: 0, settings: { passwordPolicy: passwordPolicy('nist', 8) } });
const strict = await aFloorApp({ machines: 0, settings: { passwordPolicy: passwordPolicy('default', 64) } });
const { auth, runWork } = floor.app().services;
const { transports, signIn } = transportsTo(floor);

const WEAK = '__typename ... on WeakPasswordError { code failedRules minLength }';
const REGISTER = `mutation ($input: RegisterInput!) { register(input: $input) { ${WEAK} } }`;
const CREATE = `mutation ($input: CreateUserInput!) {
  createUser(input: $input) { ${WEAK} ... on CreateUserSuccess { temporaryPassword } }
}`;
const DISABLE = `mutation ($input: DisableSecondFactorInput!) { disableSecondFactor(input: $input) { ${WEAK} } }`;
const CHANGE = `mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { ${WEAK} } }`;

/** One sign more than the floor of whoever has a second factor, and less than that of others. */
const SHORT = 'kqzvtplwm';
const LONG = 'kqzvtplwmxrajhd';
const tooShort = (minLength: number) => ({
  __typename: 'WeakPasswordError',
  code: 'AUTH_011',
  failedRules: ['TOO_SHORT'],
  minLength,
});
const anAccount = (name: string) => `${name.replaceAll(' ', '-').toLowerCase()}@policy.example`;

test.each(transports)(
  'over %s, a new account has no second factor and takes a longer password',
  async (name, ask) => {
    const email = anAccount(name);
    const short = await ask(REGISTER, { input: { email, password: SHORT } });
    expect(short.data.register).toEqual(tooShort(15));
    const long = await ask(REGISTER, { input: { email, password: LONG } });
    expect(long.data.register.__typename).toBe('RegisterSuccess');
  },
);

test.each(transports)(
  'over %s, an ADMIN chooses no shorter one for somebody else, and one that is made for him is long enough',
  async (name, ask) => {
    const token = await floor.token('ADMIN');
    const input = { email: anAccount(`made ${name}`), roles: ['OPERATOR'] };
    const short = await ask(CREATE, { token, input: { ...input, password: SHORT } });
    expect(short.data.createUser).toEqual(tooShort(15));
    const made = await ask(CREATE, { token, input });
    expect(made.data.createUser.temporaryPassword).toMatch(/^.{15,}$/);
  },
);

test.each(transports)(
  'over %s, a second factor makes a shorter password do once it is confirmed',
  async (_, ask) => {
    const { email } = await aUser(runWork, { venueId: floor.venueId, roles: ['OPERATOR'] });
    const { accessToken: token } = await signIn(email);
    const change = async (newPassword: string) =>
      (await ask(CHANGE, { token, input: { currentPassword: PASSWORD, newPassword } })).data.changePassword;
    expect(await change(SHORT)).toEqual(tooShort(15));

    const actor = await auth.actorOf(token);
    const { secret } = await auth.secondFactors.enroll(actor, PASSWORD, {});
    expect(await change(SHORT)).toEqual(tooShort(15));

    await auth.secondFactors.confirm(actor, appCode(secret), {});
    expect(await change('kqzvtpl')).toEqual(tooShort(8));
    expect((await change(SHORT)).__typename).toBe('ChangePasswordSuccess');
  },
);

test('a second factor that lets a password be short is given up only with a longer one', async () => {
  const { http } = transportsTo(floor);
  const { email } = await aUser(runWork, { venueId: floor.venueId, roles: ['OPERATOR'] });
  const { accessToken: token } = await signIn(email);
  const actor = await auth.actorOf(token);
  const { secret } = await auth.secondFactors.enroll(actor, PASSWORD, {});
  const { recoveryCodes } = await auth.secondFactors.confirm(actor, appCode(secret), {});
  const change = (currentPassword: string, newPassword: string) =>
    http(CHANGE, { token, input: { currentPassword, newPassword } });
  const disable = async (password: string) =>
    (await http(DISABLE, { token, input: { password, code: recoveryCodes[0] } })).data.disableSecondFactor;
  await change(PASSWORD, SHORT);
  expect(await disable(SHORT)).toEqual(tooShort(15));
  // Nor is it told to who does not know the password, and the code is not used up.
  expect(await disable('not his password')).toMatchObject({ __typename: 'InvalidCredentialsError' });
  await change(SHORT, LONG);
  expect((await disable(LONG)).__typename).toBe('DisableSecondFactorSuccess');
});

test('a floor above a temporary password refuses what people choose, not what is made for them', async () => {
  const { http } = transportsTo(strict);
  const token = await strict.token('ADMIN');
  const input = { email: 'long@policy.example', roles: ['PLAYER'] };
  const chosen = await http(CREATE, { token, input: { ...input, password: PASSWORD } });
  expect(chosen.data.createUser).toEqual(tooShort(64));
  const made = await http(CREATE, { token, input });
  expect(made.data.createUser.__typename).toBe('CreateUserSuccess');
});
