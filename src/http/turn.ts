import { setImmediate as immediate } from 'node:timers/promises';

/** Resolves at the end of this turn of the event loop; one promise for all who wait for it. */
export function endOfTurn(): Promise<void> {
  ending ??= immediate().then(() => {
    ending = null;
  });
  return ending;
}

let ending: Promise<void> | null = null;

/** Something that has heard what it has yet to hand on. */
export interface Deliverable {
  /** It must not throw. */
  deliver(): void;
}

/** What is heard in one turn of the event loop is handed on at its end: one pass over all who heard something. */
export function deliverAtEndOfTurn(hearer: Deliverable): void {
  if (hearers.length === 0) setImmediate(deliverAll);
  hearers.push(hearer);
}

let hearers: Deliverable[] = [];

function deliverAll(): void {
  const due = hearers;
  hearers = [];
  for (const hearer of due) hearer.deliver();
}

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
