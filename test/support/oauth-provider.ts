import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll } from 'vitest';
import type { OAuthProviderName, OAuthSettings } from '../../src/auth/oauth.ts';

/** Somebody who is signed in at the provider, as it knows him. */
export interface ProviderPerson {
  /** A number for GitHub. */
  readonly subject: string;
  readonly email?: string;
  readonly isEmailVerified?: boolean;
  readonly name?: string;
}

/** What the browser is sent back with. */
export interface CameBack {
  readonly state: string;
  readonly code: string;
  readonly redirectUri: string;
}

/** How an id_token is other than it should be. */
export interface Forgery {
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Signs with a key that is not published, under the name of the one that is. */
  readonly otherKey?: boolean;
  readonly algorithm?: 'none' | 'HS256';
}

/** What is wrong with the server at a path. */
export type Fault = (response: ServerResponse) => void;

/** Google and GitHub in one, on loopback: it checks what they check. */
export interface FakeProvider {
  readonly settings: OAuthSettings;
  readonly url: string;
  /** What it was asked so far, as `POST /google/token`. */
  readonly asked: readonly string[];
  /** Goes to the authorization URL as this person, who agrees. */
  agree(authorizationUrl: string, person: ProviderPerson): Promise<CameBack>;
  /** The id_tokens it gives out from now on. */
  forge(forgery: Forgery): void;
  /** What becomes of requests whose path ends so from now on; null lets them be. */
  breakAt(path: string, fault: Fault | null): void;
}

export const REDIRECT_URI = 'https://floor.example/signed-in';
const CLIENT = { clientId: 'floorwire-test', clientSecret: 'a-secret-of-the-tests-alone' };

/** A code as it was given out. */
interface Grant {
  readonly provider: OAuthProviderName;
  readonly person: ProviderPerson;
  readonly redirectUri: string;
  readonly challenge: string;
  readonly nonce: string | null;
}

export async function aFakeProvider(): Promise<FakeProvider> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const unpublished = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'test', alg: 'RS256', use: 'sig' };
  const grants = new Map<string, Grant>();
  const tokens = new Map<string, ProviderPerson>();
  const faults = new Map<string, Fault>();
  const asked: string[] = [];
  let person: ProviderPerson | null = null;
  let forgery: Forgery = {};
  let url = '';

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => {
      response.statusCode = 500;
      response.end(String(error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  afterAll(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '', url);
    asked.push(`${request.method} ${pathname}`);
    const fault = [...faults].find(([path]) => pathname.endsWith(path))?.[1];
    if (fault) return fault(response);
    switch (`${request.method} ${pathname}`) {
      case 'GET /google/.well-known/openid-configuration':
        return json(response, {
          issuer: `${url}/google`,
          authorization_endpoint: `${url}/google/authorize`,
          token_endpoint: `${url}/google/token`,
          jwks_uri: `${url}/google/keys`,
        });
      case 'GET /google/keys':
        return json(response, { keys: [jwk] });
      case 'GET /google/authorize':
        return authorize('GOOGLE', searchParams, response);
      case 'GET /github/login/oauth/authorize':
        return authorize('GITHUB', searchParams, response);
      case 'POST /google/token': {
        const grant = redeem('GOOGLE', await formOf(request));
        if (typeof grant === 'string') return json(response, { error: grant }, 400);
        return json(response, { access_token: 'unused', id_token: await idTokenFor(grant) });
      }
      case 'POST /github/login/oauth/access_token': {
        const grant = redeem('GITHUB', await formOf(request));
        // GitHub's refusals have the status 200.
        if (typeof grant === 'string') return json(response, { error: grant });
        const token = randomBytes(20).toString('hex');
        tokens.set(token, grant.person);
        return json(response, { access_token: token, token_type: 'bearer', scope: 'user:email' });
      }
      case 'GET /github/api/v3/user':
      case 'GET /github/api/v3/user/emails': {
        const whose = tokens.get((request.headers.authorization ?? '').replace(/^Bearer /, ''));
        if (!whose || !request.headers['user-agent']) return json(response, {}, 401);
        return json(response, pathname.endsWith('/user') ? userOf(whose) : emailsOf(whose));
      }
      default:
        return json(response, {}, 404);
    }
  }

  /** Where people agree. A real one shows a page for what is wrong, and sends nobody anywhere. */
  function authorize(provider: OAuthProviderName, query: URLSearchParams, response: ServerResponse): void {
    const wrong =
      query.get('client_id') !== CLIENT.clientId ||
      query.get('redirect_uri') !== REDIRECT_URI ||
      query.get('code_challenge_method') !== 'S256' ||
      (provider === 'GOOGLE' && !`${query.get('scope')}`.split(' ').includes('openid')) ||
      (provider === 'GOOGLE' && query.get('response_type') !== 'code');
    if (wrong || !person) {
      json(response, { error: 'invalid_request' }, 400);
      return;
    }
    const code = randomBytes(16).toString('hex');
    grants.set(code, {
      provider,
      person,
      redirectUri: query.get('redirect_uri') ?? '',
      challenge: query.get('code_challenge') ?? '',
      nonce: query.get('nonce'),
    });
    const back = new URL(REDIRECT_URI);
    back.search = new URLSearchParams({ code, state: query.get('state') ?? '' }).toString();
    response.writeHead(302, { location: back.href }).end();
  }

  /** Whose code it is, which is used up; or why it is none. */
  function redeem(provider: OAuthProviderName, form: URLSearchParams): Grant | string {
    if (form.get('client_id') !== CLIENT.clientId || form.get('client_secret') !== CLIENT.clientSecret)
      return provider === 'GOOGLE' ? 'invalid_client' : 'incorrect_client_credentials';
    const code = form.get('code') ?? '';
    const grant = grants.get(code);
    grants.delete(code);
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const isGood =
      grant?.provider === provider &&
      grant.redirectUri === form.get('redirect_uri') &&
      grant.challenge === challenge &&
      (provider === 'GITHUB' || form.get('grant_type') === 'authorization_code');
    if (isGood) return grant;
    return provider === 'GOOGLE' ? 'invalid_grant' : 'bad_verification_code';
  }

  async function idTokenFor({ person: whose, nonce }: Grant): Promise<string> {
    const claims = {
      sub: whose.subject,
      nonce,
      email: whose.email,
      email_verified: whose.isEmailVerified ?? true,
      name: whose.name,
      iss: `${url}/google`,
      aud: CLIENT.clientId,
      iat: Math.floor(Date.now() / 1_000),
      exp: Math.floor(Date.now() / 1_000) + 3_600,
      ...forgery.claims,
    };
    const { algorithm = 'RS256', otherKey = false } = forgery;
    if (algorithm === 'none') return `${part({ alg: 'none' })}.${part(claims)}.`;
    const key = otherKey ? unpublished.privateKey : privateKey;
    // The oldest trick: what is public as the secret.
    const secret = new TextEncoder().encode(JSON.stringify(jwk));
    return await new SignJWT(claims)
      .setProtectedHeader({ alg: algorithm, kid: 'test' })
      .sign(algorithm === 'HS256' ? secret : key);
  }

  return {
    settings: {
      redirectUris: [REDIRECT_URI],
      providers: [
        { name: 'GOOGLE', ...CLIENT, issuer: `${url}/google` },
        { name: 'GITHUB', ...CLIENT, url: `${url}/github`, apiUrl: `${url}/github/api/v3` },
      ],
    },
    url,
    asked,
    async agree(authorizationUrl, as) {
      person = as;
      const response = await fetch(authorizationUrl, { redirect: 'manual' });
      const location = response.headers.get('location');
      if (!location) throw new Error(`the provider does not send anybody back: ${await response.text()}`);
      const { origin, pathname, searchParams } = new URL(location);
      const [state = '', code = ''] = ['state', 'code'].map((name) => searchParams.get(name) ?? '');
      return { state, code, redirectUri: `${origin}${pathname}` };
    },
    forge(next) {
      forgery = next;
    },
    breakAt(path, fault) {
      if (fault) faults.set(path, fault);
      else faults.delete(path);
    },
  };
}

const userOf = ({ subject, name }: ProviderPerson) => ({ id: Number(subject), login: 'somebody', name });

const emailsOf = ({ email, isEmailVerified = true }: ProviderPerson) => [
  { email: 'another@example.com', primary: false, verified: true },
  ...(email === undefined ? [] : [{ email, primary: true, verified: isEmailVerified }]),
];

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  let text = '';
  for await (const chunk of request) text += chunk;
  const isForm = /^application\/x-www-form-urlencoded/.test(request.headers['content-type'] ?? '');
  return new URLSearchParams(isForm ? text : '');
}

function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
