import type { Debug } from './debug.ts';
import type { Socket } from './socket.ts';
import type { Timers } from './timers.ts';

export interface RenewalOptions {
  readonly socket: Socket;
  readonly timers: Timers;
  readonly debug: Debug;
  /** A token such as the socket began with. */
  readonly token: () => Promise<string | null>;
  /** A moment of the server's clock, by the clock here. */
  readonly localTime: (moment: string) => number;
}

export interface Renewal {
  /** Plans to renew the socket before this time. Null: it does not end. */
  plan(expiresAt: number | null): void;
  /** Renews it now. */
  now(): void;
  stop(): void;
}

/** A socket is renewed so long before it ends, or in the middle of what is left of a shorter life. */
const AHEAD_MS = 120_000;
/** Between two renewals at least, however wrong a clock may be. */
const PAUSE_MS = 5_000;

export const RENEW = `mutation ($token: String!) {
  refreshConnection(input: { token: $token }) {
    ... on RefreshConnectionSuccess { expiresAt }
    ... on Error { code message }
  }
}`;

/**
 * Keeps a socket beyond the end of its token, on the socket itself: what runs on it runs on. Where that fails it is
 * tried again; what fails to the end closes with 4403, and another socket begins.
 */
export function createRenewal({ socket, timers, debug, token, localTime }: RenewalOptions): Renewal {
  let cancel = () => {};
  let isStopped = false;
  let isUnderWay = false;
  let endsAt: number | null = null;

  const plan = (expiresAt: number | null) => {
    cancel();
    endsAt = expiresAt;
    if (isStopped || expiresAt === null) return;
    const leftMs = expiresAt - timers.now();
    cancel = timers.after(Math.max(PAUSE_MS, leftMs - Math.min(AHEAD_MS, leftMs / 2)), now);
  };
  const settle = (expiresAt: number | null) => {
    isUnderWay = false;
    plan(expiresAt);
  };
  function now(): void {
    if (isUnderWay || isStopped) return;
    isUnderWay = true;
    cancel();
    token().then(
      (fresh) => (isStopped || fresh === null ? settle(null) : renew(fresh)),
      () => settle(endsAt),
    );
  }
  function renew(fresh: string): void {
    let renewed = endsAt;
    debug('sent', 'refreshConnection');
    socket.run(
      { query: RENEW, variables: { token: fresh } },
      {
        next({ data }) {
          const answer = memberOf(data, 'refreshConnection');
          const expiresAt = memberOf(answer, 'expiresAt');
          if (expiresAt === null) renewed = null;
          if (typeof expiresAt === 'string') renewed = localTime(expiresAt);
        },
        ended: () => settle(renewed),
      },
    );
  }
  return {
    plan,
    now,
    stop() {
      isStopped = true;
      cancel();
    },
  };
}

const memberOf = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
