import { system } from '../../src/lib/actor.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { configureLine } from '../../src/machine/service.ts';
import { listMachinesOfLine } from '../../src/machine/store.ts';
import type { RunWork } from '../../src/work.ts';

let count = 0;

/** A configured line, at a port where nothing is unless one is named, with machines at addresses 1, 2, … */
export async function aLine(
  runWork: RunWork,
  {
    venueId,
    machines = 1,
    port,
    drivenBy,
  }: {
    readonly venueId: string;
    readonly machines?: number;
    readonly port?: string;
    readonly drivenBy?: string;
  },
): Promise<{ readonly lineId: string; readonly machines: readonly Machine[] }> {
  count += 1;
  const name = `Line ${count}`;
  const nowhere = `nowhere/${process.pid}-${count}`;
  return await runWork(system('test'), async (work) => {
    const lineId = await configureLine(work, {
      venueId,
      name,
      port: port ?? nowhere,
      wakeupMode: 'MARKED',
      ...(drivenBy !== undefined && { drivenBy }),
      machines: Array.from({ length: machines }, (_, at) => ({
        address: at + 1,
        name: `${name} machine ${at + 1}`,
      })),
    });
    return { lineId, machines: await listMachinesOfLine(work.tx, venueId, lineId) };
  });
}

/** The machine of a line of its own. */
export async function aMachine(runWork: RunWork, of: { readonly venueId: string }): Promise<Machine> {
  const [machine] = (await aLine(runWork, of)).machines;
  if (!machine) throw new Error('a line without machines');
  return machine;
}
