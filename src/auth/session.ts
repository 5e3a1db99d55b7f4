/** One sign-in of one user at one venue. */
export interface Session {
  readonly id: string;
  readonly venueId: string;
  readonly userId: string;
  readonly createdAt: Date;
  /** When it was opened or last renewed. */
  readonly lastUsedAt: Date;
  readonly expiresAt: Date;
  readonly userAgent: string | null;
  readonly address: string | null;
}

/** Why a session ended before its time: by its own token, by another of its user's, or because a refresh token came twice. */
export type RevocationReason = 'LOGOUT' | 'REVOKED' | 'REFRESH_TOKEN_REUSED';

/** Where a sign-in came from, as far as the transport knows. */
export interface ClientTrace {
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

function printable(text: string | null | undefined, maxLength: number): string | null {
  const clean = (text ?? '').replace(/\p{C}/gu, '').slice(0, maxLength).trim();
  return clean === '' ? null : clean;
}
