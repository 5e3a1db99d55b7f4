import type { BoundValue } from './bound-value.ts';
import type { BoundReading } from './bound-value-store.ts';

/** What is bound to regions, as it was read. */
export interface ShownValue {
  /** Null: there is none, or none any more. */
  readonly value: BoundValue | null;
  readonly readAt: Date;
}

/** One value for all who watch it: read when it may be another, and once for all who want it at a time. */
export interface WatchedValue {
  readonly watchers: number;
  /** Hears it whenever it is another than before. Answers how to stop. */
  add(hear: (shown: ShownValue) => void): () => void;
  /** As it stands: what was read last, unless something has happened to it since. */
  get(): Promise<ShownValue>;
  /** It may be another than it was. */
  refresh(): void;
}

export interface WatchedValueOptions {
  readonly read: () => Promise<BoundReading>;
  readonly onError: (error: unknown) => void;
}

/** Until it is read again when that failed. */
const RETRY_MS = 500;
/** Whoever is woken too early reads for nothing. */
const MAX_WAIT_MS = 3_600_000;

export function createWatchedValue({ read, onError }: WatchedValueOptions): WatchedValue {
  const listeners = new Set<(shown: ShownValue) => void>();
  /** What was read last; null when it may be another by now. */
  let shown: ShownValue | null = null;
  /** The same as a text that is equal for what looks the same. */
  let text: string | null = null;
  let reading: Promise<ShownValue> | null = null;
  /** Whether something has happened to it since the reading under way began. */
  let isStale = false;
  let timer: NodeJS.Timeout | undefined;

  function refresh(): void {
    if (listeners.size === 0) return;
    shown = null;
    if (reading) isStale = true;
    else
      settle().catch((error) => {
        onError(error);
        refreshIn(RETRY_MS);
      });
  }

  function refreshIn(waitMs: number): void {
    clearTimeout(timer);
    timer = setTimeout(refresh, Math.min(waitMs, MAX_WAIT_MS));
    timer.unref();
  }

  function settle(): Promise<ShownValue> {
    reading ??= readNow().finally(() => {
      reading = null;
      if (isStale) refresh();
    });
    return reading;
  }

  async function readNow(): Promise<ShownValue> {
    clearTimeout(timer);
    isStale = false;
    const { value, until } = await read();
    const result = { value, readAt: new Date() };
    const before = text;
    text = textOf(value);
    if (!isStale) shown = result;
    if (listeners.size > 0 && until) refreshIn(until.getTime() - Date.now());
    // Of the first reading whoever asked for it is told.
    if (before !== null && text !== before) for (const hear of listeners) hear(result);
    return result;
  }

  return {
    get watchers() {
      return listeners.size;
    },
    add(hear) {
      // Each has a place of its own, also where two are the same function.
      const listener = (heard: ShownValue) => hear(heard);
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) clearTimeout(timer);
      };
    },
    get: async () => shown ?? (await settle()),
    refresh,
  };
}

const textOf = (value: BoundValue | null): string =>
  JSON.stringify(value, (_key, inner) => (typeof inner === 'bigint' ? String(inner) : inner));
