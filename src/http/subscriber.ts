import type { ExecutionArgs, ExecutionResult } from 'graphql';
import type { Sight } from '../events/source.ts';
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

/**
 * One subscription of one caller, while it is open. Its transport holds it as an iterator that
 * yields nothing, for frames go to the sink, and is done when the subscription is over.
 */
export class Subscriber implements Subscription {
  readonly sink: Sink;
  readonly channels: readonly string[];
  /** What it is asked about anew with, in a context of its own. */
  readonly #operation: ExecutionArgs;
  readonly #fresh: StreamArguments['contextValue']['fresh'];
  #actor: Actor;
  #view: View;
  /** What his first frame says besides. */
  #extensions: object | null;
  #isOver = false;
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
      channels = [],
    }: { readonly sink: Sink; readonly extensions: object | null; readonly channels?: readonly string[] },
  ) {
    this.sink = sink;
    this.channels = channels;
    const { schema, document, operationName, variableValues, contextValue } = args;
    this.#operation = { schema, document, operationName, variableValues };
    this.#fresh = contextValue.fresh;
    this.#actor = contextValue.actor;
    this.#view = sharedView(this.#actor);
    this.#extensions = extensions;
  }

  /** Who it is, with the rights he has now. */
  get actor(): Actor {
    return this.#actor;
  }

  /** What he is shown of what does not concern him more than others of his rights. */
  get view(): View {
    return this.#view;
  }

  /** With whose eyes he is shown what he has this sight of; null when it is not for him. */
  viewBy(sight: Sight): View | null {
    if (sight === null) return null;
    return sight === 'OWN' ? ownView(this.#actor) : this.#view;
  }

  get isOver(): boolean {
    return this.#isOver;
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
    const calls = this.#onEnd;
    this.#onEnd = [];
    for (const call of calls) call(this.#failure);
  }

  /** Ends it at a time, a day or so from now at the most. */
  endAt(time: Date): void {
    const timer = setTimeout(() => this.end(), Math.max(time.getTime() - Date.now(), 0)).unref();
    this.whenOver(() => clearTimeout(timer));
  }

  async recheck(): Promise<void> {
    if (this.#isOver) return;
    this.#asked += 1;
    const place = this.#asked;
    try {
      const contextValue = await this.#fresh();
      const source = await openSource({ ...this.#operation, contextValue });
      if ('errors' in source) throw firstOf(source);
      // What was asked later knows more, also where it was answered first.
      if (place < this.#answered) return;
      this.#answered = place;
      this.#actor = contextValue.actor;
      this.#view = sharedView(contextValue.actor);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.end(error);
    }
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
