import { expect, vi } from 'vitest';
import type { AskOptions, FloorApp } from './app.ts';

const QUESTION = '{ machines { totalCount } }';
const ASKER: AskOptions = { as: 'FOREIGN_ADMIN' };
/** What a slow machine with nothing else to do answers in a second, asked one after the other. */
const ANSWERS = 100;

/**
 * Waits for what is promised within a second, and fails when it takes longer. By the work that is done meanwhile: to a
 * machine that others keep busy a second is as long as it takes to answer what it else answers in one.
 */
export async function withinASecond<Value>(
  floor: Pick<FloorApp, 'ask'>,
  promised: () => Promise<Value>,
): Promise<Value> {
  // Who asks has signed in by then.
  await floor.ask(QUESTION, ASKER);
  let isOver = false;
  let answers = 0;
  const asking = (async () => {
    for (; !isOver; answers += 1) await floor.ask(QUESTION, ASKER);
  })();
  try {
    const value = await promised();
    expect(answers, 'answers meanwhile').toBeLessThan(ANSWERS);
    return value;
  } finally {
    isOver = true;
    await asking;
  }
}

/** Does it by a clock of this process that is a second ahead: what may be remembered for a second is asked anew. */
export async function aSecondLater<Value>(act: () => Promise<Value>): Promise<Value> {
  const now = performance.now.bind(performance);
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + 1_000);
  try {
    return await act();
  } finally {
    clock.mockRestore();
  }
}
