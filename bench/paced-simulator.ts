/**
 * Simulated machines on paced lines, in a process of its own: `paced-simulator.ts <machines> <turnaround ms> <period
 * ms> <tty>…`. On a signal it prints how well each line was used, as JSON.
 *
 * Every byte takes its 0.573 ms and every answer the machine's turnaround, by a clock that spins: timers of a
 * millisecond would be a third of a general poll.
 */
import { once } from 'node:events';
import { HIGHEST_ADDRESS } from '../src/sas/codec/address.ts';
import { byteOf, isMarked, type LineSymbol } from '../src/sas/codec/symbol.ts';
import { createEgm } from '../src/sas/simulator/egm.ts';
import type { Faults } from '../src/sas/simulator/faults.ts';
import { createSimulatedLine } from '../src/sas/simulator/floor.ts';
import type { LineUse } from './paced-line.ts';

const BYTE_MS = 11 / 19.2;
const [machines = 8, turnaroundMs = 5, periodMs = 40] = process.argv.slice(2, 5).map(Number);
const ttys = process.argv.slice(5);

interface Due {
  readonly atMs: number;
  readonly fn: () => void;
}

const waiting: Due[] = [];

function after(ms: number, fn: () => void): void {
  waiting.push({ atMs: performance.now() + ms, fn });
}

function spin(): void {
  const now = performance.now();
  for (let at = 0; at < waiting.length; at += 1) {
    const due = waiting[at];
    if (due === undefined || due.atMs > now) continue;
    waiting.splice(at, 1);
    at -= 1;
    due.fn();
  }
  setImmediate(spin);
}

/** How long a line talked, and how long it was silent though a machine could have been polled. */
function measuredLine(): { readonly toEgms: Faults; readonly toHost: Faults; readonly use: () => LineUse } {
  const mayBePolledAtMs = new Map<number, number>();
  let idleSinceMs: number | null = null;
  const use = { busyMs: 0, lostMs: 0, polls: 0 };

  function begin(message: readonly (LineSymbol | 'error')[]): void {
    const now = performance.now();
    if (idleSinceMs !== null) {
      const first = Math.min(...mayBePolledAtMs.values());
      use.lostMs += Math.max(0, now - Math.max(idleSinceMs, first));
    }
    idleSinceMs = null;
    for (const symbol of message) {
      const address = symbol !== 'error' && isMarked(symbol) ? byteOf(symbol) & HIGHEST_ADDRESS : 0;
      if (address === 0) continue;
      mayBePolledAtMs.set(address, now + periodMs);
      use.polls += 1;
    }
  }

  function took(ms: number): void {
    use.busyMs += ms;
  }

  return {
    use: () => ({ ...use }),
    toEgms(message, deliver) {
      begin(message);
      const ms = message.length * BYTE_MS;
      after(ms, () => {
        took(ms);
        idleSinceMs = performance.now();
        deliver(message);
      });
    },
    toHost(message, deliver) {
      idleSinceMs = null;
      const ms = turnaroundMs + message.length * BYTE_MS;
      after(ms, () => {
        took(ms);
        idleSinceMs = performance.now();
        deliver(message);
      });
    },
  };
}

const uses = await Promise.all(
  ttys.map(async (path) => {
    const { toEgms: faultsToEgms, toHost: faultsToHost, use } = measuredLine();
    const egms = Array.from({ length: machines }, (_, at) => createEgm({ address: at + 1 }));
    await createSimulatedLine({ egms, faultsToEgms, faultsToHost, transport: { kind: 'PTY', path } });
    return use;
  }),
);

spin();
console.log('ready');
process.on('SIGUSR2', () => console.log(JSON.stringify(uses.map((use) => use()))));
await once(process, 'SIGTERM');
process.exit(0);
