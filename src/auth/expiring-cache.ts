/**
 * Remembers up to `maxEntries` values, each until its own time; when full, the one unused for
 * longest goes. Times are in milliseconds of whichever clock the owner uses throughout.
 */
export interface ExpiringCache<Value> {
  get(key: string, nowMs: number): Value | undefined;
  set(key: string, value: Value, expiresAtMs: number): void;
  delete(key: string): void;
  clear(): void;
  size(): number;
}

export function createExpiringCache<Value>(maxEntries: number): ExpiringCache<Value> {
  // A Map iterates in insertion order, and `get` inserts again: the first is the least used.
  const entries = new Map<string, { readonly value: Value; readonly expiresAtMs: number }>();
  return {
    get(key, nowMs) {
      const entry = entries.get(key);
      if (!entry) return undefined;
      entries.delete(key);
      if (entry.expiresAtMs <= nowMs) return undefined;
      entries.set(key, entry);
      return entry.value;
    },
    set(key, value, expiresAtMs) {
      entries.delete(key);
      entries.set(key, { value, expiresAtMs });
      if (entries.size <= maxEntries) return;
      for (const oldest of entries.keys()) {
        entries.delete(oldest);
        break;
      }
    },
    delete: (key) => void entries.delete(key),
    clear: () => entries.clear(),
    size: () => entries.size,
  };
}
