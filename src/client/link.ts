import { type BackoffPolicy, DEFAULT_BACKOFF, delayBefore } from './backoff.ts';
import { type Connected, type DialOptions, dial, usesRealtimeTokens } from './dialling.ts';
import { createEmitter } from './emitter.ts';
import { asSignedOut, ConnectionClosedError, SignedOutError } from './errors.ts';
import { eventStreamWay } from './event-stream-way.ts';
import type { Followed } from './followed.ts';
import type { Http } from './http.ts';
import { pollingWay } from './polling-way.ts';
import { createRenewal, type Renewal } from './renewal.ts';
import { createRun, type Run } from './run.ts';
import type { ServerFacts } from './server-facts.ts';
import type { SocketEnd } from './socket.ts';
import { socketWay } from './socket-way.ts';
import type { Status } from './status.ts';
import type { Way, WayKind } from './way.ts';

/** What carries every operation: a socket if one can be had, else event streams, else polling. */
export interface Link {
  readonly status: Status;
  /** Answers how to stop hearing. */
  onStatus(listener: (status: Status) => void): () => void;
  /** Runs it from now on, until it ends or is taken away; begins anew what runs already. */
  run(operation: Followed): void;
  /** The last one leaves the socket open for a moment: another may come. */
  take(operation: Followed): void;
  /** Gives up what there is and connects at once. */
  reconnect(): void;
  dispose(): void;
}

export interface LinkOptions extends DialOptions {
  readonly http: Http;
  /** How long an unused socket is kept. */
  readonly lingerMs: number;
  /** It has ended by itself. */
  readonly onOver: (operation: Followed) => void;
}

/** Codes of a close frame that mean more than that another socket is to be tried. */
const TOKEN_REFUSED = 4403;
const ACCESS_REVOKED = 4493;

/** Tried again so often while the server has never answered. */
const RETRY_MS = 30_000;

interface Loss {
  readonly end: SocketEnd;
  readonly error: unknown;
}

export function createLink(options: LinkOptions): Link {
  const { timers, credentials, debug } = options;
  const runs = new Map<Followed, Run>();
  const changes = createEmitter<Status>();
  let status: Status = IDLE;
  let facts: ServerFacts | null = null;
  let mode: WayKind = 'SOCKET';
  let way: Way | null = null;
  let renewal: Renewal | null = null;
  /** Tries in a row that failed. */
  let failures = 0;
  /** What the server asked to wait before it is tried again. */
  let askedDelayMs = 0;
  let hangUp = () => {};
  let cancelTimer = () => {};
  let cancelLinger = () => {};

  const policy = (): BackoffPolicy => facts?.backoff ?? DEFAULT_BACKOFF;
  const become = (next: Status) => {
    status = next;
    changes.emit(next);
  };
  const wait = (delayMs: number, then: () => void) => {
    cancelTimer();
    cancelTimer = timers.after(delayMs, then);
  };

  function carry(next: Way | null) {
    way = next;
    for (const run of [...runs.values()]) start(run);
  }
  function start(run: Run) {
    if (!way || !facts) return run.over(null);
    try {
      run.operation.prepare(facts);
    } catch (error) {
      run.stop();
      run.operation.fail(error);
      return end(run.operation);
    }
    run.over(way);
  }
  function end(operation: Followed): void {
    leave(operation);
    options.onOver(operation);
  }
  function leave(operation: Followed) {
    runs.get(operation)?.stop();
    runs.delete(operation);
    cancelLinger();
    if (runs.size === 0)
      cancelLinger = timers.after(options.lingerMs, () => void (isAtEnd(status) || rest()));
  }
  /** As it was before anybody listened. */
  function rest(next: Status = IDLE) {
    cancelTimer();
    cancelLinger();
    hangUp();
    renewal?.stop();
    mode = 'SOCKET';
    failures = 0;
    carry(null);
    if (status !== next) become(next);
  }
  function stopAll(error: unknown) {
    const ended = [...runs.keys()];
    rest({ state: 'disconnected', retryInMs: null, error });
    for (const operation of ended) {
      operation.fail(error);
      end(operation);
    }
  }

  function connect() {
    if (mode === 'SOCKET') become({ state: 'connecting' });
    hangUp = dial(
      {
        ...options,
        facts: async () => {
          facts ??= await options.facts();
          return facts;
        },
      },
      { connected, notice, lost },
    );
  }
  function connected({ socket, expiresAt }: Connected) {
    debug('connected', 'SOCKET');
    cancelTimer();
    failures = 0;
    askedDelayMs = 0;
    mode = 'SOCKET';
    renewal = createRenewal({ socket, timers, token: renewalToken, localTime });
    renewal.plan(expiresAt);
    carry(socketWay(socket));
    become({ state: 'connected' });
  }
  const localTime = (moment: string) => Date.parse(moment) - (facts?.clockOffsetMs ?? 0);
  async function renewalToken(): Promise<string | null> {
    if (!facts) return null;
    debug('sent', 'refreshConnection');
    return (await credentials.forSocket({ isRealtime: usesRealtimeTokens(options, facts) })).token;
  }
  function notice(told: Readonly<Record<string, unknown>>) {
    debug('received', `notice ${String(told.notice)}`);
    if (told.notice === 'AUTH_EXPIRING') renewal?.now();
    if (typeof told.reconnectAfterMs === 'number') askedDelayMs = told.reconnectAfterMs;
  }

  function lost(loss: Loss) {
    const wasConnected = mode === 'SOCKET' && way !== null;
    renewal?.stop();
    if (mode === 'SOCKET') carry(null);
    if (loss.end.code === TOKEN_REFUSED) credentials.refuse();
    const final = finalErrorOf(loss);
    if (final) return stopAll(final);
    if (mode !== 'SOCKET') return improve();
    failures += 1;
    if (failures > policy().maxAttempts) return doWithout(loss);
    // A token that has ended is no reason to wait: with another one the server takes it at once.
    const isExpiry = wasConnected && loss.end.code === TOKEN_REFUSED;
    const delayMs = isExpiry ? 0 : Math.max(askedDelayMs, delayBefore(failures, policy(), timers));
    wait(delayMs, connect);
    become({ state: 'disconnected', retryInMs: delayMs, error: errorOf(loss) });
  }
  /** Null while another try may help. */
  function finalErrorOf({ end: { code, reason }, error }: Loss): Error | null {
    if (code === ACCESS_REVOKED) return new SignedOutError(reason, { code: 'WS_006' });
    if (code === TOKEN_REFUSED && failures >= policy().maxAttempts)
      return new SignedOutError(reason, { code: 'WS_002' });
    if (facts?.finalCloseCodes.has(code)) return new ConnectionClosedError({ code, reason });
    return asSignedOut(error);
  }

  /** Without a socket, for a while. Where the server has never answered, neither would anything else. */
  function doWithout(loss: Loss) {
    if (facts) return fallBack('SSE', facts);
    failures = 0;
    wait(RETRY_MS, connect);
    become({ state: 'disconnected', retryInMs: RETRY_MS, error: errorOf(loss) });
  }
  function fallBack(kind: Exclude<WayKind, 'SOCKET'>, known: ServerFacts) {
    mode = kind;
    failures = 0;
    debug('connected', kind);
    carry(
      kind === 'SSE'
        ? eventStreamWay({ ...options, silenceMs: known.streamSilenceMs })
        : pollingWay({ ...options, intervalMs: known.pollIntervalMs }),
    );
    become({ state: 'fallback', via: kind });
    wait(known.retryIntervalMs, connect);
  }
  /** The better way has failed once more: the next better one, or the same again later. */
  function improve() {
    const known = facts;
    if (!known) return;
    wait(known.retryIntervalMs, connect);
    if (mode !== 'POLLING') return;
    streamsComeThrough(options).then((doThey) => {
      if (doThey && mode === 'POLLING' && runs.size > 0) fallBack('SSE', known);
    });
  }
  function exhausted(failed: Way, error: unknown) {
    if (failed !== way || !facts) return;
    if (mode === 'SSE') fallBack('POLLING', facts);
    else become({ state: 'disconnected', retryInMs: facts.backoff.maxDelayMs, error });
  }
  function carried(by: Way) {
    if (by.kind === 'POLLING' && by === way && status.state === 'disconnected')
      become({ state: 'fallback', via: by.kind });
  }

  return {
    get status() {
      return status;
    },
    onStatus: changes.on,
    run(operation) {
      cancelLinger();
      const known = runs.get(operation);
      const over = () => end(operation);
      const run =
        known ?? createRun(operation, { timers, debug, credentials, policy, over, exhausted, carried });
      runs.set(operation, run);
      if (way) start(run);
      else if (status.state === 'idle' || isAtEnd(status)) connect();
    },
    take: leave,
    reconnect() {
      rest();
      if (runs.size > 0) connect();
    },
    dispose: () => rest(),
  };
}

const IDLE: Status = { state: 'idle' };

const isAtEnd = (status: Status) => status.state === 'disconnected' && status.retryInMs === null;

const errorOf = ({ end, error }: Loss): unknown => error ?? new ConnectionClosedError(end);

/** Whether an answer comes as server-sent events, in good time. */
async function streamsComeThrough({
  http,
  timers,
}: {
  readonly http: Http;
  readonly timers: LinkOptions['timers'];
}): Promise<boolean> {
  const abort = new AbortController();
  const cancel = timers.after(5_000, () => abort.abort());
  try {
    const headers = { accept: 'text/event-stream' };
    const response = await http.post(
      { query: '{ __typename }' },
      { token: null, headers, signal: abort.signal },
    );
    return response.ok && (await response.text()).includes('event: next');
  } catch {
    return false;
  } finally {
    cancel();
  }
}
