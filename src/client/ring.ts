/** The newest of what was put in, at most `limit`. */
export interface Ring<Item> {
  readonly items: readonly Item[];
  /** Whether everything ever put in is still there. */
  readonly isComplete: boolean;
  put(item: Item): void;
}

export function createRing<Item>(limit: number): Ring<Item> {
  const items: Item[] = [];
  let isComplete = true;
  return {
    items,
    get isComplete() {
      return isComplete;
    },
    put(item) {
      items.push(item);
      if (items.length <= limit) return;
      items.shift();
      isComplete = false;
    },
  };
}
