import type { LayoutAt } from './display.ts';
import type { LayoutRevision } from './layout.ts';

/** Published layouts as the screens of this process need them. They never change, so each is read once. */
export interface RevisionShelf {
  /** Null: there is no such one. */
  get(venueId: string, at: LayoutAt): Promise<LayoutRevision | null>;
}

/** One of 64 regions has some 20 kB; the one that was asked for longest ago goes. */
const KEPT = 256;

export function createRevisionShelf(
  read: (venueId: string, at: LayoutAt) => Promise<LayoutRevision | null>,
): RevisionShelf {
  const kept = new Map<string, Promise<LayoutRevision | null>>();

  function forget(key: string, reading: Promise<unknown>): void {
    if (kept.get(key) === reading) kept.delete(key);
  }

  return {
    get(venueId, at) {
      const key = `${venueId} ${at.layoutId} ${at.revision}`;
      const reading = kept.get(key) ?? read(venueId, at);
      kept.delete(key);
      kept.set(key, reading);
      // What is not there may come yet, and what could not be read may be read later.
      reading.then(
        (found) => found ?? forget(key, reading),
        () => forget(key, reading),
      );
      const [oldest] = kept.keys();
      if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
      return reading;
    },
  };
}
