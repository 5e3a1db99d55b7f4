import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createSasHost } from '../../../src/sas/host/host.ts';
import { openPortHere } from '../../../src/sas/host/open-port.ts';
import { type Clock, systemClock } from '../../../src/sas/host/port.ts';
import type { HostReport } from '../../../src/sas/host/report.ts';
import { parsePortAddress } from '../../../src/sas/host/wakeup-mode.ts';
import { USUAL_STYLES } from '../../../src/sas/host/wire-format.ts';
import { playing } from '../../../src/sas/simulator/behaviours/playing.ts';
import { createEgm } from '../../../src/sas/simulator/egm.ts';
import { createSimulatedLine } from '../../../src/sas/simulator/floor.ts';
import { createMessageFaults, MESSAGE_FAULTS } from '../../../src/sas/simulator/message-faults.ts';
import { createRandom } from '../../../src/sas/simulator/random.ts';
import { report, sized } from '../../support/soak.ts';
import { exceptionsOf, expectSameMeters, watchMachine } from './play-under-faults.ts';
import { until } from './until.ts';

/** How many times faster than the wall's the line's clock runs. */
const SPEED = 8;
const PLAY_MS = sized({ test: 24_000, soak: 3_600_000 });
const MINUTE_MS = 60_000;

const fastClock: Clock = {
  nowMs: () => systemClock.nowMs() * SPEED,
  date: () => new Date(Date.UTC(2025, 0, 1) + systemClock.nowMs() * SPEED),
  setTimer: (ms, fn) => systemClock.setTimer(ms / SPEED, fn),
};

/** Without a ninth bit a message that lost its beginning is another one: what the machines hear is only lost or late. */
const TO_PLAIN_MACHINES = ['DROP', 'DELAY'] as const;

const LINES = [
  { kind: 'PTY', plain: false },
  { kind: 'PTY', plain: true },
  { kind: 'TCP', plain: false },
  { kind: 'TCP', plain: true },
] as const;

test.each(LINES)(
  'play with one message in twenty hit loses and doubles nothing: $kind, plain $plain',
  { timeout: 1_200_000 },
  async ({ kind, plain }) => {
    const folder = mkdtempSync(join(tmpdir(), 'noisy-line-'));
    const random = createRandom(7);
    let isBad = false;
    let hits = 0;
    const faults = (kinds: typeof MESSAGE_FAULTS | typeof TO_PLAIN_MACHINES) =>
      createMessageFaults({
        share: 0.05,
        kinds,
        random: () => (isBad ? random() : 1),
        clock: fastClock,
        onFault: () => {
          hits += 1;
        },
      });
    const egms = [1, 2].map((address) => createEgm({ address, clock: fastClock }));
    const watched = egms.map((egm) => ({ egm, ...watchMachine(egm) }));
    const path = join(folder, 'line');
    await using line = await createSimulatedLine({
      egms,
      transport: kind === 'PTY' ? { kind, path, plain } : { kind, port: 0, plain },
      faultsToHost: faults(MESSAGE_FAULTS),
      faultsToEgms: faults(plain ? TO_PLAIN_MACHINES : MESSAGE_FAULTS),
    });
    const address = parsePortAddress(line.address);
    if (address === null) throw new Error(line.address);
    const reports: HostReport[] = [];
    const wakeupMode = plain ? 'PLAIN' : 'MARKED';
    const host = createSasHost({
      open: () => openPortHere({ address, wakeupMode, styles: USUAL_STYLES }),
      addresses: [1, 2],
      clock: fastClock,
      // A lost answer is given up after 50 ms of the wall's clock; a machine, after half a minute of the line's.
      timing: { responseTimeoutMs: 400, pollPeriodMs: 400, missedPollsUntilOffline: 40 },
      report: async (made) => {
        reports.push(made);
      },
    });
    host.start();
    const isOnline = (egm: (typeof egms)[number]) =>
      reports.some((made) => made.kind === 'meters' && made.address === egm.address);
    await until(() => egms.every(isOnline), MINUTE_MS);
    isBad = true;
    const players = egms.map((egm) => playing(egm, { random, clock: fastClock }));
    await pause(PLAY_MS / SPEED);
    for (const player of players) player[Symbol.dispose]();
    isBad = false;
    await until(() => egms.every((egm) => egm.state().queuedExceptions.length === 0), MINUTE_MS);
    for (const egm of egms) expect(await host.readMeters(egm.address)).toBe(true);
    await host[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });

    expect(hits).toBeGreaterThan(PLAY_MS / 2_000);
    report(`${kind} ${wakeupMode}: ${hits} messages hit, ${reports.length} reports`);
    for (const { egm, raised, faults: unsound } of watched) {
      expect(raised.length).toBeGreaterThan(3);
      expect(exceptionsOf(reports, egm.address), `machine ${egm.address}`).toEqual(raised);
      expectSameMeters(reports, egm);
      expect(unsound).toEqual([]);
    }
  },
);
