/** The most recently used of what is kept by a text, bounded by what it weighs. */
export interface RecentlyUsed<Value> {
  /** Null when it is not there, or not any more. */
  get(key: string): Value | null;
  set(key: string, value: Value, weight: number): void;
}

export function createRecentlyUsed<Value>(maxWeight: number): RecentlyUsed<Value> {
  /** In the order of their last use. */
  const entries = new Map<string, { readonly value: Value; readonly weight: number }>();
  let total = 0;

  function take(key: string) {
    const entry = entries.get(key);
    if (!entry) return null;
    entries.delete(key);
    total -= entry.weight;
    return entry;
  }
  function put(key: string, entry: { readonly value: Value; readonly weight: number }) {
    entries.set(key, entry);
    total += entry.weight;
  }
  return {
    get(key) {
      const entry = take(key);
      if (!entry) return null;
      put(key, entry);
      return entry.value;
    },
    set(key, value, weight) {
      take(key);
      put(key, { value, weight });
      for (const oldest of entries.keys()) {
        if (total <= maxWeight) break;
        take(oldest);
      }
    },
  };
}
