import { beforeEach, expect, test } from 'vitest';
import {
  ProviderEmailUnverifiedError,
  ProviderRefusedError,
  ProviderUnavailableError,
} from '../../src/auth/oauth-errors.ts';
import type { AuthServices } from '../../src/auth/service.ts';
import { anAuth, runWorkOn } from '../support/auth.ts';
import { aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { aPerson, comeBack as goThere, type Journey } from '../support/oauth-journey.ts';
import { aFakeProvider, type Forgery, type ProviderPerson, REDIRECT_URI } from '../support/oauth-provider.ts';

const { floor } = await cloneDatabase();
const { db } = floor;
await aVenue(runWorkOn(floor));
const provider = await aFakeProvider();
const { settings: oauth } = provider;
const faults: unknown[] = [];
const auth = await anAuth(floor, { oauth });

/** On the way there and back to this server, or to another. */
const comeBack = (person: ProviderPerson, { at = auth, ...journey }: At = {}) =>
  goThere({ auth: at, provider }, person, journey);

interface At extends Journey {
  readonly at?: AuthServices;
}

const accountWith = (email: string) =>
  db.selectFrom('app_user').selectAll().where('email', '=', email).executeTakeFirst();

beforeEach(() => provider.forge({}));

test.each<[string, Forgery]>([
  ['of another sign-in', { claims: { nonce: 'another' } }],
  ['without a nonce', { claims: { nonce: undefined } }],
  ['for another server', { claims: { aud: 'somebody-else' } }],
  ['for another server besides', { claims: { aud: ['floorwire-test', 'somebody-else'] } }],
  ['asked for by another server', { claims: { azp: 'somebody-else' } }],
  ['by another issuer', { claims: { iss: 'https://evil.example' } }],
  ['that has expired', { claims: { exp: Math.floor(Date.now() / 1_000) - 60 } }],
  ['that never expires', { claims: { exp: undefined } }],
  ['of nobody', { claims: { sub: '' } }],
  ['signed with another key', { otherKey: true }],
  ['that is not signed', { algorithm: 'none' }],
  ['signed with what is public', { algorithm: 'HS256' }],
])('a token %s is refused, and nobody is made of it', async (_, forgery) => {
  const person = aPerson();
  const back = await comeBack(person);
  provider.forge(forgery);
  await expect(auth.oauth.complete(back, {})).rejects.toThrow(ProviderRefusedError);
  expect(await accountWith(person.email)).toBeUndefined();
});

test('an address counts as verified by the word true alone', async () => {
  const back = await comeBack(aPerson());
  provider.forge({ claims: { email_verified: 'false' } });
  await expect(auth.oauth.complete(back, {})).rejects.toThrow(ProviderEmailUnverifiedError);
});

test.each([
  ['GOOGLE', '/token'],
  ['GOOGLE', '/keys'],
  ['GITHUB', '/access_token'],
] as const)(
  '%s that fails at %s is told apart, and what it could not answer goes on',
  async (through, path) => {
    const person = aPerson();
    const fresh = await anAuth(floor, { oauth, onError: (error) => void faults.push(error) });
    const back = await comeBack(person, { through, at: fresh });
    provider.breakAt(path, (response) => void response.writeHead(502).end());
    await expect(fresh.oauth.complete(back, {})).rejects.toThrow(ProviderUnavailableError);
    expect(faults.at(-1)).toBeInstanceOf(ProviderUnavailableError);
    provider.breakAt(path, null);
    // Its code was used when the keys could not be had; else the same goes through.
    const outcome = fresh.oauth.complete(back, {});
    if (path === '/keys') await expect(outcome).rejects.toThrow(ProviderRefusedError);
    else expect((await outcome).user.email).toBe(person.email);
  },
);

test('a provider that cannot be found begins nothing, and is looked for anew', async () => {
  const fresh = await anAuth(floor, { oauth });
  const wish = { provider: 'GOOGLE', redirectUri: REDIRECT_URI } as const;
  provider.breakAt(
    'openid-configuration',
    (response) => void response.end('{"issuer":"https://evil.example"}'),
  );
  await expect(fresh.oauth.begin(wish)).rejects.toThrow(ProviderUnavailableError);
  provider.breakAt('openid-configuration', null);
  await fresh.oauth.begin(wish);
});

test('a secret that the provider does not take is a fault of ours, whose message does not tell it', async () => {
  const providers = oauth.providers.map((each) => ({ ...each, clientSecret: 'not-the-secret' }));
  const wrong = await anAuth(floor, { oauth: { ...oauth, providers } });
  for (const through of ['GOOGLE', 'GITHUB'] as const) {
    const refusal = await wrong.oauth
      .complete(await comeBack(aPerson(), { through, at: wrong }), {})
      .catch((error: unknown) => error);
    expect(refusal).toMatchObject({ message: expect.stringContaining(`OAUTH_${through}_CLIENT_ID`) });
    expect(refusal).not.toHaveProperty('code');
    expect(String(refusal)).not.toContain('not-the-secret');
  }
});
