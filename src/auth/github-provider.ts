import type { OAuthProvider, OAuthProviderSettings, ProviderAccount } from './oauth.ts';
import { ProviderRefusedError, ProviderUnavailableError } from './oauth-errors.ts';
import { askProvider, fieldOf, refuseOurFault, textOf } from './provider-request.ts';

type GithubSettings = Extract<OAuthProviderSettings, { name: 'GITHUB' }>;

const PROVIDER = 'GITHUB';

/**
 * GitHub, or a GitHub Enterprise: OAuth 2.0 without OpenID, so who it was is asked of its API with the token the
 * code is exchanged for, which is kept nowhere.
 */
export function createGithub({ clientId, clientSecret, url, apiUrl }: GithubSettings): OAuthProvider {
  async function redeem(grant: { code: string; verifier: string; redirectUri: string }): Promise<string> {
    const { status, body } = await askProvider(`${url}/login/oauth/access_token`, {
      method: 'POST',
      headers: { accept: 'application/json' },
      body: new URLSearchParams({
        client_id: clientId,
        client_secret: clientSecret,
        code: grant.code,
        code_verifier: grant.verifier,
        redirect_uri: grant.redirectUri,
      }),
    });
    refuseOurFault(PROVIDER, body);
    // Its refusals have the status 200 too.
    const token = textOf(body, 'access_token');
    if (status !== 200 || token === null) throw new ProviderRefusedError();
    return token;
  }

  async function askApi(path: string, token: string) {
    return await askProvider(`${apiUrl}${path}`, {
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${token}`,
        'user-agent': 'floorwire',
      },
    });
  }

  return {
    name: PROVIDER,
    issuer: url,
    async authorizationUrl({ redirectUri, state, codeChallenge }) {
      const query = new URLSearchParams({
        client_id: clientId,
        redirect_uri: redirectUri,
        scope: 'user:email',
        state,
        code_challenge: codeChallenge,
        code_challenge_method: 'S256',
      });
      return `${url}/login/oauth/authorize?${query}`;
    },
    async accountOf(grant): Promise<ProviderAccount> {
      const token = await redeem(grant);
      const [user, emails] = await Promise.all([
        askApi('/user', token),
        askApi('/user/emails?per_page=100', token),
      ]);
      if (user.status !== 200) throw new ProviderRefusedError();
      const id = fieldOf(user.body, 'id');
      if (!Number.isSafeInteger(id)) throw new ProviderUnavailableError();
      return {
        provider: PROVIDER,
        issuer: url,
        subject: String(id),
        verifiedEmail: emails.status === 200 ? primaryOf(emails.body) : null,
        displayName: textOf(user.body, 'name'),
      };
    },
  };
}

/** The one address that GitHub writes to, if its owner has confirmed it. */
function primaryOf(emails: unknown): string | null {
  if (!Array.isArray(emails)) return null;
  const primary = emails.find((entry) => fieldOf(entry, 'primary') === true);
  return fieldOf(primary, 'verified') === true ? textOf(primary, 'email') : null;
}
