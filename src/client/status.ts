import type { WayKind } from './way.ts';

/** How the connection is, for whoever shows it. */
export type Status =
  /** Nobody listens, or the app has disconnected. */
  | { readonly state: 'idle' }
  | { readonly state: 'connecting' }
  | { readonly state: 'connected' }
  /** The next try comes in `retryInMs`; null when none comes, because of `error`. */
  | { readonly state: 'disconnected'; readonly retryInMs: number | null; readonly error: unknown }
  /** No socket can be had for now: what is heard comes by server-sent events, or by polling and so later. */
  | { readonly state: 'fallback'; readonly via: Exclude<WayKind, 'SOCKET'> };

export const IDLE: Status = { state: 'idle' };

/** Whether what happens is heard now, by whatever way. */
export const isHearing = ({ state }: Status): boolean => state === 'connected' || state === 'fallback';
