/**
 * Simulated machines on paced lines, in a process of its own: `paced-simulator.ts <machines> <turnaround ms> <period
 * ms> <tty>…`. On a signal it prints how well each line was used, as JSON.
 *
 * The simulator paces the lines by a clock that spins: timers of a millisecond would be a third of a general poll.
 */
import { once } from 'node:events';
import { HIGHEST_ADDRESS } from '../src/sas/codec/address.ts';
import { byteOf, isMarked } from '../src/sas/codec/symbol.ts';
import { type Clock, type HeardSymbol, systemClock } from '../src/sas/host/port.ts';
import { BYTE_MS } from '../src/sas/host/wire-format.ts';
import { createEgm } from '../src/sas/simulator/egm.ts';
import type { Faults } from '../src/sas/simulator/faults.ts';
import { createSimulatedLine } from '../src/sas/simulator/floor.ts';
import type { LineUse } from './paced-line.ts';

const [machines = 8, turnaroundMs = 5, periodMs = 40] = process.argv.slice(2, 5).map(Number);
const ttys = process.argv.slice(5);

interface Due {
  readonly atMs: number;
  readonly fn: () => void;
}

const waiting = new Set<Due>();

const clock: Clock = {
  ...systemClock,
  setTimer(ms, fn) {
    const due = { atMs: performance.now() + ms, fn };
    waiting.add(due);
    return { [Symbol.dispose]: () => void waiting.delete(due) };
  },
};

function spin(): void {
  const now = performance.now();
  for (const due of waiting) {
    if (due.atMs > now) continue;
    waiting.delete(due);
    due.fn();
  }
  setImmediate(spin);
}

/** How long a line talked, and how long it was silent though a machine could have been polled. */
function measuredLine(): { readonly toEgms: Faults; readonly toHost: Faults; readonly use: () => LineUse } {
  const mayBePolledAtMs = new Map<number, number>();
  let idleSinceMs = Number.POSITIVE_INFINITY;
  const use = { busyMs: 0, lostMs: 0, polls: 0 };

  function begin(message: readonly HeardSymbol[]): void {
    const now = performance.now();
    const first = Math.min(...mayBePolledAtMs.values());
    use.lostMs += Math.max(0, now - Math.max(idleSinceMs, first));
    for (const symbol of message) {
      const address = symbol !== 'error' && isMarked(symbol) ? byteOf(symbol) & HIGHEST_ADDRESS : 0;
      if (address === 0) continue;
      mayBePolledAtMs.set(address, now + periodMs);
      use.polls += 1;
    }
  }

  function talk(bytes: number): void {
    use.busyMs += bytes * BYTE_MS;
    idleSinceMs = performance.now() + bytes * BYTE_MS;
  }

  return {
    use: () => ({ ...use }),
    toEgms(message, deliver) {
      begin(message);
      talk(message.length);
      deliver(message);
    },
    toHost(message, deliver) {
      use.busyMs += turnaroundMs;
      talk(message.length);
      deliver(message);
    },
  };
}

const uses = await Promise.all(
  ttys.map(async (path) => {
    const { toEgms: faultsToEgms, toHost: faultsToHost, use } = measuredLine();
    const egms = Array.from({ length: machines }, (_, at) =>
      createEgm({ address: at + 1, clock, responseDelayMs: turnaroundMs }),
    );
    const transport = { kind: 'PTY', path } as const;
    await createSimulatedLine({ egms, faultsToEgms, faultsToHost, pacedBy: clock, transport });
    return use;
  }),
);

spin();
console.log('ready');
process.on('SIGUSR2', () => console.log(JSON.stringify(uses.map((use) => use()))));
await once(process, 'SIGTERM');
process.exit(0);
