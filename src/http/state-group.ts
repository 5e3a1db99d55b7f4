import type { Beginning, StateFrame, StateItem, StateSource } from '../events/source.ts';
import type { View } from '../graphql/view.ts';
import type { Frame } from './frame.ts';
import type { Group, GroupOptions } from './group.ts';
import { type Change, type Changes, hold, isNewer } from './state-changes.ts';
import { eachOnce, type FrameOf } from './state-frames.ts';
import { createPresent, type Present } from './state-present.ts';
import { createReader, firstDueMs, type StateReader } from './state-readers.ts';
import type { Subscriber } from './subscriber.ts';
import { endOfTurn } from './turn.ts';

export interface StateGroupOptions extends GroupOptions {
  /** What a view reads the present state by. */
  readonly readerOf: (view: View) => unknown;
}

/** Until the present is read again, when that failed. */
const RETRY_MS = 500;

/**
 * The readers of a state. Each is shown the present first and then each change, executed once for
 * all of one view; of what comes too fast, for a reader or for `minIntervalMs`, the newest of each subject.
 */
export class StateGroup implements Group {
  readonly #source: StateSource;
  readonly #options: StateGroupOptions;
  readonly #readers = new Set<StateReader>();
  readonly #present: Present;
  /** Of a present that several are shown, by view. */
  readonly #frames = new WeakMap<StateItem, Map<string, Frame | Promise<Frame>>>();
  readonly #newest = new Map<string, bigint>();
  #waiting: Changes = new Map();
  #heard = 0;
  #isDelivering = false;
  #deliveredMs = Number.NEGATIVE_INFINITY;
  /** Who are behind, and to be shown that with what all others are shown next. */
  readonly #paced = new Set<StateReader>();
  #timer: { readonly atMs: number; readonly timeout: NodeJS.Timeout } | null = null;
  #retry: NodeJS.Timeout | undefined;
  #listening: Disposable | null = null;

  constructor(source: StateSource, options: StateGroupOptions) {
    this.#source = source;
    this.#options = options;
    this.#present = createPresent((view) => source.read(options.readerOf(view)));
  }

  /** @throws CursorError */
  async join(subscriber: Subscriber, from: Beginning): Promise<void> {
    const after = typeof from === 'string' ? from : null;
    const reader = createReader(subscriber, { after, heard: this.#heard });
    this.#readers.add(reader);
    this.#listening ??= this.#source.listen(
      (item) => this.#hear(item),
      () => this.#readAgain(),
    );
    subscriber.joined({ leave: () => this.#leave(reader) });
    // What happens from here on is heard already.
    const isUpToDate = await this.#isUpToDate(reader);
    reader.after = null;
    if (this.#hasLeft(reader)) return;
    this.#begin(reader, isUpToDate).catch((error) => this.#fail(reader, error));
  }

  /** Whether nothing lies behind his cursor. @throws CursorError */
  async #isUpToDate(reader: StateReader): Promise<boolean> {
    const { resumption } = this.#source;
    if (reader.after === null || !resumption) return false;
    try {
      return !(await resumption.hasChangedSince(reader.after));
    } catch (error) {
      // What becomes of it here is nothing to who goes on elsewhere.
      if (this.#hasLeft(reader)) return false;
      throw error;
    }
  }

  /** Whoever goes on elsewhere is shown the present there, for more of it may be for him. */
  #leave(reader: StateReader): Beginning {
    this.#readers.delete(reader);
    this.#paced.delete(reader);
    if (this.#readers.size === 0) {
      clearTimeout(this.#timer?.timeout);
      clearTimeout(this.#retry);
      this.#listening?.[Symbol.dispose]();
      this.#options.onEmpty();
    }
    return reader.after;
  }

  #hasLeft(reader: StateReader): boolean {
    return !this.#readers.has(reader);
  }

  #fail(reader: StateReader, error: unknown): void {
    if (!this.#hasLeft(reader)) reader.subscriber.end(error);
  }

  async #begin(reader: StateReader, isUpToDate: boolean): Promise<void> {
    const { subscriber } = reader;
    const view = isUpToDate ? null : this.#viewOf(subscriber, null);
    const present = view ? await this.#present.read(view) : [];
    reader.present = this.#present.versionsOf(present);
    for (const item of present) {
      const itsView = this.#viewOf(subscriber, item);
      const frame = itsView && (await this.#frameOfPresent(itsView, item));
      if (this.#hasLeft(reader)) return;
      if (frame) this.#show(reader, frame);
      if (subscriber.sink.isSlow) await subscriber.sink.drained();
    }
    if (present.length > 0) reader.dueMs = performance.now() + this.#source.minIntervalMs;
    await this.#catchUp(reader);
  }

  #frameOfPresent(view: View, item: StateItem): Frame | Promise<Frame> {
    const frames = this.#frames.get(item) ?? new Map<string, Frame | Promise<Frame>>();
    this.#frames.set(item, frames);
    const frame = frames.get(view.key) ?? this.#frame(view, { item, skipped: 0 });
    frames.set(view.key, frame);
    return frame;
  }

  /** Changes have not been heard: what the present has that is newer than those that were is heard now. */
  #readAgain(): void {
    clearTimeout(this.#retry);
    const [reader] = [...this.#readers].flatMap(({ subscriber }) => this.#viewOf(subscriber, null) ?? []);
    if (!reader) return;
    this.#source.read(this.#options.readerOf(reader)).then(
      (items) => {
        if (this.#readers.size > 0) for (const item of items) this.#hear(item);
      },
      // Signals go when the database goes, too; that it is away is told elsewhere.
      () => {
        if (this.#readers.size > 0) this.#retry = setTimeout(() => this.#readAgain(), RETRY_MS);
      },
    );
  }

  #hear(item: StateItem): void {
    const newest = this.#newest.get(item.subject);
    if (newest !== undefined && !isNewer(item.version, newest)) return;
    if (item.version !== null) this.#newest.set(item.subject, item.version);
    this.#heard += 1;
    const change: Change = { item, skipped: 0, heard: this.#heard };
    for (const { behind } of this.#readers) if (behind) this.#hold(behind, change);
    this.#hold(this.#waiting, change);
    this.#schedule();
  }

  #hold(changes: Changes, change: Change): void {
    if (hold(changes, change)) this.#options.counts.conflated += 1;
  }

  #schedule(): void {
    if (this.#isDelivering || this.#readers.size === 0) return;
    const atMs = this.#nextMs();
    if (atMs === null || (this.#timer && this.#timer.atMs <= atMs)) return;
    clearTimeout(this.#timer?.timeout);
    const inMs = atMs - performance.now();
    if (inMs <= 0) return void this.#deliver();
    this.#timer = { atMs, timeout: setTimeout(() => void this.#deliver(), Math.ceil(inMs)) };
  }

  /** When there is something to be shown; null for not before something happens. */
  #nextMs(): number | null {
    const earliestMs = this.#deliveredMs + this.#source.minIntervalMs;
    if (this.#waiting.size > 0) return earliestMs;
    return this.#paced.size > 0 ? Math.max(earliestMs, firstDueMs(this.#paced)) : null;
  }

  async #deliver(): Promise<void> {
    this.#timer = null;
    this.#isDelivering = true;
    await endOfTurn();
    const servings = this.#takeDue();
    let isShown = servings.some(({ own }) => own.length > 0);
    const changes = [...this.#waiting.values()];
    this.#waiting = new Map();
    const frameOf = eachOnce((view, change) => this.#frame(view, change));
    await Promise.all(servings.map(({ reader, own }) => this.#showOwn(reader, { own, frameOf })));
    const frames = await Promise.all(changes.map((change) => this.#framesOf(change, frameOf)));
    const upTo = Math.max(...changes.map(({ heard }) => heard));
    for (const reader of this.#readers) {
      if (reader.behind) continue;
      const missed: Change[] = [];
      for (const [at, change] of changes.entries()) {
        const view = change.heard > reader.heard ? this.#viewOfNews(reader, change.item) : null;
        if (!view) continue;
        const frame = frames[at]?.get(view.key);
        if (frame) {
          this.#show(reader, frame);
          isShown = true;
        }
        // His rights have changed since it was executed.
        else missed.push(change);
      }
      reader.heard = Math.max(reader.heard, upTo);
      if (missed.length > 0 || reader.subscriber.sink.isSlow) this.#fallBehind(reader, missed);
    }
    // Who is not due yet need not wait for the next round because of one that showed nobody anything.
    if (isShown) this.#deliveredMs = performance.now();
    this.#isDelivering = false;
    this.#schedule();
  }

  /** Those who are due are in step with the others from here on; what they have yet to be shown for that. */
  #takeDue(): readonly { readonly reader: StateReader; readonly own: readonly Change[] }[] {
    const nowMs = performance.now();
    const due = [...this.#paced].filter(({ dueMs }) => dueMs <= nowMs);
    return due.map((reader) => {
      const own = [...(reader.behind?.values() ?? [])];
      this.#paced.delete(reader);
      reader.behind = null;
      reader.heard = this.#heard;
      return { reader, own };
    });
  }

  async #showOwn(
    reader: StateReader,
    { own, frameOf }: { readonly own: readonly Change[]; readonly frameOf: FrameOf },
  ): Promise<void> {
    for (const [at, change] of own.entries()) {
      if (reader.subscriber.sink.isSlow) return this.#fallBehind(reader, own.slice(at));
      const view = this.#viewOfNews(reader, change.item);
      if (view) this.#show(reader, await frameOf(view, change));
      if (this.#hasLeft(reader)) return;
    }
  }

  /** One for each view that somebody has of it. */
  async #framesOf(change: Change, frameOf: FrameOf): Promise<ReadonlyMap<string, Frame>> {
    const views = new Map<string, View>();
    for (const { subscriber } of this.#readers) {
      const view = this.#viewOf(subscriber, change.item);
      if (view) views.set(view.key, view);
    }
    return new Map(
      await Promise.all([...views].map(async ([key, view]) => [key, await frameOf(view, change)] as const)),
    );
  }

  /** What has not been delivered yet, he has yet to be shown. */
  #fallBehind(reader: StateReader, missed: readonly Change[]): void {
    const behind: Changes = new Map();
    for (const change of [...missed, ...this.#waiting.values()]) this.#hold(behind, change);
    reader.behind = behind;
    this.#catchUp(reader).catch((error) => this.#fail(reader, error));
  }

  async #catchUp(reader: StateReader): Promise<void> {
    const { subscriber } = reader;
    for (;;) {
      if (subscriber.sink.isSlow) await subscriber.sink.drained();
      if (this.#source.minIntervalMs > 0) return this.#pace(reader);
      // All of it in its order before what comes meanwhile: nothing waits for ever, and nothing is passed over.
      const changes = [...(reader.behind ?? new Map()).values()];
      if (this.#hasLeft(reader)) return;
      if (changes.length === 0) break;
      reader.behind = new Map();
      for (const change of changes) {
        if (subscriber.sink.isSlow) await subscriber.sink.drained();
        if (this.#hasLeft(reader)) return;
        const view = this.#viewOfNews(reader, change.item);
        if (view) this.#show(reader, await this.#frame(view, change));
      }
    }
    reader.behind = null;
    reader.heard = this.#heard;
  }

  /** Has him shown what he has yet to be shown when the others are, and not before he is due. */
  #pace(reader: StateReader): void {
    if (this.#hasLeft(reader)) return;
    this.#paced.add(reader);
    this.#schedule();
  }

  /** Null where it is not for him, and where the present said it that he was shown: that is read ahead of what is heard. */
  #viewOfNews({ subscriber, present }: StateReader, item: StateItem): View | null {
    return isNewer(item.version, present.get(item.subject)) ? this.#viewOf(subscriber, item) : null;
  }

  #viewOf(subscriber: Subscriber, item: StateItem | null): View | null {
    return subscriber.viewBy(this.#source.sightOf(subscriber.actor, item));
  }

  #frame(view: View, { item, skipped }: Pick<Change, 'item' | 'skipped'>): Frame | Promise<Frame> {
    const value: StateFrame = { value: item.value, skipped };
    return this.#options.makeFrame(view, { value, cursor: item.cursor ?? null });
  }

  #show(reader: StateReader, frame: Frame): void {
    if (this.#hasLeft(reader)) return;
    reader.subscriber.show(frame);
    this.#options.counts.deliveries += 1;
  }
}
