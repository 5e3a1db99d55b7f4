import type { Debug } from './debug.ts';
import { memberOf } from './member.ts';
import type { Result } from './operation.ts';
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
  /**
   * Renews it now, unless that is under way. With `refused`, who is told that the socket cannot have the token of the
   * moment, also after one under way: that may have begun with an older one.
   */
  now(refused?: () => void): void;
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
  let again: (() => void) | null = null;

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
    if (!again) return;
    const refused = again;
    again = null;
    now(refused);
  };
  function now(refused?: () => void): void {
    if (isStopped) return;
    if (isUnderWay) {
      again = refused ?? again;
      return;
    }
    isUnderWay = true;
    cancel();
    token().then(
      (fresh) => {
        if (!isStopped && fresh !== null) return renew(fresh, refused);
        settle(null);
        if (!isStopped) refused?.();
      },
      () => settle(endsAt),
    );
  }
  function renew(fresh: string, refused?: () => void): void {
    let last: Result = {};
    debug('sent', 'refreshConnection');
    socket.run(
      { query: RENEW, variables: { token: fresh } },
      {
        next(result) {
          last = result;
        },
        ended(errors) {
          const answer = memberOf(last.data, 'refreshConnection');
          const expiresAt = memberOf(answer, 'expiresAt');
          const unknown = expiresAt === null ? null : endsAt;
          settle(typeof expiresAt === 'string' ? localTime(expiresAt) : unknown);
          // A socket of nobody is not renewed, but refused before it is asked.
          const isForbidden = (errors ?? last.errors)?.some(({ extensions }) => !extensions?.retryable);
          if (!isStopped && (isForbidden || memberOf(answer, 'code') !== undefined)) refused?.();
        },
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
