import { NO_OAUTH, type OAuthProviderSettings, type OAuthSettings } from './auth/oauth.ts';
import type { Variables } from './environment.ts';

const GOOGLE = 'https://accounts.google.com';
const GITHUB = 'https://github.com';
const GITHUB_API = 'https://api.github.com';

type OAuthVariables = Pick<Variables, Extract<keyof Variables, `OAUTH_${string}`>>;

/** With whom people sign in, or one line for each reason why they cannot. */
export interface ReadOAuth {
  readonly oauth: OAuthSettings;
  readonly problems: readonly string[];
}

/** What is said of a provider that is not set up would be taken for one that is. */
export function readOAuth(values: OAuthVariables, production: boolean): ReadOAuth {
  const problems = [...setUpProblems(values), ...(production ? plainHttpProblems(values) : [])];
  if (problems.length > 0) return { oauth: NO_OAUTH, problems };
  const providers = [googleOf(values), githubOf(values)].filter((provider) => provider !== null);
  return { oauth: { providers, redirectUris: values.OAUTH_REDIRECT_URIS }, problems };
}

function googleOf(values: OAuthVariables): OAuthProviderSettings | null {
  const { OAUTH_GOOGLE_CLIENT_ID: clientId, OAUTH_GOOGLE_CLIENT_SECRET: clientSecret } = values;
  if (clientId === undefined || clientSecret === undefined) return null;
  return { name: 'GOOGLE', clientId, clientSecret, issuer: values.OAUTH_GOOGLE_ISSUER ?? GOOGLE };
}

function githubOf(values: OAuthVariables): OAuthProviderSettings | null {
  const { OAUTH_GITHUB_CLIENT_ID: clientId, OAUTH_GITHUB_CLIENT_SECRET: clientSecret } = values;
  if (clientId === undefined || clientSecret === undefined) return null;
  const { OAUTH_GITHUB_URL: url = GITHUB } = values;
  const apiUrl = values.OAUTH_GITHUB_API_URL ?? (url === GITHUB ? GITHUB_API : `${url}/api/v3`);
  return { name: 'GITHUB', clientId, clientSecret, url, apiUrl };
}

const PARTS = {
  GOOGLE: ['OAUTH_GOOGLE_CLIENT_SECRET', 'OAUTH_GOOGLE_ISSUER'],
  GITHUB: ['OAUTH_GITHUB_CLIENT_SECRET', 'OAUTH_GITHUB_URL', 'OAUTH_GITHUB_API_URL'],
} as const;

function* setUpProblems(values: OAuthVariables): Generator<string> {
  let isAnyOffered = false;
  for (const provider of ['GOOGLE', 'GITHUB'] as const) {
    if (values[`OAUTH_${provider}_CLIENT_ID`] === undefined) {
      for (const name of PARTS[provider])
        if (values[name] !== undefined) yield `${name}: goes with OAUTH_${provider}_CLIENT_ID only`;
    } else if (values[`OAUTH_${provider}_CLIENT_SECRET`] === undefined) {
      yield `OAUTH_${provider}_CLIENT_SECRET: is required with OAUTH_${provider}_CLIENT_ID`;
    } else isAnyOffered = true;
  }
  const uris = values.OAUTH_REDIRECT_URIS.length;
  if (isAnyOffered && uris === 0)
    yield 'OAUTH_REDIRECT_URIS: is required with a provider: the page of the frontend it sends people back to';
}

/** Codes, tokens and the secret itself pass there. */
function* plainHttpProblems(values: OAuthVariables): Generator<string> {
  const urls = [
    ...(['OAUTH_GOOGLE_ISSUER', 'OAUTH_GITHUB_URL', 'OAUTH_GITHUB_API_URL'] as const).map(
      (name) => [name, values[name]] as const,
    ),
    ...values.OAUTH_REDIRECT_URIS.map((uri) => ['OAUTH_REDIRECT_URIS', uri] as const),
  ];
  for (const [name, url] of urls)
    if (url?.startsWith('http:')) yield `${name}: production takes https URLs only`;
}
