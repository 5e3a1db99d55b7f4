import { setImmediate as immediate } from 'node:timers/promises';

/** Resolves at the end of this turn of the event loop; one promise for all who wait for it. */
export function endOfTurn(): Promise<void> {
  ending ??= immediate().then(() => {
    ending = null;
  });
  return ending;
}

let ending: Promise<void> | null = null;

/** Something that gathers what is to be written. */
export interface Flushable {
  flush(): void;
}

/**
 * All that is gathered in one turn of the event loop leaves at its end: a burst of events is one
 * write per socket, not one per event.
 */
export function flushAtEndOfTurn(writer: Flushable): void {
  if (dirty.length === 0) setImmediate(flushAll);
  dirty.push(writer);
}

let dirty: Flushable[] = [];

function flushAll(): void {
  const writers = dirty;
  dirty = [];
  for (const writer of writers) writer.flush();
}
