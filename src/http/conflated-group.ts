import type { Beginning, Conflation, EventSource, StreamedEvent } from '../events/source.ts';
import type { View } from '../graphql/view.ts';
import { findStart } from './beginning.ts';
import { AT_ONCE, type Audience, audiencesOf, type Reader, type Serving } from './conflated-readers.ts';
import type { Frame } from './frame.ts';
import { type FrameCache, nextFrameOwner } from './frame-cache.ts';
import type { Group, GroupOptions } from './group.ts';
import { type Change, changeOf, createHeldBack, type HeldBack, sinceOf } from './held-back.ts';
import type { Subscriber } from './subscriber.ts';
import { endOfTurn } from './turn.ts';

export interface ConflatedGroupOptions extends GroupOptions, Conflation {
  readonly frames: FrameCache;
}

/** Changes whose frames are made together, and so leave together. */
const PIPELINE = 32;

/**
 * The readers of durable events of which the newest of each subject is enough: every `minIntervalMs`, and
 * whenever somebody is too slow for more.
 *
 * Whatever is held back is shown at once and in the order of the log. So a frame's cursor leaves nothing
 * behind: what was held back with it and not yet shown is newer, and follows it in the log.
 */
export class ConflatedGroup implements Group {
  readonly #source: EventSource;
  readonly #options: ConflatedGroupOptions;
  readonly #id = nextFrameOwner();
  readonly #live = new Set<Reader>();
  readonly #behind = new Set<Reader>();
  /** What those who keep up have yet to be shown. */
  readonly #held: HeldBack;
  /** When they can be. */
  #dueMs = AT_ONCE;
  #timer: NodeJS.Timeout | undefined;
  #isDelivering = false;
  /** Of the first change that is being shown; null while none is. */
  #showingSince: bigint | null = null;
  #listening: Disposable | null = null;
  #size = 0;

  constructor(source: EventSource, options: ConflatedGroupOptions) {
    this.#source = source;
    this.#options = options;
    this.#held = createHeldBack(options.subjectOf);
  }

  /** @throws CursorError */
  async join(subscriber: Subscriber, from: Beginning): Promise<void> {
    this.#size += 1;
    const position = this.#source.position();
    const start = from ?? { position, snapshot: null, settledAt: position };
    const reader: Reader = {
      subscriber,
      position,
      start,
      hasLeft: false,
      behind: null,
      isLive: false,
      isStalled: false,
      // Who comes from another group may have been shown something there just now.
      dueMs: typeof from === 'object' && from ? performance.now() + this.#options.minIntervalMs : AT_ONCE,
    };
    subscriber.joined({ leave: () => this.#leave(reader) });
    // What is held back for the others happened before he came.
    if (from !== null || !this.#held.isEmpty)
      this.#fallBehind(reader, createHeldBack(this.#options.subjectOf));
    if (from === null) return this.#goLive(reader);
    const found = await findStart(this.#source, reader);
    if (!found) return;
    reader.position = found.position;
    this.#source
      .catchUp({
        start: found,
        take: async (events) => {
          for (const event of events) this.#holdFor(reader, event);
          this.#schedule();
        },
        goLive: () => this.#goLive(reader),
        isOver: () => reader.hasLeft,
      })
      .catch((error) => !reader.hasLeft && subscriber.end(error));
  }

  #leave(reader: Reader): Beginning {
    const position = this.#placeOf(reader);
    reader.hasLeft = true;
    this.#live.delete(reader);
    this.#behind.delete(reader);
    if (this.#live.size === 0) {
      this.#listening?.[Symbol.dispose]();
      this.#listening = null;
      this.#held.take();
    }
    this.#size -= 1;
    if (this.#size === 0) {
      clearTimeout(this.#timer);
      this.#options.onEmpty();
    }
    return typeof reader.start === 'string' ? reader.start : { ...reader.start, position };
  }

  /** Behind it lies all that he has yet to be shown. */
  #placeOf({ position, isLive, behind }: Reader): bigint {
    if (!isLive) return position;
    const next = [this.#showingSince, (behind ?? this.#held).since].filter((since) => since !== null);
    const before = next.length > 0 ? next.reduce((a, b) => (a < b ? a : b)) - 1n : this.#source.position();
    return before > position ? before : position;
  }

  #goLive(reader: Reader): void {
    if (reader.hasLeft) return;
    reader.isLive = true;
    this.#live.add(reader);
    this.#listening ??= this.#source.listen((event) => this.#hear(event));
  }

  #hear(event: StreamedEvent): void {
    for (const reader of this.#behind) if (reader.isLive) this.#holdFor(reader, event);
    this.#hold(this.#held, changeOf(event));
    this.#schedule();
  }

  #holdFor({ subscriber, behind, position }: Reader, event: StreamedEvent): void {
    // Elsewhere he may have been shown what this process hears of only now.
    if (event.position <= position) return;
    if (behind && this.#viewOf(subscriber, event)) this.#hold(behind, changeOf(event));
  }

  #hold(held: HeldBack, change: Change): void {
    if (held.add(change)) this.#options.counts.conflated += 1;
  }

  #fallBehind(reader: Reader, behind: HeldBack): void {
    reader.behind = behind;
    this.#behind.add(reader);
  }

  #schedule(): void {
    if (this.#isDelivering) return;
    const dueMs = this.#nextMs();
    if (dueMs === null) return;
    const inMs = dueMs - performance.now();
    if (inMs > 0) {
      this.#timer ??= setTimeout(() => void this.#deliver(), inMs);
      return;
    }
    clearTimeout(this.#timer);
    void this.#deliver();
  }

  /** When there is something to be shown; null for not before something happens. */
  #nextMs(): number | null {
    let isWaiting = !this.#held.isEmpty;
    for (const { behind, isStalled, dueMs } of this.#behind) {
      if (isStalled || !behind || behind.isEmpty) continue;
      if (dueMs === AT_ONCE) return AT_ONCE;
      isWaiting = true;
    }
    return isWaiting ? this.#dueMs : null;
  }

  async #deliver(): Promise<void> {
    this.#timer = undefined;
    this.#isDelivering = true;
    // What one look at the log brought is heard by then.
    await endOfTurn();
    const isRound = performance.now() >= this.#dueMs;
    const servings = this.#serve(isRound);
    const late = new Set<Reader>();
    const audiences = audiencesOf(servings, (subscriber, event) => this.#viewOf(subscriber, event));
    this.#showingSince = sinceOf(audiences.map(({ change }) => change));
    for (let at = 0; at < audiences.length; at += PIPELINE) {
      // Others have their turn between.
      if (at > 0) await endOfTurn();
      const some = audiences.slice(at, at + PIPELINE);
      const frames = await Promise.all(some.map(({ change, view }) => this.#frame(change, view)));
      for (const [place, audience] of some.entries()) {
        const frame = frames[place];
        if (frame) for (const reader of audience.readers) this.#show(reader, { ...audience, frame, late });
      }
    }
    const dueMs = performance.now() + this.#options.minIntervalMs;
    if (isRound) this.#dueMs = dueMs;
    for (const [reader, { changes, isInStep }] of servings) {
      if (changes.length > 0) reader.dueMs = dueMs;
      if (isInStep && !late.has(reader)) this.#catchStep(reader);
    }
    this.#showingSince = null;
    this.#isDelivering = false;
    this.#schedule();
  }

  /** Takes what is to be shown now, and to whom: in a round to all who are due, else to those who have seen nothing. */
  #serve(isRound: boolean): ReadonlyMap<Reader, Serving> {
    const servings = new Map<Reader, Serving>();
    const nowMs = performance.now();
    if (isRound) {
      const changes = this.#held.take();
      for (const reader of this.#live) if (!reader.behind) servings.set(reader, { changes, isInStep: true });
    }
    for (const reader of this.#behind) {
      const isDue = isRound ? reader.dueMs <= nowMs : reader.dueMs === AT_ONCE;
      if (!isDue || reader.isStalled || !reader.behind) continue;
      servings.set(reader, { changes: reader.behind.take(), isInStep: isRound && reader.isLive });
    }
    return servings;
  }

  #show(
    reader: Reader,
    { change, view, frame, late }: Audience & { readonly frame: Frame; readonly late: Set<Reader> },
  ): void {
    const { subscriber } = reader;
    const { event } = change;
    if (reader.hasLeft || event.position <= reader.position) return;
    const present = this.#viewOf(subscriber, event);
    if (!present) return;
    // His rights have changed since it was executed, or he does not take what he gets.
    if (late.has(reader) || present.key !== view.key || subscriber.sink.isSlow) {
      this.#postpone(reader, change, late);
      return;
    }
    reader.position = event.position;
    subscriber.show(frame);
    this.#options.counts.deliveries += 1;
  }

  /** Keeps for a reader what he cannot be shown now, and all that comes behind it. */
  #postpone(reader: Reader, change: Change, late: Set<Reader>): void {
    if (!late.has(reader)) {
      late.add(reader);
      if (!reader.behind) this.#fallBehind(reader, this.#held.copy());
      if (reader.subscriber.sink.isSlow) void this.#awaitRoom(reader);
    }
    if (reader.behind) this.#hold(reader.behind, change);
  }

  async #awaitRoom(reader: Reader): Promise<void> {
    reader.isStalled = true;
    await reader.subscriber.sink.drained();
    reader.isStalled = false;
    this.#schedule();
  }

  /** From here on he is shown what the others are: what he has yet to be shown, so have they. */
  #catchStep(reader: Reader): void {
    reader.behind = null;
    this.#behind.delete(reader);
  }

  #viewOf(subscriber: Subscriber, event: StreamedEvent): View | null {
    return subscriber.viewBy(this.#source.sightOf(subscriber.actor, event));
  }

  #frame({ event, skipped }: Change, view: View): Frame | Promise<Frame> {
    const { frames, makeFrame } = this.#options;
    const value: StreamedEvent = skipped === 0 ? event : { ...event, skipped };
    const make = () => makeFrame(view, { value, cursor: event.cursor });
    if (this.#size === 1) return make();
    return frames.get(`${this.#id} ${event.cursor} ${skipped} ${view.key}`, make);
  }
}
