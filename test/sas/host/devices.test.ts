import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { meterCode } from '../../../src/sas/codec/meters.ts';
import { createSasHost, type HostReport } from '../../../src/sas/host/host.ts';
import { openLinePort } from '../../../src/sas/host/line-port.ts';
import { parsePortAddress } from '../../../src/sas/host/wakeup-mode.ts';
import { USUAL_STYLES } from '../../../src/sas/host/wire-format.ts';
import { createEgm } from '../../../src/sas/simulator/egm.ts';
import { createSimulatedLine, type Transport } from '../../../src/sas/simulator/floor.ts';
import { until } from './until.ts';

const directory = mkdtempSync(join(tmpdir(), 'floorwire-line-'));
afterAll(() => rmSync(directory, { recursive: true }));

const CREDITS = meterCode('CURRENT_CREDITS');
const PTY = { kind: 'PTY', path: join(directory, 'line') } as const;
const TCP = { kind: 'TCP', port: 0 } as const;

function open(text: string, transport: Transport) {
  const address = parsePortAddress(text);
  if (address === null || transport.kind === 'MEMORY') throw new Error(`${text} is no port`);
  return openLinePort({ address, wakeupMode: transport.plain ? 'PLAIN' : 'MARKED', styles: USUAL_STYLES });
}

test.each([
  ['a pseudo-terminal', PTY],
  ['TCP', TCP],
  ['a pseudo-terminal without the ninth bit', { ...PTY, plain: true }],
  ['TCP without the ninth bit', { ...TCP, plain: true }],
])(
  'machines on %s are polled, unplugged, plugged in again, and told from each other',
  async (_, transport) => {
    const egms = [1, 2, 3].map((address) => createEgm({ address }));
    await using line = await createSimulatedLine({ egms, transport });
    const reports: HostReport[] = [];
    await using host = createSasHost({
      open: () => open(line.address, transport),
      addresses: [1, 2, 3],
      report: async (made) => void reports.push(made),
    });
    const states = () => new Set(Array.from(host.statistics().machines.values(), ({ state }) => state));
    const credits = (address: number) =>
      reports
        .flatMap((made) => (made.kind === 'meters' && made.address === address ? [made.values] : []))
        .at(-1)
        ?.get(CREDITS)?.value;
    host.start();
    await until(() => [1, 2, 3].every((address) => credits(address) === 0n));

    egms[0]?.insertBill(20n);
    egms[1]?.insertBill(5n);
    await until(() => credits(1) === 2_000n && credits(2) === 500n);

    await line.unplug();
    await until(() => [...states()].join() === 'OFFLINE');
    egms[0]?.play({ wager: 100n, win: 0n });
    await line.plug();
    await until(() => [...states()].join() === 'ONLINE' && credits(1) === 1_900n);
    await until(() => egms.every((egm) => egm.state().queuedExceptions.length === 0));

    const told = (address: number) =>
      reports.flatMap((made) => (made.kind === 'exception' && made.address === address ? made.code : []));
    expect(told(1)).toEqual([0x17, 0x4a, 0x7e, 0x7f]);
    expect(told(2)).toEqual([0x17, 0x48]);
    expect(told(3)).toEqual([0x17]);
    expect(reports.flatMap((made) => (made.kind === 'line' ? made.state : []))).toEqual(['UP', 'DOWN', 'UP']);
    expect(credits(3)).toBe(0n);
  },
);
