import type { Credentials } from './credentials.ts';
import { openEventStream } from './event-stream.ts';
import type { Http } from './http.ts';
import type { Timers } from './timers.ts';
import type { Way } from './way.ts';

/** Each operation by a stream of server-sent events of its own. */
export const eventStreamWay = (options: {
  readonly http: Http;
  readonly credentials: Credentials;
  readonly timers: Timers;
  readonly silenceMs: number;
}): Way => ({
  kind: 'SSE',
  begin(operation, { begun, next, ended, lost }) {
    let isOver = false;
    let close = () => {};
    const open = (token: string | null) => {
      if (isOver) return;
      close = openEventStream({
        ...options,
        request: operation.current(),
        token,
        opened: begun,
        next,
        ended: (errors) => ended(errors, token),
        lost,
      });
    };
    options.credentials.forRequest().then(open).catch(lost);
    return () => {
      isOver = true;
      close();
    };
  },
});

/** How long the whole answer may take: where it is held back, streams would be too. */
const PROBE_MS = 5_000;

export const PROBE = '{ __typename }';

/** Whether an answer comes through as server-sent events. */
export async function streamsComeThrough({
  http,
  timers,
}: {
  readonly http: Http;
  readonly timers: Timers;
}): Promise<boolean> {
  const abort = new AbortController();
  const cancel = timers.after(PROBE_MS, () => abort.abort());
  try {
    const headers = { accept: 'text/event-stream' };
    const request = { query: PROBE };
    const response = await http.post(request, { token: null, headers, signal: abort.signal });
    // Where answers are given when they are whole, this one comes through and no stream does.
    if (!response.ok || !response.body) return false;
    return (await response.text()).includes('event: next');
  } catch {
    return false;
  } finally {
    cancel();
  }
}
