import { type BackoffPolicy, DEFAULT_BACKOFF, delayBefore } from './backoff.ts';
import { type Connected, type DialOptions, dial, usesRealtimeTokens } from './dialling.ts';
import { createEmitter } from './emitter.ts';
import { createFallback } from './fallback.ts';
import type { Followed } from './followed.ts';
import type { Http } from './http.ts';
import {
  askedDelayMs,
  errorOf,
  finalErrorOf,
  isAccessRevoked,
  isTokenRefused,
  type Loss,
  revokedErrorOf,
} from './loss.ts';
import type { Network } from './network.ts';
import { createRenewal, type Renewal } from './renewal.ts';
import { createRetryTimer, type RetryDelay } from './retry-timer.ts';
import { createRoster } from './roster.ts';
import type { ServerFacts } from './server-facts.ts';
import { socketWay } from './socket-way.ts';
import { IDLE, type Status } from './status.ts';

/** What carries every operation: a socket if one can be had, else event streams, else polling. */
export interface Link {
  readonly status: Status;
  /** Answers how to stop hearing. */
  onStatus(listener: (status: Status) => void): () => void;
  /** Runs it from now on, until it ends or is taken away; begins anew what runs already. */
  run(operation: Followed): void;
  /** The last one leaves the socket open for a moment: another may come. */
  take(operation: Followed): void;
  /** Whether what happens now would be heard. */
  carries(operation: Followed): boolean;
  /** Gives up what there is and connects at once, where there is an operation. */
  reconnect(): void;
  /** Gives up what there is; no operation brings another before `connect` or `reconnect`. */
  disconnect(): void;
  /** Connects at once where that is waited for, has ended, or was given up; not for long without an operation. */
  connect(): void;
  /** There is another token: goes on with that. */
  updateToken(): void;
}

export interface LinkOptions extends DialOptions {
  readonly http: Http;
  readonly network: Network;
  /** How long an unused socket is kept. */
  readonly lingerMs: number;
  /** It has ended by itself, and nobody was told yet. */
  readonly onOver: (operation: Followed) => void;
}

/** Tried again so often while the server has never answered. */
const RETRY_MS = 30_000;

const isAtEnd = (status: Status) => status.state === 'disconnected' && status.retryInMs === null;

export function createLink(options: LinkOptions): Link {
  const { timers, network, credentials, debug } = options;
  const changes = createEmitter<Status>();
  let status = IDLE;
  let isHungUp = false;
  let facts: ServerFacts | null = null;
  let renewal: Renewal | null = null;
  /** Tries in a row that failed. */
  let failures = 0;
  /** How long a server that is about to go asked to wait. */
  let drainDelayMs = 0;
  let hangUp = () => {};
  let cancelLinger = () => {};

  const policy = (): BackoffPolicy => facts?.backoff ?? DEFAULT_BACKOFF;
  const become = (next: Status) => {
    status = next;
    changes.emit(next);
  };
  const nextTry = createRetryTimer(options);
  const roster = createRoster({
    timers,
    network,
    debug,
    credentials,
    policy,
    over,
    exhausted: (way, error) => fallback.exhausted(way, error),
    carried: (way) => fallback.carried(way),
  });

  const fallback = createFallback({
    ...options,
    roster: () => roster,
    become,
    trySocketAfter: (delayMs) => nextTry.wait({ delayMs }, connect),
  });

  function over(operation: Followed) {
    linger();
    options.onOver(operation);
  }
  function linger() {
    cancelLinger();
    if (roster.size === 0)
      cancelLinger = timers.after(options.lingerMs, () => void (isAtEnd(status) || rest(IDLE)));
  }
  /** As it was before anybody listened. */
  function rest(next: Status) {
    nextTry.cancel();
    cancelLinger();
    hangUp();
    renewal?.stop();
    fallback.end();
    failures = drainDelayMs = 0;
    roster.carry(null);
    if (status !== next) become(next);
  }

  const known = async (): Promise<ServerFacts> => {
    facts ??= await options.facts();
    return facts;
  };
  function connect() {
    if (!fallback.isOn) become({ state: 'connecting' });
    // In a fallback one may still be under way.
    hangUp();
    hangUp = dial({ ...options, facts: known }, { connected, notice, lost });
  }
  function connected({ socket, expiresAt, facts: told }: Connected) {
    debug('connected', 'SOCKET');
    nextTry.cancel();
    failures = drainDelayMs = 0;
    fallback.end();
    renewal = createRenewal({
      socket,
      timers,
      debug,
      localTime: (moment) => Date.parse(moment) - told.clockOffsetMs,
      token: async () =>
        (await credentials.forSocket({ isRealtime: usesRealtimeTokens(options, told) })).token,
    });
    renewal.plan(expiresAt);
    roster.carry(socketWay(socket), told);
    become({ state: 'connected' });
  }
  function notice(told: Readonly<Record<string, unknown>>) {
    debug('received', `notice ${String(told.notice)}`);
    if (told.notice === 'AUTH_EXPIRING') renewal?.now();
    if (typeof told.reconnectAfterMs === 'number') drainDelayMs = told.reconnectAfterMs;
  }

  function lost(loss: Loss) {
    const wasConnected = !fallback.isOn && roster.way !== null;
    renewal?.stop();
    if (!fallback.isOn) roster.carry(null);
    if (isAccessRevoked(loss)) return findOut(loss);
    const error = finalErrorOf(loss, { facts, policy: policy(), failures });
    if (isTokenRefused(loss)) {
      credentials.refuse();
      // It may take others than it did.
      facts = null;
    }
    if (error) return stopAll(error);
    if (fallback.isOn) return fallback.improve();
    failures += 1;
    if (failures > policy().maxAttempts) return doWithout(loss);
    // A token that has ended is no reason to wait: with another one the server takes it at once.
    const isExpiry = wasConnected && isTokenRefused(loss);
    const askedMs = Math.max(drainDelayMs, askedDelayMs(loss));
    const delayMs = isExpiry ? 0 : Math.max(askedMs, delayBefore(failures, policy(), timers));
    retry({ delayMs, askedMs }, loss);
  }
  /** Whether the session is over, or an operator closed the socket and it goes on. Neither comes back by itself. */
  function findOut({ end }: Loss) {
    let isGivenUp = false;
    hangUp = () => {
      isGivenUp = true;
    };
    if (!fallback.isOn) become({ state: 'connecting' });
    credentials.areGood().then((isSessionGood) => {
      if (!isGivenUp) stopAll(revokedErrorOf(end, isSessionGood));
    });
  }
  function retry(delay: RetryDelay, loss: Loss) {
    nextTry.wait(delay, connect);
    become({ state: 'disconnected', retryInMs: delay.delayMs, error: errorOf(loss) });
  }
  function stopAll(error: Error) {
    rest({ state: 'disconnected', retryInMs: null, error });
    roster.failAll(error);
  }

  function reconnect() {
    isHungUp = false;
    rest(IDLE);
    if (roster.size > 0) connect();
  }
  function connectAnew() {
    isHungUp = false;
    rest(IDLE);
    connect();
    linger();
  }

  /** Where the server has never answered, neither would anything else than a socket. */
  function doWithout(loss: Loss) {
    failures = 0;
    if (facts) fallback.begin(facts);
    else retry({ delayMs: RETRY_MS }, loss);
  }

  return {
    get status() {
      return status;
    },
    onStatus: changes.on,
    run(operation) {
      cancelLinger();
      roster.run(operation);
      if (!isHungUp && !roster.way && (status === IDLE || isAtEnd(status))) connect();
    },
    take(operation) {
      if (roster.take(operation) === 0) linger();
    },
    carries: roster.carries,
    reconnect,
    disconnect() {
      isHungUp = true;
      rest(IDLE);
    },
    connect() {
      if (isHungUp || status.state === 'disconnected') connectAnew();
    },
    updateToken() {
      if (status.state === 'connected') renewal?.now(reconnect);
      // What is under way may have begun with the former one.
      else if (status.state === 'disconnected' || status.state === 'connecting') connectAnew();
    },
  };
}
