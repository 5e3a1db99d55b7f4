import type { StateItem } from '../events/source.ts';
import type { View } from '../graphql/view.ts';
import { endOfTurn } from './turn.ts';

/** The present of a state, for those who begin with it. */
export interface Present {
  /** Those who come in one turn are shown one reading of it. */
  read(view: View): Promise<readonly StateItem[]>;
  /** What of each subject such a reading has: one map for all who are shown it. */
  versionsOf(reading: readonly StateItem[]): Versions;
}

/** By subject; null where its state has no number. */
export type Versions = ReadonlyMap<string, bigint | null>;

export function createPresent(readAs: (view: View) => Promise<readonly StateItem[]>): Present {
  /** Being read, or about to be, by view. */
  const readings = new Map<string, Promise<readonly StateItem[]>>();
  const versions = new WeakMap<readonly StateItem[], Versions>();

  async function readNow(view: View): Promise<readonly StateItem[]> {
    await endOfTurn();
    // Whoever comes from now on may have missed what this reading misses.
    readings.delete(view.key);
    return await readAs(view);
  }

  return {
    read(view) {
      const known = readings.get(view.key);
      if (known) return known;
      const reading = readNow(view);
      readings.set(view.key, reading);
      return reading;
    },
    versionsOf(reading) {
      const found =
        versions.get(reading) ?? new Map(reading.map(({ subject, version }) => [subject, version]));
      versions.set(reading, found);
      return found;
    },
  };
}
