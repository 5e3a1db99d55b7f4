import { type BackoffPolicy, delayBefore } from './backoff.ts';
import type { Credentials } from './credentials.ts';
import type { Debug } from './debug.ts';
import { asSignedOut, type GraphqlError, isStale, RefusedError } from './errors.ts';
import type { Followed } from './followed.ts';
import { revocationOf, revokedErrorOf } from './loss.ts';
import { memberOf } from './member.ts';
import type { Network } from './network.ts';
import type { Result } from './operation.ts';
import { createRetryTimer } from './retry-timer.ts';
import type { SocketEnd } from './socket.ts';
import type { Timers } from './timers.ts';
import type { Way } from './way.ts';

/** One operation, from its first listener to its last, over whatever way there is. */
export interface Run {
  readonly operation: Followed;
  /** Whether what happens now would be heard: not while it waits for a way, or for another try. */
  readonly isCarried: boolean;
  /** Goes on over this way; waits for another with null. */
  over(way: Way | null): void;
  stop(): void;
}

export interface RunOptions {
  readonly timers: Timers;
  readonly network: Network;
  readonly debug: Debug;
  readonly credentials: Credentials;
  readonly policy: () => BackoffPolicy;
  /** It has ended by itself, and is to be stopped; who listens is told next. */
  readonly over: () => void;
  /** The way has not carried it as often as the policy allows. */
  readonly exhausted: (way: Way, error: unknown) => void;
  /** The way carries it. */
  readonly carried: (way: Way) => void;
}

export function createRun(operation: Followed, options: RunOptions): Run {
  const { timers, debug, credentials } = options;
  const { name } = operation;
  const retry = createRetryTimer(options);
  let way: Way | null = null;
  let failures = 0;
  /** Whether the last try ended with a token that nobody can verify: who is refused with another too is signed out. */
  let isUnverified = false;
  let isCarried = false;
  let cancel = () => {};
  /** Grows with each beginning: what an earlier one says is not heard. */
  let generation = 0;

  const halt = () => {
    generation += 1;
    isCarried = false;
    retry.cancel();
    cancel();
    cancel = () => {};
  };
  const end = (tell: () => void) => {
    options.over();
    tell();
  };
  function begin() {
    halt();
    const current = way;
    if (!current) return;
    const own = generation;
    const isOld = () => own !== generation;
    const isPlacing = current.kind !== 'POLLING' && operation.needsPlace();
    if (!isPlacing) debug('subscribed', `${name} over ${current.kind}`);
    // A socket says nothing at the beginning; every other way does, once it is one.
    isCarried = current.kind === 'SOCKET' && !isPlacing;
    cancel = current.begin(operation, {
      begun() {
        if (isOld() || isPlacing) return;
        failures = 0;
        isCarried = true;
        options.carried(current);
      },
      next(result) {
        if (isOld()) return;
        if (isPlacing) return place(result);
        failures = 0;
        isUnverified = false;
        debug('received', `next ${name}`);
        operation.hear(result);
      },
      ended: (errors, token) => void (isOld() || settle(errors, token)),
      lost(error) {
        if (isOld()) return;
        isUnverified = false;
        const signedOut = asSignedOut(error);
        if (signedOut) return end(() => operation.fail(signedOut));
        again({ orElse: () => giveUp(current, error) });
      },
    });
    // It may have failed before it had begun.
    if (isOld()) halt();
  }
  /** From here on nothing is missed, whatever becomes of the way. */
  function place({ data, errors = [] }: Result) {
    const cursor = memberOf(data, 'cursor');
    if (typeof cursor !== 'string') return settle(errors);
    operation.resumeBehind(cursor);
    begin();
  }
  /** Once more after a while, unless that was done often enough. */
  function again({ askedMs = 0, orElse }: { askedMs?: number; orElse: () => void }) {
    halt();
    failures += 1;
    const policy = options.policy();
    if (failures > policy.maxAttempts) return orElse();
    retry.wait({ delayMs: Math.max(askedMs, delayBefore(failures, policy, timers)), askedMs }, begin);
  }
  /** Unless there is another way now, it goes on, as slowly as the policy allows. */
  function giveUp(failed: Way, error: unknown) {
    options.exhausted(failed, error);
    if (way === failed) retry.wait({ delayMs: options.policy().maxDelayMs }, begin);
  }
  function settle(errors: readonly GraphqlError[] | null, token?: string | null) {
    debug('received', `${errors?.[0]?.extensions?.code ?? 'complete'} ${name}`);
    if (errors === null) return end(operation.complete);
    const error = new RefusedError(errors);
    const revocation = revocationOf(error);
    if (revocation) return void findOut(revocation);
    const signedOut = asSignedOut(error);
    const fail = () => end(() => operation.fail(signedOut ?? error));
    if (signedOut && (!isStale(error) || isUnverified)) return fail();
    isUnverified = signedOut !== null;
    if (error.code === 'WS_003') return void catchUp(error);
    if (isStale(error) || error.code === 'WS_002') credentials.refuse(token);
    else if (!error.isRetryable) return fail();
    again({ askedMs: error.retryAfterMs, orElse: fail });
  }
  /** Whether the session is over, or an operator closed this stream and it goes on. */
  async function findOut(revocation: SocketEnd): Promise<void> {
    halt();
    const own = generation;
    const isSessionGood = await credentials.areGood();
    if (own === generation) end(() => operation.fail(revokedErrorOf(revocation, isSessionGood)));
  }
  async function catchUp(error: RefusedError): Promise<void> {
    halt();
    const own = generation;
    const isAnybodyLeft = await operation.catchUp(error);
    if (own !== generation) return;
    if (isAnybodyLeft) begin();
    else end(() => {});
  }

  return {
    operation,
    get isCarried() {
      return isCarried;
    },
    over(next) {
      way = next;
      failures = 0;
      isUnverified = false;
      begin();
    },
    stop: halt,
  };
}
