import { ValidationError } from '../lib/errors.ts';

/** A WebSocket or a stream of server-sent events that is open on behalf of somebody, in any process. */
export interface RealtimeConnection {
  readonly id: string;
  readonly venueId: string;
  readonly transport: Transport;
  readonly holder: Holder;
  /** The session or API key it hangs on. */
  readonly credentialId: string;
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly connectedAt: Date;
  /** When what opened it ends; null for what does not end by itself. */
  readonly expiresAt: Date | null;
  /** Running on it, as of about a second ago. */
  readonly operations: number;
  /** Those of them that are subscriptions. */
  readonly subscriptions: number;
  /** What its subscriptions follow by name: of the venue, once for each that does. */
  readonly channels: readonly string[];
}

export type Transport = 'WEBSOCKET' | 'SSE';

/** Who is at the other end. */
export interface Holder {
  readonly kind: 'user' | 'device' | 'partner';
  readonly id: string;
}

/** What is open in one process, nobody's included, and how much of it is open on behalf of whom. */
export interface OpenNow {
  readonly sockets: number;
  readonly streams: number;
  /** Queries, mutations and subscriptions under way on them. */
  readonly operations: number;
  /** Each the same object for as long as nothing about it changes. */
  readonly connections: Iterable<RealtimeConnection>;
}

const MAX_REASON_LENGTH = 80;

/** Why a connection is closed: short enough for a close frame. @throws ValidationError */
export function parseReason(text: string): string {
  const reason = text.trim();
  if (reason === '' || reason.length > MAX_REASON_LENGTH || /\p{C}/u.test(reason))
    throw new ValidationError(`A reason has 1 to ${MAX_REASON_LENGTH} printable characters.`, {
      field: 'reason',
    });
  return reason;
}
