import type { RunWork } from '../../src/work.ts';

/** Work whose time is what the test says, and stands still in between, however long the test takes itself. */
export const worksAt =
  (runWork: RunWork, nowMs: () => number): RunWork =>
  (actor, task, origin) =>
    runWork(actor, (work) => task({ ...work, now: new Date(nowMs()) }), origin);
