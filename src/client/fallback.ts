import type { Credentials } from './credentials.ts';
import type { Debug } from './debug.ts';
import { eventStreamWay, streamsComeThrough } from './event-stream-way.ts';
import type { Http } from './http.ts';
import { pollingWay } from './polling-way.ts';
import type { Roster } from './roster.ts';
import type { ServerFacts } from './server-facts.ts';
import type { Status } from './status.ts';
import type { Timers } from './timers.ts';
import type { Way } from './way.ts';

/** Doing without a socket: by event streams, and where those are held back too by polling. */
export interface Fallback {
  readonly isOn: boolean;
  begin(facts: ServerFacts): void;
  /** A socket is there, or nobody listens any more. */
  end(): void;
  /** No socket was to be had once more: the next better way, or the same again after a while. */
  improve(): void;
  /** The way has failed as often as the policy allows. */
  exhausted(way: Way, error: unknown): void;
  /** The way carries an operation. */
  carried(way: Way): void;
}

export interface FallbackOptions {
  readonly timers: Timers;
  readonly debug: Debug;
  readonly http: Http;
  readonly credentials: Credentials;
  readonly roster: () => Roster;
  readonly become: (status: Status) => void;
  /** Tries for a socket after so many milliseconds, and not before. */
  readonly trySocketAfter: (delayMs: number) => void;
}

export function createFallback(options: FallbackOptions): Fallback {
  const { debug, become, trySocketAfter } = options;
  let now: { readonly via: 'SSE' | 'POLLING'; readonly way: Way; readonly facts: ServerFacts } | null = null;
  let isHeard = false;

  function go(via: 'SSE' | 'POLLING', facts: ServerFacts) {
    const way =
      via === 'SSE'
        ? eventStreamWay({ ...options, silenceMs: facts.streamSilenceMs })
        : pollingWay({ ...options, intervalMs: facts.pollIntervalMs });
    now = { via, way, facts };
    isHeard = false;
    debug('connected', via);
    become({ state: 'connecting' });
    options.roster().carry(way, facts);
    trySocketAfter(facts.retryIntervalMs);
  }
  return {
    get isOn() {
      return now !== null;
    },
    begin: (facts) => go('SSE', facts),
    end() {
      now = null;
    },
    improve() {
      const before = now;
      if (!before) return;
      trySocketAfter(before.facts.retryIntervalMs);
      if (before.via !== 'POLLING') return;
      streamsComeThrough(options).then((doThey) => {
        if (doThey && now === before) go('SSE', before.facts);
      });
    },
    exhausted(way, error) {
      if (way !== now?.way) return;
      if (now.via === 'SSE') return go('POLLING', now.facts);
      isHeard = false;
      become({ state: 'disconnected', retryInMs: now.facts.backoff.maxDelayMs, error });
    },
    carried(way) {
      if (way !== now?.way || isHeard) return;
      isHeard = true;
      become({ state: 'fallback', via: now.via });
    },
  };
}
