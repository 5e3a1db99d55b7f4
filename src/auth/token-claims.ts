import { decodeJwt, decodeProtectedHeader } from 'jose';

/** What a token says of itself. Nothing of it is checked, and nothing of it is secret. */
export interface TokenClaims {
  /** The installation that gave it out. */
  readonly issuer: unknown;
  readonly subject: unknown;
  readonly venue: unknown;
  readonly session: unknown;
  readonly kid: unknown;
  /** Null when it names none. */
  readonly expiresAt: Date | null;
}

/** Reads what has the shape of an access token; null for anything else. */
export function readTokenClaims(text: string): TokenClaims | null {
  try {
    const { kid } = decodeProtectedHeader(text);
    const { iss, sub, venue, sid, exp } = decodeJwt(text);
    const expiresAt = typeof exp === 'number' ? new Date(exp * 1000) : null;
    const isTime = expiresAt !== null && !Number.isNaN(expiresAt.getTime());
    return { issuer: iss, subject: sub, venue, session: sid, kid, expiresAt: isTime ? expiresAt : null };
  } catch {
    return null;
  }
}
