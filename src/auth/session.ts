import type { Origin } from '../lib/actor.ts';

/** Whose a session is: a person's or a device's. */
export type SessionHolder = { readonly userId: string } | { readonly deviceId: string };

/** One sign-in of one user or device at one venue. */
export interface Session {
  readonly id: string;
  readonly venueId: string;
  readonly holder: SessionHolder;
  readonly createdAt: Date;
  /** When it was opened or last renewed. */
  readonly lastUsedAt: Date;
  readonly expiresAt: Date;
  readonly userAgent: string | null;
  readonly address: string | null;
}

/** Why a session ended before its time. */
export type RevocationReason =
  /** By its own token. */
  | 'LOGOUT'
  /** By another session of its user's. */
  | 'REVOKED'
  /** A device has one session at a time. */
  | 'SIGNED_IN_AGAIN'
  | 'DEVICE_REMOVED'
  /** A device signs in with the new one. */
  | 'PAIRING_CODE_CHANGED'
  /** A refresh token came twice. */
  | 'REFRESH_TOKEN_REUSED'
  | 'PASSWORD_CHANGED'
  | 'PASSWORD_RESET'
  /** It was opened with the password alone, and a second factor is asked for now. */
  | 'SECOND_FACTOR_ENABLED'
  | 'USER_LOCKED'
  /** He has no role left at the venue. */
  | 'ROLES_REMOVED'
  | 'USER_DELETED';

/** Where a request came from, as far as the transport knows. */
export interface ClientTrace {
  readonly requestId?: string | undefined;
  readonly address?: string | null | undefined;
  readonly userAgent?: string | null | undefined;
}

const MAX_ADDRESS_LENGTH = 64;
const MAX_USER_AGENT_LENGTH = 256;

/** What is kept of it: printable and of bounded length, because the client wrote it. */
export function parseClientTrace(client: ClientTrace): { address: string | null; userAgent: string | null } {
  return {
    address: printable(client.address, MAX_ADDRESS_LENGTH),
    userAgent: printable(client.userAgent, MAX_USER_AGENT_LENGTH),
  };
}

/** What the log keeps of it; null for what no request asked for. */
export function originOf(client: ClientTrace): Origin | null {
  if (client.requestId === undefined) return null;
  return { requestId: client.requestId, address: printable(client.address, MAX_ADDRESS_LENGTH) };
}

function printable(text: string | null | undefined, maxLength: number): string | null {
  const clean = (text ?? '').replace(/\p{C}/gu, '').slice(0, maxLength).trim();
  return clean === '' ? null : clean;
}
