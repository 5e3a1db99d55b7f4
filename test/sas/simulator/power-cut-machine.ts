/**
 * A machine in a process of its own, to be killed: plays without a pause and tells each state on stdout, one line of
 * `[code, value]` pairs, as the wire would show it.
 */
import { writeSync } from 'node:fs';
import { createEgm } from '../../../src/sas/simulator/egm.ts';
import { fileMemory } from '../../../src/sas/simulator/memory.ts';

const egm = createEgm({ address: 1, memory: fileMemory(process.argv[2] ?? '') });
egm.onChange((state) => {
  const values = Array.from(state.meters, ([code, value]) => [code, value.toString()]);
  writeSync(1, `${JSON.stringify(values)}\n`);
});
for (let game = 0; ; game += 1) {
  egm.insertBill(1n);
  egm.play({ wager: 3n, win: game % 4 === 0 ? 7n : 0n });
  if (game % 10 === 0) {
    egm.cashOut();
    egm.resetHandpay();
  }
}
