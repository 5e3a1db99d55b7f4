import { CheckError } from './likely-cause.ts';
import type { Requests } from './requests.ts';

/** How somebody shows who he is. */
export type Credential =
  | { readonly kind: 'PASSWORD'; readonly username: string; readonly password: string }
  | { readonly kind: 'TOKEN'; readonly token: string };

/** Who asks, and where the log stood when he came. */
export interface SignedIn {
  readonly token: string;
  readonly userId: string;
  readonly scopes: readonly string[];
  readonly cursor: string;
  readonly note: string;
}

interface Refusal {
  readonly code?: string;
  readonly message?: string;
}

const LOGIN = `mutation ($input: LoginInput!) {
  login(input: $input) { ... on LoginSuccess { accessToken } ... on Error { code message } }
}`;
const VIEWER = '{ viewer { roles scopes user { id } } cursor }';
const LOGOUT = 'mutation { logout { ... on LogoutSuccess { endedSessions } ... on Error { code message } } }';

interface Viewer {
  readonly viewer: {
    readonly roles: readonly string[];
    readonly scopes: readonly string[];
    readonly user: { readonly id: string } | null;
  } | null;
  readonly cursor: string;
}

/** @throws CheckError; what `ask` throws */
export async function signIn({ ask }: Requests, credential: Credential): Promise<SignedIn> {
  const token = credential.kind === 'TOKEN' ? credential.token : await login(ask, credential);
  const { viewer, cursor } = await ask<Viewer>({ query: VIEWER }, token);
  if (!viewer?.user) throw new CheckError('the token is no person’s: it takes one of login');
  const { roles, scopes, user } = viewer;
  return { token, userId: user.id, scopes, cursor, note: `as ${roles.join(', ')}` };
}

async function login(
  ask: Requests['ask'],
  { username, password }: Extract<Credential, { readonly kind: 'PASSWORD' }>,
): Promise<string> {
  const variables = { input: { identifier: username, password } };
  const { login: answer } = await ask<{ readonly login: Refusal & { readonly accessToken?: string } }>(
    { query: LOGIN, variables },
    null,
  );
  if (answer.accessToken !== undefined) return answer.accessToken;
  if (answer.code === 'AUTH_006')
    throw new CheckError('AUTH_006, the account has a second factor: give an access token by --token-stdin');
  throw refusal(answer);
}

/** Ends the session that `signIn` began. @throws CheckError; what `ask` throws */
export async function signOut({ ask }: Requests, token: string): Promise<{ readonly note: string }> {
  const { logout } = await ask<{ readonly logout: Refusal }>({ query: LOGOUT }, token);
  if (logout.code !== undefined) throw refusal(logout);
  return { note: 'the session is over' };
}

export const refusal = ({ code, message = '' }: Refusal): CheckError =>
  new CheckError(`${code} ${message.replace(/\.$/, '')}`);
