import { expect, test } from 'vitest';
import { HIGHEST_ADDRESS } from '../../../src/sas/codec/address.ts';
import { byteOf, isMarked, type LineSymbol } from '../../../src/sas/codec/symbol.ts';
import type { HeardSymbol } from '../../../src/sas/host/port.ts';
import { aFloor, type Floor } from './floor.ts';
import { aManualClock, type ManualClock } from './manual-clock.ts';

/** 11 bits at 19200 baud. */
const BYTE_MS = 11 / 19.2;
const ADDRESSES = [1, 2, 3, 4, 5, 6, 7, 8];
const SECONDS = 10;

/** What a line did with its time, by the numbers of SAS.md 2. */
interface LineUse {
  /** Bytes on the wire, and the turnaround of machines. */
  busyMs: number;
  /** Silence though a machine could have been polled. */
  lostMs: number;
  readonly polls: Map<number, number>;
}

/** A line in memory on which every byte takes its time. */
async function aPacedFloor(options: {
  readonly turnaroundMs: number;
  readonly periodMs: number;
}): Promise<{ readonly floor: Floor; readonly clock: ManualClock; readonly use: LineUse }> {
  const { turnaroundMs, periodMs } = options;
  const clock = aManualClock();
  const use: LineUse = { busyMs: 0, lostMs: 0, polls: new Map() };
  const mayBePolledAtMs = new Map<number, number>();
  let idleSinceMs = clock.nowMs();

  function begin(message: readonly HeardSymbol[]): void {
    const now = clock.nowMs();
    const first = Math.min(...mayBePolledAtMs.values());
    use.lostMs += Math.max(0, now - Math.max(idleSinceMs, first));
    for (const symbol of message) {
      const address = symbol !== 'error' && isMarked(symbol) ? byteOf(symbol) & HIGHEST_ADDRESS : 0;
      if (address === 0) continue;
      mayBePolledAtMs.set(address, now + periodMs);
      use.polls.set(address, (use.polls.get(address) ?? 0) + 1);
    }
  }

  function carry<S>(message: readonly S[], ms: number, deliver: (message: readonly S[]) => void): void {
    clock.setTimer(ms, () => {
      use.busyMs += ms;
      idleSinceMs = clock.nowMs();
      deliver(message);
    });
  }

  const floor = await aFloor({
    clock,
    machines: ADDRESSES.map((address) => ({ address })),
    timing: { fastPollPeriodMs: periodMs, responseTimeoutMs: 200 },
    faultsToEgms(message, deliver) {
      begin(message);
      carry(message, message.length * BYTE_MS, deliver);
    },
    faultsToHost(message: readonly (LineSymbol | 'error')[], deliver) {
      carry(message, turnaroundMs + message.length * BYTE_MS, deliver);
    },
  });
  await clock.advance(10_000);
  Object.assign(use, { busyMs: 0, lostMs: 0 });
  use.polls.clear();
  return { floor, clock, use };
}

test.each([
  { turnaroundMs: 1, periodMs: 40 },
  { turnaroundMs: 5, periodMs: 40 },
  { turnaroundMs: 20, periodMs: 40 },
  { turnaroundMs: 5, periodMs: 200 },
])(
  'eight machines use nine tenths of the line time that is left to them: $turnaroundMs ms each, every $periodMs ms',
  async (pace) => {
    const { floor, clock, use } = await aPacedFloor(pace);
    await using _ = floor;
    const { silences } = floor.host.statistics();
    await clock.advance(SECONDS * 1_000);
    expect(use.busyMs / (use.busyMs + use.lostMs)).toBeGreaterThanOrEqual(0.9);
    // Nobody is left out, though sweeps wait for gaps, and nobody is hurried.
    const counts = ADDRESSES.map((address) => use.polls.get(address) ?? 0);
    expect(Math.min(...counts)).toBeGreaterThan(0.5 * Math.max(...counts));
    expect(Math.max(...counts)).toBeLessThanOrEqual((SECONDS * 1_000) / pace.periodMs + 1);
    expect(floor.host.statistics().silences).toBe(silences);
  },
);
