import type { Showing } from './showing.ts';

/** Something that was shown, as `reportPlays` takes it. */
export interface Play {
  /** The player's own number of it. */
  readonly playId: string;
  readonly layoutId: string;
  readonly revision: number;
  readonly regionId: string | null;
  readonly mediaId: string | null;
  readonly startedAt: string;
  readonly durationMs: number;
}

/** Makes plays of what is on the screen. */
export interface PlayLog {
  /** What is there from now on. Gives what was there until now, in the order in which it began. */
  note(showings: readonly Showing[], atMs: number): readonly Play[];
  /** When something has been there for so long that it is told; null: there is nothing. */
  dueAt(): number | null;
}

interface Running {
  readonly showing: Showing;
  readonly sinceMs: number;
}

/** What is there for longer is told in parts: of more the player knows nothing when it is cut off from its power. */
const LONGEST_MS = 60 * 60_000;

/** @param newId of a play, unlike any other of the same device */
export function createPlayLog(newId: () => string): PlayLog {
  let running: readonly Running[] = [];
  return {
    note(showings, atMs) {
      const keys = new Set(showings.map(({ key }) => key));
      const goesOn = ({ showing, sinceMs }: Running) => keys.has(showing.key) && atMs - sinceMs < LONGEST_MS;
      const ended = running.filter((each) => !goesOn(each));
      const kept = running.filter(goesOn);
      const known = new Set(kept.map(({ showing }) => showing.key));
      const begun = showings.filter(({ key }) => !known.has(key));
      running = [...kept, ...begun.map((showing) => ({ showing, sinceMs: atMs }))];
      return ended
        .filter(({ sinceMs }) => atMs > sinceMs)
        .map((each) => playOf(each, { atMs, playId: newId() }));
    },
    dueAt: () =>
      running.length > 0 ? Math.min(...running.map(({ sinceMs }) => sinceMs)) + LONGEST_MS : null,
  };
}

const playOf = (
  { showing: { key: _, ...what }, sinceMs }: Running,
  { atMs, playId }: { readonly atMs: number; readonly playId: string },
): Play => ({
  ...what,
  playId,
  startedAt: new Date(sinceMs).toISOString(),
  // Longer only where the player itself stood still, and then nobody knows.
  durationMs: Math.min(Math.round(atMs - sinceMs), LONGEST_MS),
});
