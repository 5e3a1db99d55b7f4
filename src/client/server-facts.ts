import type { BackoffPolicy } from './backoff.ts';
import type { Http } from './http.ts';

/** What the server says of itself to whoever wants to follow it. */
export interface ServerFacts {
  readonly backoff: BackoffPolicy;
  /** The subscriptions that take `after`. */
  readonly resumable: ReadonlySet<string>;
  /** Those that begin with how things are. */
  readonly states: ReadonlySet<string>;
  /** Those whose query of the same name takes the same selection, each with the arguments of that query. */
  readonly polled: ReadonlyMap<string, ReadonlySet<string>>;
  /** Close codes after which connecting again does not help. */
  readonly finalCloseCodes: ReadonlySet<number>;
  readonly heartbeatIntervalMs: number;
  /** An event stream that says nothing for so long is dead. */
  readonly streamSilenceMs: number;
  /** Whether a socket takes realtime tokens only. */
  readonly isStrict: boolean;
  readonly pollIntervalMs: number;
  /** How often a better way is tried again. */
  readonly retryIntervalMs: number;
  /** What to add to the clock here for the clock there, in milliseconds. */
  readonly clockOffsetMs: number;
}

export const SERVER_FACTS = `{
  realtimeInfo {
    serverTime tokenParameters heartbeatIntervalSeconds sseHeartbeatIntervalSeconds
    backoff { initialDelayMs stepMs maxDelayMs maxAttempts jitter }
    fallback { pollIntervalMs retryIntervalMs }
    streams { name takesAfter beginsWithState pollArguments }
    closeCodes { code reconnect }
  }
}`;

interface Stream {
  readonly name: string;
  readonly takesAfter: boolean;
  readonly beginsWithState: boolean;
  readonly pollArguments: readonly string[] | null;
}

interface Answer {
  readonly realtimeInfo: {
    readonly serverTime: string;
    readonly tokenParameters: readonly string[];
    readonly heartbeatIntervalSeconds: number;
    readonly sseHeartbeatIntervalSeconds: number;
    readonly backoff: BackoffPolicy;
    readonly fallback: { readonly pollIntervalMs: number; readonly retryIntervalMs: number };
    readonly streams: readonly Stream[];
    readonly closeCodes: readonly { readonly code: number; readonly reconnect: boolean }[];
  };
}

/** @throws RefusedError; TypeError when the server cannot be reached */
export async function askServerFacts(http: Http, now: () => number): Promise<ServerFacts> {
  const { realtimeInfo: info } = await http.ask<Answer>({ query: SERVER_FACTS }, { token: null });
  const streams = (areMeant: (stream: Stream) => boolean) =>
    new Set(info.streams.filter(areMeant).map(({ name }) => name));
  return {
    backoff: info.backoff,
    resumable: streams(({ takesAfter }) => takesAfter),
    states: streams(({ beginsWithState }) => beginsWithState),
    polled: new Map(
      info.streams.flatMap(({ name, pollArguments: names }) => (names ? [[name, new Set(names)]] : [])),
    ),
    finalCloseCodes: new Set(info.closeCodes.filter(({ reconnect }) => !reconnect).map(({ code }) => code)),
    heartbeatIntervalMs: info.heartbeatIntervalSeconds * 1_000,
    streamSilenceMs: info.sseHeartbeatIntervalSeconds * 2_000,
    isStrict: !info.tokenParameters.includes('accessToken'),
    pollIntervalMs: info.fallback.pollIntervalMs,
    retryIntervalMs: info.fallback.retryIntervalMs,
    clockOffsetMs: Date.parse(info.serverTime) - now(),
  };
}
