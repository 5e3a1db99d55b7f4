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
        ended,
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
