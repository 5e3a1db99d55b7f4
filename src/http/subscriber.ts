import type { ExecutionArgs, ExecutionResult } from 'graphql';
import type { LoggedEvent } from '../events/events.ts';
import type { Beginning, Sight, Source } from '../events/source.ts';
import {
  type Failure,
  isRefusal,
  openSource,
  type StreamArguments,
  type Subscription,
} from '../graphql/stream.ts';
import { ownView, sharedView, type View } from '../graphql/view.ts';
import type { Actor } from '../lib/actor.ts';
import type { Frame } from './frame.ts';
import type { Sink } from './sink.ts';

/** His place among those who are fed from the same. */
export interface Place {
  /** Gives it up. Answers where he would go on. */
  leave(): Beginning;
  /** Whether this event has yet to be shown him, if all are that he may see. */
  awaits?(event: LoggedEvent): boolean;
}

/** Adds him to those who are fed from this source. What becomes of that he is told himself. */
export type Regroup = (subscriber: Subscriber, source: Source, from: Beginning) => void;

/**
 * One subscription of one caller, while it is open. Its transport holds it as an iterator that
 * yields nothing, for frames go to the sink, and is done when the subscription is over.
 */
export class Subscriber implements Subscription {
  readonly sink: Sink;
  readonly channels: readonly string[];
  /** What it is asked about anew with, in a context of its own. */
  readonly operation: ExecutionArgs;
  readonly #fresh: StreamArguments['contextValue']['fresh'];
  #actor: Actor;
  /** What he is shown of what does not concern him more than others of his rights. */
  #view: View;
  /** What his first frame says besides. */
  #extensions: object | null;
  #isOver = false;
  readonly #regroup: Regroup;
  /** Of what is planned for him by the rights he has now. */
  #key: string;
  /** That itself, until he is in a group of it. */
  #source: Source | null;
  #place: Place | null = null;
  #ending: NodeJS.Timeout | undefined;
  /** How often he was asked about anew, and which answer of these holds. */
  #asked = 0;
  #answered = 0;
  #failure: Failure | null = null;
  #onEnd: readonly ((failure: Failure | null) => void)[] = [];

  constructor(
    args: StreamArguments,
    {
      sink,
      extensions,
      source,
      regroup,
    }: {
      readonly sink: Sink;
      readonly extensions: object | null;
      readonly source: Source;
      readonly regroup: Regroup;
    },
  ) {
    this.sink = sink;
    this.channels = source.kind === 'events' ? source.channels : [];
    this.#source = source;
    this.#key = source.key;
    this.#regroup = regroup;
    const { schema, document, operationName, variableValues, contextValue } = args;
    this.operation = { schema, document, operationName, variableValues };
    this.#fresh = contextValue.fresh;
    this.#actor = contextValue.actor;
    this.#view = sharedView(this.#actor);
    this.#extensions = extensions;
    this.#endWith(source);
  }

  /** Who it is, with the rights he has now. */
  get actor(): Actor {
    return this.#actor;
  }

  /** What he is to be fed from; null once he is. */
  get source(): Source | null {
    return this.#source;
  }

  /** With whose eyes he is shown what he has this sight of; null when it is not for him. */
  viewBy(sight: Sight): View | null {
    if (sight === null) return null;
    return sight === 'OWN' ? ownView(this.#actor) : this.#view;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** He is in a group, and leaves it so: when he is over, and when his rights are those of another. */
  joined(place: Place): void {
    this.#source = null;
    if (this.#isOver) place.leave();
    else this.#place = place;
  }

  /** Whether this event has yet to be shown him: not before it is known where he begins. */
  awaits(event: LoggedEvent): boolean {
    return this.#place?.awaits?.(event) ?? false;
  }

  whenOver(call: (failure: Failure | null) => void): void {
    if (this.#isOver) call(this.#failure);
    else this.#onEnd = [...this.#onEnd, call];
  }

  /** Writes a frame to him. */
  show(frame: Frame): void {
    this.sink.next(this.#extensions ? frame.with(this.#extensions) : frame);
    this.#extensions = null;
  }

  /** Ends it; with an error as its last word. */
  end(error?: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (error !== undefined) this.#failure = { error };
    clearTimeout(this.#ending);
    this.#place?.leave();
    this.#place = null;
    const calls = this.#onEnd;
    this.#onEnd = [];
    for (const call of calls) call(this.#failure);
  }

  /** Ends it when its source does, a day or so from now at the most. */
  #endWith(source: Source): void {
    clearTimeout(this.#ending);
    if (source.kind !== 'events' || !source.endsAt) return;
    const inMs = Math.max(source.endsAt.getTime() - Date.now(), 0);
    this.#ending = setTimeout(() => this.end(), inMs).unref();
  }

  async recheck(): Promise<void> {
    if (this.#isOver) return;
    this.#asked += 1;
    const place = this.#asked;
    try {
      const contextValue = await this.#fresh();
      const source = await openSource({ ...this.operation, contextValue });
      if (!('listen' in source)) throw firstOf(source);
      // What was asked later knows more, also where it was answered first.
      if (place < this.#answered || this.#isOver) return;
      this.#answered = place;
      this.#actor = contextValue.actor;
      this.#view = sharedView(contextValue.actor);
      this.#goOnWith(source);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (place >= this.#answered) this.end(error);
    }
  }

  /**
   * Is fed from this from now on. Where it is another source he goes on at the very place where he is, before anything
   * else happens: what is shown him from there on is what his rights are now.
   */
  #goOnWith(source: Source): void {
    this.#endWith(source);
    if (source.key === this.#key) return;
    this.#key = source.key;
    const place = this.#place;
    this.#place = null;
    if (place) this.#regroup(this, source, place.leave());
    else this.#source = source;
  }

  async next(): Promise<IteratorResult<never, void>> {
    const failure = await new Promise<Failure | null>((resolve) => this.whenOver(resolve));
    // It is told once; then it is over like any other.
    this.#failure = null;
    if (failure) throw failure.error;
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<never, void>> {
    this.end();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<never, void>> {
    this.end();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end();
  }
}

function firstOf({ errors }: ExecutionResult): unknown {
  const [error] = errors ?? [];
  return error?.originalError ?? error;
}
