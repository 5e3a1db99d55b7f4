import type { Beginning, StateFrame, StateItem, StateSource } from '../events/source.ts';
import type { View } from '../graphql/view.ts';
import type { Frame } from './frame.ts';
import type { Group, GroupOptions } from './group.ts';
import type { Subscriber } from './subscriber.ts';
import { endOfTurn } from './turn.ts';

export interface StateGroupOptions extends GroupOptions {
  /** What a view reads the present state by. */
  readonly readerOf: (view: View) => unknown;
}

/** Until the present is read again, when that failed. */
const RETRY_MS = 500;

/** The newest of a subject, and how many before it nobody was shown. */
interface Change {
  readonly item: StateItem;
  readonly skipped: number;
  /** Its place among all that this group heard. */
  readonly heard: number;
}

type Changes = Map<string, Change>;

interface Reader {
  readonly subscriber: Subscriber;
  /** His cursor, until it is known whether anything lies behind it. */
  after: string | null;
  /** What he has yet to be shown: while he gets the present, or is too slow. Null: he keeps up. */
  behind: Changes | null;
  /** He was shown everything heard up to here. */
  heard: number;
}

/**
 * The readers of a state. Each is shown the present first and then each change, executed once for
 * all of one view; of what comes too fast, for a reader or for `minIntervalMs`, the newest of each subject.
 */
export class StateGroup implements Group {
  readonly #source: StateSource;
  readonly #options: StateGroupOptions;
  readonly #readers = new Set<Reader>();
  /** Being read, or about to be, by view. */
  readonly #present = new Map<string, Promise<readonly StateItem[]>>();
  /** Of a present that several are shown, by view. */
  readonly #frames = new WeakMap<StateItem, Map<string, Frame | Promise<Frame>>>();
  readonly #newest = new Map<string, bigint>();
  #waiting: Changes = new Map();
  #heard = 0;
  #isDelivering = false;
  #deliveredMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #listening: Disposable | null = null;

  constructor(source: StateSource, options: StateGroupOptions) {
    this.#source = source;
    this.#options = options;
  }

  /** @throws CursorError */
  async join(subscriber: Subscriber, from: Beginning): Promise<void> {
    const after = typeof from === 'string' ? from : null;
    const reader: Reader = { subscriber, after, behind: new Map(), heard: this.#heard };
    this.#readers.add(reader);
    this.#listening ??= this.#source.listen(
      (item) => this.#hear(item),
      () => this.#readAgain(),
    );
    subscriber.joined(() => this.#leave(reader));
    // What happens from here on is heard already.
    const isUpToDate = await this.#isUpToDate(reader);
    reader.after = null;
    if (this.#hasLeft(reader)) return;
    this.#begin(reader, isUpToDate).catch((error) => this.#fail(reader, error));
  }

  /** Whether nothing lies behind his cursor. @throws CursorError */
  async #isUpToDate(reader: Reader): Promise<boolean> {
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
  #leave(reader: Reader): Beginning {
    this.#readers.delete(reader);
    if (this.#readers.size === 0) {
      clearTimeout(this.#timer);
      clearTimeout(this.#retry);
      this.#listening?.[Symbol.dispose]();
      this.#options.onEmpty();
    }
    return reader.after;
  }

  #hasLeft(reader: Reader): boolean {
    return !this.#readers.has(reader);
  }

  #fail(reader: Reader, error: unknown): void {
    if (!this.#hasLeft(reader)) reader.subscriber.end(error);
  }

  async #begin(reader: Reader, isUpToDate: boolean): Promise<void> {
    const { subscriber } = reader;
    const view = isUpToDate ? null : this.#viewOf(subscriber, null);
    const present = view ? await this.#readPresent(view) : [];
    const shown = new Map<string, bigint | null>();
    for (const item of present) {
      const itsView = this.#viewOf(subscriber, item);
      const frame = itsView && (await this.#frameOfPresent(itsView, item));
      if (this.#hasLeft(reader)) return;
      if (frame) this.#show(reader, frame);
      shown.set(item.subject, item.version);
      if (subscriber.sink.isSlow) await subscriber.sink.drained();
    }
    for (const [subject, { item }] of reader.behind ?? [])
      if (!isNewer(item.version, shown.get(subject))) reader.behind?.delete(subject);
    await this.#catchUp(reader);
  }

  /** Those who come in one turn are shown one reading of it. */
  #readPresent(view: View): Promise<readonly StateItem[]> {
    const known = this.#present.get(view.key);
    if (known) return known;
    const reading = this.#readNow(view);
    this.#present.set(view.key, reading);
    return reading;
  }

  async #readNow(view: View): Promise<readonly StateItem[]> {
    await endOfTurn();
    // Whoever comes from now on may have missed what this reading misses.
    this.#present.delete(view.key);
    return await this.#source.read(this.#options.readerOf(view));
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

  /** The newer of two of one subject stands for both. */
  #hold(changes: Changes, change: Change): void {
    const { subject } = change.item;
    const before = changes.get(subject);
    if (before) this.#options.counts.conflated += 1;
    // In the order of the log: a frame's cursor leaves nothing behind that is still to be shown.
    changes.delete(subject);
    changes.set(subject, before ? inPlaceOfBoth(before, change) : change);
  }

  #schedule(): void {
    if (this.#isDelivering || this.#timer) return;
    const inMs = this.#deliveredMs + this.#source.minIntervalMs - performance.now();
    if (inMs <= 0) return void this.#deliver();
    this.#timer = setTimeout(() => void this.#deliver(), inMs);
  }

  async #deliver(): Promise<void> {
    this.#timer = undefined;
    this.#isDelivering = true;
    await endOfTurn();
    const changes = [...this.#waiting.values()];
    this.#waiting = new Map();
    this.#deliveredMs = performance.now();
    const frames = await Promise.all(changes.map((change) => this.#framesOf(change)));
    const upTo = Math.max(...changes.map(({ heard }) => heard));
    for (const reader of this.#readers) {
      if (reader.behind) continue;
      const missed: Change[] = [];
      for (const [at, change] of changes.entries()) {
        const view = change.heard > reader.heard ? this.#viewOf(reader.subscriber, change.item) : null;
        if (!view) continue;
        const frame = frames[at]?.get(view.key);
        if (frame) this.#show(reader, frame);
        // His rights have changed since it was executed.
        else missed.push(change);
      }
      reader.heard = Math.max(reader.heard, upTo);
      if (missed.length > 0 || reader.subscriber.sink.isSlow) this.#fallBehind(reader, missed);
    }
    this.#isDelivering = false;
    if (this.#waiting.size > 0) this.#schedule();
  }

  /** One for each view that somebody has of it. */
  async #framesOf(change: Change): Promise<ReadonlyMap<string, Frame>> {
    const views = new Map<string, View>();
    for (const { subscriber } of this.#readers) {
      const view = this.#viewOf(subscriber, change.item);
      if (view) views.set(view.key, view);
    }
    return new Map(
      await Promise.all(
        [...views].map(async ([key, view]) => [key, await this.#frame(view, change)] as const),
      ),
    );
  }

  /** What has not been delivered yet, he has yet to be shown. */
  #fallBehind(reader: Reader, missed: readonly Change[]): void {
    const behind: Changes = new Map();
    for (const change of [...missed, ...this.#waiting.values()]) this.#hold(behind, change);
    reader.behind = behind;
    this.#catchUp(reader).catch((error) => this.#fail(reader, error));
  }

  async #catchUp(reader: Reader): Promise<void> {
    const { subscriber } = reader;
    for (;;) {
      if (subscriber.sink.isSlow) await subscriber.sink.drained();
      // All of it in its order before what comes meanwhile: nothing waits for ever, and nothing is passed over.
      const changes = [...(reader.behind ?? new Map()).values()];
      if (this.#hasLeft(reader)) return;
      if (changes.length === 0) break;
      reader.behind = new Map();
      for (const change of changes) {
        if (subscriber.sink.isSlow) await subscriber.sink.drained();
        if (this.#hasLeft(reader)) return;
        const view = this.#viewOf(subscriber, change.item);
        if (view) this.#show(reader, await this.#frame(view, change));
      }
    }
    reader.behind = null;
    reader.heard = this.#heard;
  }

  #viewOf(subscriber: Subscriber, item: StateItem | null): View | null {
    return subscriber.viewBy(this.#source.sightOf(subscriber.actor, item));
  }

  #frame(view: View, { item, skipped }: Pick<Change, 'item' | 'skipped'>): Frame | Promise<Frame> {
    const value: StateFrame = { value: item.value, skipped };
    return this.#options.makeFrame(view, { value, cursor: item.cursor ?? null });
  }

  #show(reader: Reader, frame: Frame): void {
    if (this.#hasLeft(reader)) return;
    reader.subscriber.show(frame);
    this.#options.counts.deliveries += 1;
  }
}

function inPlaceOfBoth(before: Change, { item, heard, skipped }: Change): Change {
  const joined = item.joinedTo ? { ...item, value: item.joinedTo(before.item.value) } : item;
  return { item: joined, heard, skipped: before.skipped + skipped + 1 };
}

const isNewer = (version: bigint | null, than: bigint | null | undefined): boolean =>
  version === null || than === null || than === undefined || version > than;
