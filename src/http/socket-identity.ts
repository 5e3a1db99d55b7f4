import { SocketTokenRefusedError } from '../auth/errors.ts';
import { isRealtimeToken } from '../auth/realtime-token.ts';
import { type Actor, credentialOf } from '../lib/actor.ts';
import { DomainError } from '../lib/errors.ts';
import { type Authenticate, connectionToken, type Identity, identify } from './authenticate.ts';

export interface SocketIdentityOptions {
  readonly authenticate: Authenticate;
  /** The same for realtime tokens. @throws SocketTokenRefusedError, SessionRevokedError */
  readonly authenticateRealtime: Authenticate;
  /** Whether a socket begins with a realtime token and with nothing else. */
  readonly realtimeTokensOnly: boolean;
}

/** The payload of `connection_init`. */
export type SocketParameters = Readonly<Record<string, unknown>> | null | undefined;

/** Names under which other servers take a token. Taken for nobody, its sender would look for the fault elsewhere. */
const NAME_OF_A_TOKEN = /^(?:authorization|jwt|(?:(?:access|auth|bearer|realtime|ws)[-_]?)?token)$/i;

/** Why the address a socket is opened at is not good for it: a token is in it. Null where none is. */
export function tokenInAddress(url: string | undefined): SocketTokenRefusedError | null {
  const [, search] = url?.split('?', 2) ?? [];
  const isShown = [...new URLSearchParams(search)].some(isToken);
  return isShown
    ? new SocketTokenRefusedError(
        'A token never goes into the URL, which is logged: send it in connection_init.',
      )
    : null;
}

/**
 * Who opens a socket, by the payload of `connection_init`: an `accessToken`, a `realtimeToken`, or
 * nobody without either.
 *
 * @throws SocketTokenRefusedError also for one under another name, and what authentication throws
 */
export async function identifySocket(
  options: SocketIdentityOptions,
  parameters: SocketParameters,
): Promise<Identity> {
  const realtimeToken = parameters?.realtimeToken ?? null;
  const hasAccessToken = (parameters?.accessToken ?? null) !== null;
  if (realtimeToken !== null) {
    if (hasAccessToken)
      throw new SocketTokenRefusedError('Send an accessToken or a realtimeToken, not both.');
    return await options.authenticateRealtime(typeof realtimeToken === 'string' ? realtimeToken : '');
  }
  if (options.realtimeTokensOnly) {
    throw new SocketTokenRefusedError(
      'A realtimeToken is expected here, and nothing else: issueRealtimeToken gives one.',
    );
  }
  if (!hasAccessToken && Object.entries(parameters ?? {}).some(isToken))
    throw new SocketTokenRefusedError('A token is taken as accessToken or as realtimeToken, bare.');
  return await identify(options.authenticate, connectionToken(parameters));
}

/**
 * The holder of a socket, who goes on with it by one token of a kind that `connection_init` takes.
 *
 * @throws SocketTokenRefusedError for whatever is wrong with it
 */
export async function identifyAgain(
  options: SocketIdentityOptions,
  { token, holder }: { readonly token: string; readonly holder: Actor },
): Promise<Identity> {
  const identity = await identifyBy(options, token);
  if (!isSameHolder(identity.actor, holder))
    throw new SocketTokenRefusedError('The token is of another user or session than this socket.');
  return identity;
}

async function identifyBy(options: SocketIdentityOptions, token: string): Promise<Identity> {
  try {
    const parameters = isRealtimeToken(token) ? { realtimeToken: token } : { accessToken: token };
    return await identifySocket(options, parameters);
  } catch (error) {
    const isOfToken = error instanceof DomainError && error.code.startsWith('AUTH_');
    throw isOfToken ? new SocketTokenRefusedError(error.message, { cause: error }) : error;
  }
}

const isToken = ([name, value]: readonly [string, unknown]): boolean =>
  NAME_OF_A_TOKEN.test(name) && typeof value === 'string' && value !== '';

/** One credential is one user's, device's or partner's, at one venue. */
function isSameHolder(actor: Actor, holder: Actor): boolean {
  const credential = credentialOf(actor);
  return credential !== null && actor.kind === holder.kind && credential === credentialOf(holder);
}
