import { join } from 'node:path';
import { createEgm } from '../../src/sas/simulator/egm.ts';
import { createSimulatedLine, type FloorLine } from '../../src/sas/simulator/floor.ts';
import type { RunWork } from '../../src/work.ts';
import { aLine } from './floor.ts';

/** Machines that answer whoever drives their lines, and are not in the process that does. */
export interface SimulatedLines extends AsyncDisposable {
  /** As the API writes them. */
  readonly machineIds: readonly string[];
}

/** Configures the lines of a venue, in the data folder of its server, and puts machines on them. */
export async function simulatedLines(
  runWork: RunWork,
  options: {
    readonly venueId: string;
    readonly folder: string;
    readonly lines: number;
    readonly machinesPerLine: number;
  },
): Promise<SimulatedLines> {
  const { venueId, folder, machinesPerLine } = options;
  const lines: FloorLine[] = [];
  const machineIds: string[] = [];
  for (let at = 0; at < options.lines; at += 1) {
    const port = `line-${at}`;
    const { machines } = await aLine(runWork, { venueId, machines: machinesPerLine, port });
    const egms = machines.map(({ address }) => createEgm({ address }));
    lines.push(await createSimulatedLine({ egms, transport: { kind: 'PTY', path: join(folder, port) } }));
    machineIds.push(...machines.map(({ id }) => Buffer.from(`Machine:${id}`).toString('base64url')));
  }
  return {
    machineIds,
    async [Symbol.asyncDispose]() {
      for (const line of lines) await line[Symbol.asyncDispose]();
    },
  };
}
