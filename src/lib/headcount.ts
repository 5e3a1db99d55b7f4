/** How many are there, by name. Of any number of names only those that somebody has are kept. */
export interface Headcount {
  /** One more of each of these names. */
  enter(names: readonly string[]): void;
  leave(names: readonly string[]): void;
  of(name: string): number;
}

export function createHeadcount(): Headcount {
  const counts = new Map<string, number>();

  function add(name: string, change: 1 | -1): void {
    const count = (counts.get(name) ?? 0) + change;
    if (count === 0) counts.delete(name);
    else counts.set(name, count);
  }

  return {
    enter: (names) => {
      for (const name of names) add(name, 1);
    },
    leave: (names) => {
      for (const name of names) add(name, -1);
    },
    of: (name) => counts.get(name) ?? 0,
  };
}
