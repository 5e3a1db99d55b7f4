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
export const deliverAtEndOfTurn = passAtEndOfTurn((hearer: Deliverable) => hearer.deliver());

/** Something that gathers what is to be written. */
export interface Flushable {
  flush(): void;
}

/**
 * All that is gathered in one turn of the event loop leaves at its end: a burst of events is one
 * write per socket, not one per event.
 */
export const flushAtEndOfTurn = passAtEndOfTurn((writer: Flushable) => writer.flush());

/** Calls for all that were added in a turn, at its end; what is added meanwhile has its turn after. */
function passAtEndOfTurn<T>(call: (item: T) => void): (item: T) => void {
  let waiting: T[] = [];
  const pass = () => {
    const due = waiting;
    waiting = [];
    for (const item of due) call(item);
  };
  return (item) => {
    if (waiting.length === 0) setImmediate(pass);
    waiting.push(item);
  };
}
