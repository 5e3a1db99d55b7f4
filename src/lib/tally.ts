/** Counts by name. Every name is kept, so there must be few. */
export interface Tally<Name extends string> {
  /** One more, or so many. */
  add(name: Name, change?: number): void;
  readonly counts: ReadonlyMap<Name, number>;
}

export function createTally<Name extends string>(): Tally<Name> {
  const counts = new Map<Name, number>();
  return {
    counts,
    add: (name, change = 1) => counts.set(name, (counts.get(name) ?? 0) + change),
  };
}
