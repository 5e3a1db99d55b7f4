import { isNewTo } from '../events/catch-up.ts';
import { SlowConsumerError } from '../events/errors.ts';
import type { LoggedEvent } from '../events/events.ts';
import type { Beginning, EventSource, Start, StreamedEvent } from '../events/source.ts';
import type { View } from '../graphql/view.ts';
import type { Histogram } from '../lib/histogram.ts';
import { findStart } from './beginning.ts';
import type { Frame } from './frame.ts';
import { type FrameCache, nextFrameOwner } from './frame-cache.ts';
import type { Group, GroupOptions } from './group.ts';
import type { Subscriber } from './subscriber.ts';
import { type Deliverable, deliverAtEndOfTurn } from './turn.ts';

export interface EventGroupOptions extends GroupOptions {
  /** How many events may wait for their frames before the readers go back to the log. */
  readonly queueLimit: number;
  /** How long after its change each frame was written to those who keep up, in milliseconds. */
  readonly delays: Histogram;
  readonly frames: FrameCache;
}

interface Reader {
  readonly subscriber: Subscriber;
  /** He was shown everything up to here, as far as it is for him. */
  position: bigint;
  /** His cursor, until it is known where that lies. */
  start: Start | string;
  hasLeft: boolean;
}

/** Those who are shown an event with the same eyes. */
interface Audience {
  readonly event: StreamedEvent;
  readonly view: View;
  readonly readers: Reader[];
}

/** Whose frame is on its way, or behind such a one. */
interface Promised {
  readonly audience: Audience;
  readonly frame: Frame | Promise<Frame>;
}

/** Events whose frames are made together, and so leave together. */
const PIPELINE = 32;

/**
 * The readers of durable events. Each event is executed once for each view of it, for those who are
 * at the present and for those who are on their way there.
 */
export class EventGroup implements Group, Deliverable {
  readonly #source: EventSource;
  readonly #options: EventGroupOptions;
  /** At the present; the others are catching up. */
  readonly #live = new Set<Reader>();
  readonly #id = nextFrameOwner();
  #waiting: StreamedEvent[] = [];
  #isDelivering = false;
  /** Of the first event whose frame is on its way; null while none is. */
  #promisedFrom: bigint | null = null;
  #listening: Disposable | null = null;
  #size = 0;

  constructor(source: EventSource, options: EventGroupOptions) {
    this.#source = source;
    this.#options = options;
  }

  /** @throws CursorError */
  async join(subscriber: Subscriber, from: Beginning): Promise<void> {
    this.#size += 1;
    const position = this.#source.position();
    const start = from ?? { position, snapshot: null, settledAt: position };
    const reader: Reader = { subscriber, position, start, hasLeft: false };
    subscriber.joined({
      leave: () => this.#leave(reader),
      awaits: (event) => this.#awaits(reader, event),
    });
    if (from === null) return this.#goLive(reader);
    const found = await findStart(this.#source, reader);
    if (!found) return;
    reader.position = found.position;
    this.#catchUp(reader, found);
  }

  #awaits({ subscriber, start, position }: Reader, event: LoggedEvent): boolean {
    if (typeof start === 'string' || event.position <= position || !isNewTo(start, event)) return false;
    return this.#viewOf(subscriber, event) !== null;
  }

  #leave(reader: Reader): Beginning {
    reader.hasLeft = true;
    const isLive = this.#live.delete(reader);
    // Whoever comes back from the log has yet to be shown what lies behind his last frame; who is at the present,
    // what waits here.
    const position = isLive ? later(reader.position, this.#next() - 1n) : reader.position;
    if (this.#live.size === 0) this.#rest();
    this.#size -= 1;
    if (this.#size === 0) this.#options.onEmpty();
    return typeof reader.start === 'string' ? reader.start : { ...reader.start, position };
  }

  /** The first place that those at the present have yet to be shown. */
  #next(): bigint {
    return this.#promisedFrom ?? this.#waiting[0]?.position ?? this.#source.position() + 1n;
  }

  #goLive(reader: Reader): void {
    if (reader.hasLeft) return;
    this.#live.add(reader);
    this.#listening ??= this.#source.listen((event) => this.#hear(event));
  }

  #rest(): void {
    this.#listening?.[Symbol.dispose]();
    this.#listening = null;
    this.#waiting = [];
  }

  #hear(event: StreamedEvent): void {
    this.#waiting.push(event);
    if (this.#waiting.length > this.#options.queueLimit) this.#fallBack();
    else if (!this.#isDelivering) {
      this.#isDelivering = true;
      deliverAtEndOfTurn(this);
    }
  }

  /** Frames take longer to make than events to happen: the readers take them from the log, at their own pace. */
  #fallBack(): void {
    const readers = [...this.#live];
    const next = this.#next();
    this.#live.clear();
    this.#rest();
    for (const reader of readers) {
      // What lies before was shown to whom it is for, and need not be read again, if it is kept at all.
      reader.position = later(reader.position, next - 1n);
      if (typeof reader.start !== 'string') this.#catchUp(reader, reader.start);
    }
  }

  #catchUp(reader: Reader, start: Start): void {
    this.#source
      .catchUp({
        start: { ...start, position: reader.position },
        take: (events) => this.#replay(reader, events),
        goLive: (position) => {
          reader.position = later(reader.position, position);
          this.#goLive(reader);
        },
        isOver: () => reader.hasLeft,
      })
      .catch((error) => !reader.hasLeft && reader.subscriber.end(error));
  }

  async #replay(reader: Reader, events: readonly StreamedEvent[]): Promise<void> {
    const { subscriber } = reader;
    for (const event of events) {
      const view = this.#viewOf(subscriber, event);
      if (view) this.#show(reader, event, await this.#frame(event, view));
      // Whoever comes back is served as fast as he reads.
      if (subscriber.sink.isSlow) await subscriber.sink.drained();
      if (reader.hasLeft) return;
    }
  }

  /** Called at the end of a turn: what one look at the log brought is heard by then. */
  deliver(): void {
    while (this.#waiting.length > 0) {
      const promised = this.#showWhatIsMade(this.#waiting.splice(0, PIPELINE));
      const [first] = promised;
      if (!first) continue;
      this.#promisedFrom = first.audience.event.position;
      void this.#showPromised(promised).then(() => {
        this.#promisedFrom = null;
        this.deliver();
      });
      return;
    }
    this.#isDelivering = false;
  }

  /** Most frames wait for nothing, and what one needed is garbage before the next is made. Answers what is left. */
  #showWhatIsMade(events: readonly StreamedEvent[]): readonly Promised[] {
    const promised: Promised[] = [];
    for (const event of events)
      for (const audience of this.#audiencesOf(event)) {
        const frame = this.#frame(event, audience.view);
        if (promised.length > 0 || frame instanceof Promise) promised.push({ audience, frame });
        else this.#showAll(audience, frame);
      }
    return promised;
  }

  async #showPromised(promised: readonly Promised[]): Promise<void> {
    const frames = await Promise.all(promised.map(({ frame }) => frame));
    for (const [at, { audience }] of promised.entries()) {
      const frame = frames[at];
      if (frame) this.#showAll(audience, frame);
    }
  }

  #showAll({ event, readers }: Audience, frame: Frame): void {
    const { counts, delays } = this.#options;
    const before = counts.deliveries;
    for (const reader of readers) this.#show(reader, event, frame);
    const delivered = counts.deliveries - before;
    // The time of an event is by the clock of PostgreSQL, which may be ahead.
    if (delivered > 0) delays.record(Math.max(0, Date.now() - event.at.getTime()), delivered);
  }

  #audiencesOf(event: StreamedEvent): readonly Audience[] {
    const audiences: Audience[] = [];
    let byKey: Map<string, Audience> | null = null;
    for (const reader of this.#live) {
      const view = this.#viewOf(reader.subscriber, event);
      if (!view) continue;
      // Nearly all have one reader, or one view that all of them share.
      const [first] = audiences;
      if (first && audiences.length > 1) byKey ??= new Map(audiences.map((each) => [each.view.key, each]));
      const audience = first?.view.key === view.key ? first : byKey?.get(view.key);
      if (audience) {
        audience.readers.push(reader);
        continue;
      }
      const made = { event, view, readers: [reader] };
      audiences.push(made);
      byKey?.set(view.key, made);
    }
    return audiences;
  }

  #viewOf(subscriber: Subscriber, event: LoggedEvent): View | null {
    return subscriber.viewBy(this.#source.sightOf(subscriber.actor, event));
  }

  #frame(event: StreamedEvent, view: View): Frame | Promise<Frame> {
    const { frames, makeFrame } = this.#options;
    const what = { value: event, cursor: event.cursor };
    // A frame of his own has nobody to be kept for.
    if (this.#size === 1) return makeFrame(view, what);
    // By its cursor, for that may say besides what a query showed this reader.
    return frames.get(`${this.#id} ${event.cursor} ${view.key}`, () => makeFrame(view, what));
  }

  #show(reader: Reader, event: StreamedEvent, frame: Frame): void {
    const { subscriber } = reader;
    if (reader.hasLeft || event.position <= reader.position) return;
    reader.position = event.position;
    subscriber.show(frame);
    this.#options.counts.deliveries += 1;
    if (!subscriber.sink.isFull) return;
    this.#options.counts.slowClosed += 1;
    subscriber.end(new SlowConsumerError());
  }
}

const later = (one: bigint, other: bigint): bigint => (one > other ? one : other);
