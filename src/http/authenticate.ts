import { TokenInvalidError } from '../auth/errors.ts';
import type { Authenticated } from '../auth/service.ts';
import { type Actor, ANONYMOUS, type SignedInActor } from '../lib/actor.ts';

/** Whose token or API key this is, and until when. @throws as `AuthServices.authenticate` does */
export type Authenticate = (accessToken: string) => Promise<Authenticated>;

/** The actor as he stands now, at most a second old. @throws as `AuthServices.refreshActor` does */
export type RefreshActor = <A extends SignedInActor>(actor: A) => Promise<A>;

/** An actor, when what he showed ends, and by which key it is good; null where it does not end by itself, or has none. */
export interface Identity {
  readonly actor: Actor;
  readonly expiresAt: Date | null;
  readonly keyId: string | null;
}

export const NOBODY: Identity = { actor: ANONYMOUS, expiresAt: null, keyId: null };

const BEARER = /^Bearer +([^\s]+) *$/i;

/**
 * The token of an `Authorization` header, null without one.
 *
 * @throws TokenInvalidError for credentials of another kind
 */
export function bearerToken(header: string | undefined): string | null {
  if (header === undefined) return null;
  const token = BEARER.exec(header)?.[1];
  if (!token) throw new TokenInvalidError();
  return token;
}

/**
 * The access token a socket begins with, null without one.
 *
 * @throws TokenInvalidError
 */
export function connectionToken(
  parameters: Readonly<Record<string, unknown>> | null | undefined,
): string | null {
  const token = parameters?.accessToken;
  if (token === undefined || token === null) return null;
  if (typeof token !== 'string' || token === '') throw new TokenInvalidError();
  return token;
}

/** Nobody without a token. @throws as `Authenticate` */
export async function identify(authenticate: Authenticate, accessToken: string | null): Promise<Identity> {
  return accessToken === null ? NOBODY : await authenticate(accessToken);
}
