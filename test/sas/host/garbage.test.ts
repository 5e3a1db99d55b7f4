import { expect, test } from 'vitest';
import { createSasHost, type HostReport } from '../../../src/sas/host/host.ts';
import { STREAM_TIMING } from '../../../src/sas/host/profiles.ts';
import { openSerialPort } from '../../../src/sas/host/serial-port.ts';
import { createFaults } from '../../../src/sas/simulator/faults.ts';
import { createRandom } from '../../../src/sas/simulator/random.ts';
import { collect } from '../../support/collect.ts';
import { aFloor } from './floor.ts';
import { aManualClock } from './manual-clock.ts';
import { openPty } from './pty.ts';
import { until } from './until.ts';

test.each([
  ['dropped', { dropSymbol: 0.05 }],
  ['flipped', { flipDataBit: 0.05 }],
  ['marked', { flipMark: 0.05 }],
  ['inserted', { insertSymbol: 0.05 }],
  ['cut', { cutMessage: 0.3 }],
  ['repeated', { repeatMessage: 0.3 }],
  ['late', { delayMessage: 0.3 }],
])('a line whose answers are %s goes on, and counts it', async (_, rates) => {
  const clock = aManualClock();
  const faults = createFaults({ rates, random: createRandom(5), clock, longestDelayMs: 300 });
  await using floor = await aFloor({
    machines: [{ address: 1 }, { address: 2 }],
    faultsToHost: faults,
    clock,
  });
  await floor.clock.advance(60_000);
  const before = floor.host.statistics();
  await floor.clock.advance(60_000);
  const after = floor.host.statistics();
  expect(after.polls - before.polls).toBeGreaterThan(200);
  expect(after.replies - before.replies).toBeGreaterThan(100);
  expect(after.damaged + after.silences + after.discardedBytes + after.chirps).toBeGreaterThan(20);
});

test('half frames, wrong checksums and noise never become meters or machines', async () => {
  const random = createRandom(9);
  const noise = () => Array.from({ length: Math.floor(random() * 40) }, () => Math.floor(random() * 512));
  await using floor = await aFloor({
    machines: [{ address: 1 }],
    addresses: [1, 5, 6],
    faultsToHost: (message, deliver) => deliver(random() < 0.5 ? noise() : message),
  });
  for (let round = 0; round < 600; round += 1) {
    floor.noise(...noise());
    await floor.clock.advance(random() * 100);
  }
  expect(floor.links(5)).not.toContain('ONLINE');
  expect(floor.links(6)).not.toContain('ONLINE');
  for (const made of floor.reports) {
    if (made.kind === 'meters') for (const { value } of made.values.values()) expect(value).toBe(0n);
  }
  expect(floor.host.statistics().damaged).toBeGreaterThan(100);
  expect(floor.host.statistics().discardedBytes).toBeGreaterThan(1_000);
});

const NOISE_BYTES = 10 * 1024 * 1024;
const CHUNK = 4_096;

test('ten megabytes of noise on a pseudo-terminal neither stop the loop nor stay in memory', async () => {
  using pty = await openPty();
  const random = createRandom(3);
  const chunk = Uint8Array.from({ length: CHUNK }, () => Math.floor(random() * 256));
  let heard = 0;
  pty.onData((bytes) => {
    heard += bytes.length;
  });
  const reports: HostReport[] = [];
  await using host = createSasHost({
    open: () => openSerialPort({ path: pty.path, wakeupMode: 'MARKED' }),
    addresses: [1, 2],
    timing: { ...STREAM_TIMING, responseTimeoutMs: 20, probeIntervalMs: 50 },
    report: async (made) => void reports.push(made),
  });
  host.start();
  await until(() => reports.some((made) => made.kind === 'line'));
  collect();
  const before = process.memoryUsage().heapUsed;

  for (let sent = 0; sent < NOISE_BYTES; ) {
    sent += pty.write(chunk);
    // The host has its turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
  await until(() => heard > 0);
  const polled = host.statistics().polls;
  await until(() => host.statistics().polls > polled + 3);
  collect();
  const after = process.memoryUsage().heapUsed;

  const { damaged, discardedBytes, streamErrors, chirps } = host.statistics();
  expect(discardedBytes + chirps).toBeGreaterThan(NOISE_BYTES / 2);
  expect(streamErrors).toBeGreaterThan(NOISE_BYTES / 1_000);
  expect(damaged).toBeGreaterThan(0);
  expect(after - before).toBeLessThan(4 * 2 ** 20);
});

test('after the noise the machines on the line are found and read', async () => {
  const clock = aManualClock();
  let isNoisy = true;
  const random = createRandom(17);
  await using floor = await aFloor({
    clock,
    faultsToHost: (message, deliver) =>
      deliver(isNoisy ? Array.from({ length: 300 }, () => Math.floor(random() * 256)) : message),
  });
  await floor.clock.advance(60_000);
  expect(floor.links(1)).not.toContain('ONLINE');
  isNoisy = false;
  floor.egm(1).insertBill(5n);
  await floor.clock.advance(15_000);
  expect(floor.links(1).at(-1)).toBe('ONLINE');
  expect(floor.meter(1, 0x0c)).toBe(500n);
});
