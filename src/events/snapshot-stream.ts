/**
 * A state stream: the present first, then what is live. `live` has been listening since before
 * the present is read, so nothing falls between; `toFrame` answers null for what the present
 * already showed. Ending it ends `live` at once, also while it waits.
 *
 * Not a generator: one that waits for its next item cannot be ended from outside.
 */
export function snapshotThenLive<Frame, Item>({
  snapshot,
  live,
  toFrame,
}: {
  readonly snapshot: () => Promise<readonly Frame[]>;
  readonly live: AsyncIterableIterator<Item>;
  readonly toFrame: (item: Item) => Frame | null;
}): AsyncIterableIterator<Frame> {
  let present: Frame[] | null = null;

  async function next(): Promise<IteratorResult<Frame>> {
    present ??= [...(await snapshot())];
    const frame = present.shift();
    if (frame !== undefined) return { done: false, value: frame };
    for (;;) {
      const item = await live.next();
      if (item.done) return { done: true, value: undefined };
      const value = toFrame(item.value);
      if (value !== null) return { done: false, value };
    }
  }

  return {
    async next() {
      try {
        return await next();
      } catch (error) {
        await live.return?.();
        throw error;
      }
    },
    async return() {
      await live.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
