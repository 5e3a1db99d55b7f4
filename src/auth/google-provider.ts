import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import type { OAuthProvider, OAuthProviderSettings, ProviderAccount } from './oauth.ts';
import { ProviderRefusedError, ProviderUnavailableError } from './oauth-errors.ts';
import { askProvider, fetchBounded, refuseOurFault, textOf } from './provider-request.ts';

type GoogleSettings = Extract<OAuthProviderSettings, { name: 'GOOGLE' }>;

const PROVIDER = 'GOOGLE';
/** For how long what Google says of itself is taken as said. */
const DISCOVERY_MS = 60 * 60_000;
/** Clocks differ by a little. */
const TOLERANCE_SECONDS = 10;
const MAX_SUBJECT_LENGTH = 255;

/** Where Google does what. */
interface Endpoints {
  readonly authorization: string;
  readonly token: string;
  readonly keys: JWTVerifyGetKey;
}

/** Google by OpenID Connect: who it was stands in a token that Google signed for us and for this very sign-in. */
export function createGoogle({ clientId, clientSecret, issuer }: GoogleSettings): OAuthProvider {
  let known: { readonly endpoints: Promise<Endpoints>; readonly until: number } | null = null;

  /** Those of a moment ago; asked for once by however many ask at once. */
  function endpoints(): Promise<Endpoints> {
    if (known && Date.now() < known.until) return known.endpoints;
    const asked = { endpoints: discover(issuer), until: Date.now() + DISCOVERY_MS };
    known = asked;
    asked.endpoints.catch(() => {
      if (known === asked) known = null;
    });
    return asked.endpoints;
  }

  async function redeem(endpoint: string, grant: { code: string; verifier: string; redirectUri: string }) {
    const { status, body } = await askProvider(endpoint, {
      method: 'POST',
      headers: { accept: 'application/json' },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: clientId,
        client_secret: clientSecret,
        code: grant.code,
        code_verifier: grant.verifier,
        redirect_uri: grant.redirectUri,
      }),
    });
    refuseOurFault(PROVIDER, body);
    const idToken = textOf(body, 'id_token');
    if (status !== 200 || idToken === null) throw new ProviderRefusedError();
    return idToken;
  }

  return {
    name: PROVIDER,
    issuer,
    async authorizationUrl({ redirectUri, state, nonce, codeChallenge }) {
      const { authorization } = await endpoints();
      const url = new URL(authorization);
      const parameters = {
        response_type: 'code',
        client_id: clientId,
        redirect_uri: redirectUri,
        scope: 'openid email profile',
        state,
        nonce,
        code_challenge: codeChallenge,
        code_challenge_method: 'S256',
      };
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
      return url.href;
    },
    async accountOf(grant): Promise<ProviderAccount> {
      const { token, keys } = await endpoints();
      const claims = await verified(await redeem(token, grant), { keys, issuer, clientId });
      const { sub: subject } = claims;
      if (claims.nonce !== grant.nonce || !subject || subject.length > MAX_SUBJECT_LENGTH)
        throw new ProviderRefusedError();
      return {
        provider: PROVIDER,
        issuer,
        subject,
        verifiedEmail: claims.email_verified === true ? textOf(claims, 'email') : null,
        displayName: textOf(claims, 'name'),
      };
    },
  };
}

/** @throws ProviderUnavailableError */
async function discover(issuer: string): Promise<Endpoints> {
  const { status, body } = await askProvider(
    `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
    { headers: { accept: 'application/json' } },
  );
  const { protocol } = new URL(issuer);
  /** What was found over https leads nowhere else. */
  const endpoint = (name: string): string => {
    const url = textOf(body, name);
    if (url === null || !URL.canParse(url) || new URL(url).protocol !== protocol)
      throw new ProviderUnavailableError({ cause: new Error(`${issuer} names no ${name}`) });
    return url;
  };
  if (status !== 200 || textOf(body, 'issuer') !== issuer)
    throw new ProviderUnavailableError({ cause: new Error(`${issuer} is not who answers there`) });
  return {
    authorization: endpoint('authorization_endpoint'),
    token: endpoint('token_endpoint'),
    keys: createRemoteJWKSet(new URL(endpoint('jwks_uri')), {
      [customFetch]: (url, request) => fetchBounded(url, request),
    }),
  };
}

/** What an id_token says, if it is one, for us, and of now. @throws ProviderRefusedError, ProviderUnavailableError */
async function verified(
  idToken: string,
  {
    keys,
    issuer,
    clientId,
  }: { readonly keys: JWTVerifyGetKey; readonly issuer: string; readonly clientId: string },
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(idToken, keys, {
      // Google says that it may leave the scheme out.
      issuer: [issuer, issuer.replace(/^https:\/\//, '')],
      audience: clientId,
      algorithms: ['RS256'],
      requiredClaims: ['exp', 'iat', 'sub', 'nonce'],
      clockTolerance: TOLERANCE_SECONDS,
    });
    const isForUsAlone = typeof payload.aud === 'string' && (payload.azp ?? clientId) === clientId;
    if (!isForUsAlone) throw new ProviderRefusedError();
    return payload;
  } catch (error) {
    if (error instanceof ProviderRefusedError || error instanceof ProviderUnavailableError) throw error;
    const isOfKeys =
      error instanceof errors.JWKSTimeout ||
      error instanceof errors.JWKSInvalid ||
      (error instanceof errors.JOSEError && error.code === 'ERR_JOSE_GENERIC');
    if (isOfKeys) throw new ProviderUnavailableError({ cause: error });
    // Its own words hold what stands in the token.
    if (error instanceof errors.JOSEError) throw new ProviderRefusedError({ cause: new Error(error.code) });
    throw error;
  }
}
