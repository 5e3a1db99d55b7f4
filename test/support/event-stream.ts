import { withDeadline } from './deadline.ts';

/** A server-sent event of GraphQL over SSE. */
export interface SentEvent {
  readonly event: string;
  readonly id: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: JSON as it came
  readonly data: any;
}

export interface SentEvents {
  /** The next event, comments left out; null at the end of the stream. */
  next(): Promise<SentEvent | null>;
  /** Hangs up. */
  close(): Promise<void>;
}

const DEADLINE_MS = 60_000;

/** Subscribes by server-sent events. @param url of the server, without a path */
export async function openEventStream(
  url: string,
  {
    token,
    lastEventId,
    ...operation
  }: {
    readonly query: string;
    readonly variables?: object;
    readonly token: string;
    readonly lastEventId?: string;
  },
): Promise<SentEvents> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${token}`,
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    },
    body: JSON.stringify(operation),
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!reader) throw new Error('the answer has no body');
  let text = '';
  async function next(): Promise<SentEvent | null> {
    for (;;) {
      const end = text.indexOf('\n\n');
      const block = text.slice(0, Math.max(end, 0));
      if (end >= 0) text = text.slice(end + 2);
      if (block.startsWith('event:')) return parseEvent(block);
      if (end >= 0) continue;
      const { value, done } = await withDeadline(reader?.read() ?? Promise.reject(), DEADLINE_MS, 'an event');
      if (done) return null;
      text += value;
    }
  }
  return { next, close: async () => await reader.cancel() };
}

function parseEvent(block: string): SentEvent {
  const fields = new Map(
    block.split('\n').map((line) => [line.split(':', 1)[0], line.replace(/^\w+: ?/, '')]),
  );
  const data = fields.get('data');
  return {
    event: fields.get('event') ?? '',
    id: fields.get('id') ?? null,
    data: data ? JSON.parse(data) : null,
  };
}
