import type { Credentials } from './credentials.ts';
import { RefusedError } from './errors.ts';
import type { Followed } from './followed.ts';
import { ANSWER_MS, type Http } from './http.ts';
import type { Result } from './operation.ts';
import type { Poll } from './poll.ts';
import type { Timers } from './timers.ts';
import type { RunEvents, Way } from './way.ts';

export interface PollingOptions {
  readonly http: Http;
  readonly credentials: Credentials;
  readonly timers: Timers;
  readonly intervalMs: number;
}

/** Each operation by its query, again and again. One that has none waits for a better way. */
export const pollingWay = (options: PollingOptions): Way => ({
  kind: 'POLLING',
  begin(operation, events) {
    const { poll } = operation;
    return poll ? startPolling(options, { operation, poll, events }) : () => {};
  },
});

function startPolling(
  { http, credentials, timers, intervalMs }: PollingOptions,
  { operation, poll, events }: { operation: Followed; poll: Poll; events: RunEvents },
): () => void {
  const abort = new AbortController();
  let cancel = () => {};
  const { signal } = abort;

  async function step(): Promise<void> {
    const token = await credentials.forRequest();
    const result = await http.result(poll.request, { token, signal, withinMs: ANSWER_MS });
    if (signal.aborted) return;
    if (isRefused(result)) return events.ended(result.errors ?? [], token);
    events.begun();
    const heard = { recent: operation.recent(), isBehindCursor: operation.isBehindCursor() };
    const { frames, cursor, hasGap } = poll.read(result.data, heard);
    for (const frame of frames) if (!signal.aborted) events.next(frame);
    if (hasGap && !(await operation.catchUp(MISSED))) return events.ended(MISSED.errors);
    if (signal.aborted) return;
    // Behind a gap it goes on where who read anew said, which is newer than this answer.
    if (cursor !== null && !hasGap) operation.resumeBehind(cursor);
    cancel = timers.after(intervalMs, run);
  }
  const run = () => void step().catch((error) => void (signal.aborted || events.lost(error)));

  run();
  return () => {
    abort.abort();
    cancel();
  };
}

const MISSED = new RefusedError([
  { message: 'More happened between two polls than an answer holds.', extensions: { code: 'WS_003' } },
]);

/** Nothing was answered; where only a part is missing, the rest is news. */
const isRefused = ({ data, errors }: Result): boolean =>
  errors !== undefined && Object.values(data ?? {}).every((value) => value === null);
