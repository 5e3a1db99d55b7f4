import type { EventLog } from '../../src/events/event-log.ts';
import type { EventType } from '../../src/events/events.ts';
import type { StreamedEvent } from '../../src/events/source.ts';
import type { EventStreamOptions } from '../../src/events/stream.ts';
import { EventGroup } from '../../src/http/event-group.ts';
import { createFrame } from '../../src/http/frame.ts';
import { createFrameCache } from '../../src/http/frame-cache.ts';
import { Subscriber } from '../../src/http/subscriber.ts';
import { system } from '../../src/lib/actor.ts';
import { createHistogram } from '../../src/lib/histogram.ts';

/** How a test reads a stream, which is as a subscriber of a group does: what the log kept comes as fast as it is read. */
export interface EventReader<T extends EventType> extends AsyncIterableIterator<StreamedEvent<T>> {
  return(): Promise<IteratorResult<StreamedEvent<T>>>;
}

export function readEvents<T extends EventType>(
  log: EventLog,
  options: Omit<EventStreamOptions<T>, 'sightOf'>,
): EventReader<T> {
  const source = log.streams.events<T>({ ...options, sightOf: () => 'SHARED' });
  const events = new Map<string, StreamedEvent<T>>();
  const waiting: StreamedEvent<T>[] = [];
  let wake = () => {};
  let allRead = () => {};

  const sink = {
    get isSlow() {
      return waiting.length > 0;
    },
    isFull: false,
    drained: () => new Promise<void>((resolve) => (allRead = resolve)),
    next({ json }: { readonly json: string }) {
      waiting.push(events.get(json) as StreamedEvent<T>);
      wake();
    },
  };
  const group = new EventGroup(source, {
    async makeFrame(_view, { value, cursor }) {
      const event = value as StreamedEvent<T>;
      events.set(event.position.toString(), event);
      return createFrame(event.position.toString(), cursor);
    },
    delays: createHistogram([]),
    counts: { executions: 0, deliveries: 0, slowClosed: 0, conflated: 0 },
    frames: createFrameCache(),
    queueLimit: 1_024,
    onEmpty: () => {},
  });
  const args = { contextValue: { actor: system('reader') } };
  const subscriber = new Subscriber(args as never, { sink, extensions: null, source, regroup() {} });
  let failure: { readonly error: unknown } | null = null;
  const joined = group.join(subscriber, source.after);
  joined.catch(() => {});
  const over = subscriber.next().then(
    () => wake(),
    (error) => {
      failure = { error };
      wake();
    },
  );

  return {
    async next() {
      await joined;
      for (;;) {
        const value = waiting.shift();
        if (waiting.length === 0) allRead();
        if (value) return { done: false, value };
        if (failure) throw failure.error;
        if (subscriber.isOver) return { done: true, value: undefined };
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    async return() {
      subscriber.end();
      allRead();
      await over;
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
