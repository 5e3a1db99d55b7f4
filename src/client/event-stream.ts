import type { GraphqlError } from './errors.ts';
import { type Http, resultIn } from './http.ts';
import type { OperationRequest, Result } from './operation.ts';
import type { Timers } from './timers.ts';

export interface EventStreamOptions {
  readonly http: Http;
  readonly request: OperationRequest;
  readonly token: string | null;
  readonly timers: Timers;
  /** A stream that says nothing for so long, not even a comment, is dead. */
  readonly silenceMs: number;
  readonly opened: () => void;
  readonly next: (result: Result) => void;
  /** With the errors that refused or ended it, or null. */
  readonly ended: (errors: readonly GraphqlError[] | null) => void;
  /** The connection is gone, or never was one. */
  readonly lost: (error: unknown) => void;
}

/** One operation as a stream of server-sent events. Answers how to end it; nothing is told after that. */
export function openEventStream(options: EventStreamOptions): () => void {
  const { http, request, token, timers, silenceMs } = options;
  const abort = new AbortController();
  let isOver = false;
  let stopWaiting = () => {};
  const finish = (tell: () => void) => {
    if (isOver) return;
    isOver = true;
    stopWaiting();
    abort.abort();
    tell();
  };
  const lost = (error: unknown) => finish(() => options.lost(error));
  const heard = () => {
    stopWaiting();
    if (!isOver) stopWaiting = timers.after(silenceMs, () => lost(new TypeError('The stream is silent.')));
  };
  const handle = ({ event, data }: ServerSentEvent) => {
    if (isOver) return;
    if (event === 'complete') return finish(() => options.ended(null));
    if (event !== 'next') return;
    const result = resultIn(data, 200);
    // A frame that was spoiled has its data, if only null; what ended the stream has none.
    if (result.data === undefined) finish(() => options.ended(result.errors ?? []));
    else options.next(result);
  };

  async function follow(): Promise<void> {
    const headers = { accept: 'text/event-stream' };
    const response = await http.post(request, { token, headers, signal: abort.signal });
    const type = response.headers.get('content-type') ?? '';
    if (!response.body || !type.startsWith('text/event-stream')) {
      const { errors } = resultIn(await response.text(), response.status);
      return finish(() => options.ended(errors ?? []));
    }
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    const parse = createEventParser(handle);
    for (let isOpen = false; ; isOpen = true) {
      const { done, value } = await reader.read();
      if (done) throw new TypeError('The stream broke off.');
      if (!isOpen && !isOver) options.opened();
      heard();
      parse(decoder.decode(value, { stream: true }));
    }
  }

  heard();
  follow().catch(lost);
  return () => finish(() => {});
}

interface ServerSentEvent {
  readonly event: string;
  readonly data: string;
}

/** Takes text as it comes, and tells each event once its last line is there. */
function createEventParser(tell: (event: ServerSentEvent) => void): (text: string) => void {
  let rest = '';
  let event = '';
  let data: string[] = [];
  const line = (text: string) => {
    if (text === '') {
      if (event !== '') tell({ event, data: data.join('\n') });
      event = '';
      data = [];
      return;
    }
    const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/s.exec(text) ?? [];
    if (field === 'event') event = value;
    if (field === 'data') data.push(value);
  };
  return (text) => {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const each of lines) line(each);
  };
}
