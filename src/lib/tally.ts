/** Counts by name, from the start of the process. Every name is kept, so there must be few. */
export interface Tally<Name extends string> {
  add(name: Name): void;
  readonly counts: ReadonlyMap<Name, number>;
}

export function createTally<Name extends string>(): Tally<Name> {
  const counts = new Map<Name, number>();
  return {
    counts,
    add: (name) => counts.set(name, (counts.get(name) ?? 0) + 1),
  };
}
