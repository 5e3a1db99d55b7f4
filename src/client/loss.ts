import type { BackoffPolicy } from './backoff.ts';
import { asSignedOut, ConnectionClosedError, RefusedError, SignedOutError } from './errors.ts';
import type { ServerFacts } from './server-facts.ts';
import type { SocketEnd } from './socket.ts';

/** How a connection ended, or why it did not come about. */
export interface Loss {
  readonly end: SocketEnd;
  /** What kept it from being begun; null where the close frame says it all. */
  readonly error: unknown;
}

/** Codes of a close frame that mean more than that another socket is to be tried. */
const TOKEN_REFUSED = 4403;
const LIMIT_REACHED = 4492;
const ACCESS_REVOKED = 4493;

/** What ends a session, and what an operator does to a single connection of it: its reason says which, to a person. */
const REVOKED = 'WS_006';

export const isTokenRefused = ({ end }: Loss): boolean => end.code === TOKEN_REFUSED;

export const isAccessRevoked = ({ end }: Loss): boolean => end.code === ACCESS_REVOKED;

/** How a stream was ended so, as a close frame says it; null when it was not. */
export const revocationOf = ({ code, message }: RefusedError): SocketEnd | null =>
  code === REVOKED ? { code: ACCESS_REVOKED, reason: `${REVOKED} ${message}` } : null;

/** @param isSessionGood what the server says of it, asked after that end */
export const revokedErrorOf = (end: SocketEnd, isSessionGood: boolean): Error =>
  isSessionGood ? new ConnectionClosedError(end) : new SignedOutError(end.reason, { code: REVOKED });

export const errorOf = ({ end, error }: Loss): unknown => error ?? new ConnectionClosedError(end);

/** How long the server asks to wait: where a limit is reached, the close frame says it in words. 0 when it does not. */
export function askedDelayMs({ end: { code, reason }, error }: Loss): number {
  if (error instanceof RefusedError) return error.retryAfterMs;
  const [, seconds = '0'] = (code === LIMIT_REACHED && /\bin (\d+) s\b/.exec(reason)) || [];
  return Number(seconds) * 1_000;
}

/**
 * Why no other try can help; null while one may. Not for a loss that `isAccessRevoked`.
 *
 * @param failures tries in a row that failed before this one
 */
export function finalErrorOf(
  { end: { code, reason }, error }: Loss,
  {
    facts,
    policy,
    failures,
  }: { readonly facts: ServerFacts | null; readonly policy: BackoffPolicy; readonly failures: number },
): Error | null {
  if (code === TOKEN_REFUSED && failures >= policy.maxAttempts)
    return new SignedOutError(reason, { code: 'WS_002' });
  if (facts?.finalCloseCodes.has(code)) return new ConnectionClosedError({ code, reason });
  return asSignedOut(error);
}
