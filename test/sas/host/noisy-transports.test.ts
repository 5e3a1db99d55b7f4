import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createSasHost } from '../../../src/sas/host/host.ts';
import { openPortHere } from '../../../src/sas/host/open-port.ts';
import type { HostReport } from '../../../src/sas/host/report.ts';
import { parsePortAddress } from '../../../src/sas/host/wakeup-mode.ts';
import { USUAL_STYLES } from '../../../src/sas/host/wire-format.ts';
import { createEgm } from '../../../src/sas/simulator/egm.ts';
import { createLine } from '../../../src/sas/simulator/line.ts';
import { createMessageFaults, MESSAGE_FAULTS } from '../../../src/sas/simulator/message-faults.ts';
import { createPtyLine } from '../../../src/sas/simulator/pty-line.ts';
import { createRandom } from '../../../src/sas/simulator/random.ts';
import { createTcpLine } from '../../../src/sas/simulator/tcp-line.ts';
import { connect } from '../../../src/sas/simulator/wire.ts';
import { eventually } from '../../support/deadline.ts';
import { report, sized } from '../../support/soak.ts';
import { expectSound, figuresOf, playBadly, RESPONSE_DELAY_MS, watchMachine } from './play-under-faults.ts';
import { aTransit, type Transit } from './transit.ts';

const MINUTE_MS = 60_000;
const PLAY_MS = sized({ test: 1, soak: 60 }) * MINUTE_MS;

/** Without a ninth bit a message that lost its beginning is another one: what the machines hear is only lost or late. */
const TO_PLAIN_MACHINES = ['DROP', 'DELAY'] as const;

const LINES = [
  { kind: 'PTY', plain: false },
  { kind: 'PTY', plain: true },
  { kind: 'TCP', plain: false },
  { kind: 'TCP', plain: true },
] as const;

type Kind = (typeof LINES)[number]['kind'];

test.each(LINES)(
  'play with one message in twenty hit loses and doubles nothing: $kind, plain $plain',
  { timeout: 3_000_000 },
  async ({ kind, plain }) => {
    const transit = aTransit({ plain });
    const { clock } = transit;
    const random = createRandom(7);
    const noise = { isBad: false, hits: 0 };
    const faults = (kinds: typeof MESSAGE_FAULTS | typeof TO_PLAIN_MACHINES) =>
      createMessageFaults({
        share: 0.05,
        kinds,
        random: () => (noise.isBad ? random() : 1),
        clock,
        onFault: () => {
          noise.hits += 1;
        },
      });
    const egms = [1, 2].map((address) => createEgm({ address, clock, responseDelayMs: RESPONSE_DELAY_MS }));
    const watched = egms.map((egm) => ({ egm, ...watchMachine(egm) }));
    const line = createLine({
      egms,
      faultsToHost: faults(MESSAGE_FAULTS),
      faultsToEgms: faults(plain ? TO_PLAIN_MACHINES : MESSAGE_FAULTS),
    });
    await using wire = await aWire(kind, transit);
    connect(line, wire.egms);
    const reports: HostReport[] = [];
    const host = createSasHost({
      open: async () => transit.watched(await openPort(wire.address, plain)),
      addresses: [1, 2],
      clock,
      random: () => 0.5,
      report: async (made) => {
        reports.push(made);
      },
    });
    host.start();
    // A port opens by the clock on the wall.
    await eventually(() => reports.some((made) => made.kind === 'line' && made.state === 'UP'));
    const startedMs = performance.now();
    await playBadly({ clock, egms, random, noise, playMs: PLAY_MS });
    const wallMs = performance.now() - startedMs;
    const ended = host[Symbol.asyncDispose]();
    await clock.advance(1_000);
    await ended;
    for (const egm of egms) egm[Symbol.dispose]();

    const title = `${kind} ${plain ? 'PLAIN' : 'MARKED'}`;
    report(`${title}: ${figuresOf({ reports, playMs: PLAY_MS, wallMs, hits: noise.hits })}`);
    expect(noise.hits).toBeGreaterThan(PLAY_MS / 1_000);
    expectSound(reports, watched, PLAY_MS);
  },
);

/** The machines' end, and what the host opens. */
async function aWire(kind: Kind, { coding }: Transit) {
  const folder = mkdtempSync(join(tmpdir(), 'noisy-line-'));
  const tcp = kind === 'TCP' ? await createTcpLine(0, coding) : null;
  const egms = tcp ?? (await createPtyLine(join(folder, 'line'), coding));
  return {
    egms,
    address: tcp === null ? join(folder, 'line') : `tcp://127.0.0.1:${tcp.port}`,
    async [Symbol.asyncDispose]() {
      await egms[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function openPort(at: string, plain: boolean) {
  const address = parsePortAddress(at);
  if (address === null) throw new Error(at);
  return await openPortHere({ address, wakeupMode: plain ? 'PLAIN' : 'MARKED', styles: USUAL_STYLES });
}
