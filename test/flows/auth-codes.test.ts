import { expect, test } from 'vitest';
import { ERROR_CODES } from '../../src/graphql/error-catalog.ts';
import { aFloorApp } from '../support/app.ts';
import { aUser, PASSWORD } from '../support/builders.ts';
import { appCode, wrongCode } from '../support/second-factor.ts';
import { type Ask, refusalOf, transportsTo } from '../support/transports.ts';

/**
 * Each AUTH code that an operation is answered with, from outside. What a token itself is refused for
 * (AUTH_002, AUTH_003, AUTH_012), forged-token.test.ts shows.
 */
const floor = await aFloorApp({ machines: 0, settings: { requireVerifiedEmail: true } });
const { runWork } = floor.app().services;
const { transports, signIn } = transportsTo(floor);

const MACHINES = '{ machines { totalCount } }';

const aPerson = (overrides: Partial<Parameters<typeof aUser>[1]> = {}) =>
  aUser(runWork, { venueId: floor.venueId, ...overrides });

/** What a mutation answers with, asked as whoever has the token. */
const mutate = async (ask: Ask, name: string, { input, token }: { input: object; token?: string }) => {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const query = `mutation ($input: ${type}Input!) {
    ${name}(input: $input) {
      __typename ... on Error { code }
      ${name === 'login' ? '... on SecondFactorRequiredError { challenge } ... on LoginSuccess { refreshToken }' : ''}
      ${name === 'enrollSecondFactor' ? '... on EnrollSecondFactorSuccess { secret }' : ''}
    }
  }`;
  return (await ask(query, { input, token })).data[name];
};

const login = (ask: Ask, identifier: string, password = PASSWORD) =>
  mutate(ask, 'login', { input: { identifier, password } });

/** Somebody whose sign-in asks for a code, and what his app knows. */
async function withSecondFactor(ask: Ask) {
  const { email } = await aPerson();
  const { accessToken: token } = await signIn(email);
  const { secret } = await mutate(ask, 'enrollSecondFactor', { token, input: { password: PASSWORD } });
  await mutate(ask, 'confirmSecondFactor', { token, input: { code: appCode(secret) } });
  return { email, secret };
}

const PROVOKE: Readonly<Record<string, (ask: Ask) => Promise<string | null>>> = {
  AUTH_001: async (ask) => refusalOf(await ask(MACHINES)),
  AUTH_004: async (ask) => refusalOf(await ask(MACHINES, { token: await floor.token('PLAYER') })),
  async AUTH_005(ask) {
    const { email } = await aPerson();
    for (let tries = 0; tries < 5; tries += 1) await login(ask, email, 'not the password');
    return (await login(ask, email)).code;
  },
  AUTH_006: async (ask) => (await login(ask, (await withSecondFactor(ask)).email)).code,
  async AUTH_007(ask) {
    const { email, secret } = await withSecondFactor(ask);
    const { challenge } = await login(ask, email);
    const input = { challenge, code: wrongCode(secret) };
    return (await mutate(ask, 'verifySecondFactor', { input })).code;
  },
  async AUTH_008(ask) {
    const { email } = await aPerson({ isEmailVerified: false });
    return (await login(ask, email)).code;
  },
  async AUTH_009(ask) {
    const { refreshToken } = await login(ask, (await aPerson()).email);
    await mutate(ask, 'refreshToken', { input: { refreshToken } });
    return (await mutate(ask, 'refreshToken', { input: { refreshToken } })).code;
  },
  async AUTH_010(ask) {
    const { email } = await aPerson();
    return (await mutate(ask, 'register', { input: { email, password: PASSWORD } })).code;
  },
  async AUTH_011(ask) {
    const input = { email: 'weak@example.com', password: 'password1234' };
    return (await mutate(ask, 'register', { input })).code;
  },
  async AUTH_013(ask) {
    const { email } = await aPerson({ mustChangePassword: true });
    return refusalOf(await ask(MACHINES, { token: (await signIn(email)).accessToken }));
  },
};

const cases = transports.flatMap(([transport, ask]) =>
  Object.entries(PROVOKE).map(([code, provoke]) => [code, transport, () => provoke(ask)] as const),
);

test.each(cases)('%s over %s', async (code, _, provoke) => {
  expect(await provoke()).toBe(code);
});

test('no AUTH code is left out', () => {
  const ofTokens = ['AUTH_002', 'AUTH_003', 'AUTH_012'];
  const all = ERROR_CODES.filter((code) => code.startsWith('AUTH_'));
  expect([...Object.keys(PROVOKE), ...ofTokens].sort()).toEqual(all);
});
