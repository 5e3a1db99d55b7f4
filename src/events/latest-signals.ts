import type { Signal } from './events.ts';

/** Signals that wait: of each subject the newest, in the order in which they were given. */
export interface LatestSignals {
  readonly size: number;
  add(signal: Signal): void;
  /** Takes out up to `limit`, the first given first. */
  take(limit: number): Signal[];
}

export function createLatestSignals(): LatestSignals {
  const latest = new Map<string, Signal>();
  return {
    get size() {
      return latest.size;
    },
    add(signal) {
      const key = `${signal.venueId} ${signal.type} ${signal.subject}`;
      // To the end, so that nothing newer comes before what it follows.
      latest.delete(key);
      latest.set(key, signal);
    },
    take(limit) {
      const taken: Signal[] = [];
      for (const [key, signal] of latest) {
        if (taken.length === limit) break;
        latest.delete(key);
        taken.push(signal);
      }
      return taken;
    },
  };
}
