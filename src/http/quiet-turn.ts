import { setImmediate as endOfTurn } from 'node:timers/promises';

/** Shorter than it takes to begin anything that came. */
const QUIET_MS = 1;
/** Where there is none within this, things are closed all the same. */
const PATIENCE_MS = 200;

/**
 * Waits for a turn in which hardly anything came: what had come before has been taken and read, so what is closed right behind
 * it was not just being asked.
 */
export async function quietTurn(): Promise<void> {
  const startedMs = performance.now();
  await endOfTurn();
  for (let turnMs = performance.now(); turnMs - startedMs < PATIENCE_MS; turnMs = performance.now()) {
    await endOfTurn();
    if (performance.now() - turnMs < QUIET_MS) return;
  }
}
