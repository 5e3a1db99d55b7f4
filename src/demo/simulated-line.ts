import { join, resolve } from 'node:path';
import type { SasLine } from '../machine/machine.ts';
import { doors } from '../sas/simulator/behaviours/doors.ts';
import { playing } from '../sas/simulator/behaviours/playing.ts';
import { createEgm } from '../sas/simulator/egm.ts';
import { createSimulatedLine } from '../sas/simulator/floor.ts';
import { DEFAULT_SETTINGS } from '../sas/simulator/machine-settings.ts';
import { fileMemory } from '../sas/simulator/memory.ts';
import { DEMO_LINES } from './venue.ts';

/**
 * The machines of one of the demo's lines, playing, on a pseudo-terminal that the host opens like
 * any serial port. Their meters survive in `DATA_DIR/machines`. Any other line is left alone.
 */
export async function simulateDemoLine({ port }: SasLine, dataDir: string): Promise<AsyncDisposable> {
  const demo = DEMO_LINES.find((line) => line.port === port);
  const egms = (demo?.machines ?? []).map(({ address, serialNumber, denominationCode }) =>
    createEgm({
      address,
      memory: fileMemory(join(dataDir, 'machines', `${serialNumber}.json`)),
      settings: { ...DEFAULT_SETTINGS, serialNumber, denomination: denominationCode },
    }),
  );
  const line =
    demo && (await createSimulatedLine({ egms, transport: { kind: 'PTY', path: resolve(dataDir, port) } }));
  const behaviours = egms.flatMap((egm) => [
    playing(egm, { random: Math.random }),
    doors(egm, { random: Math.random }),
  ]);
  return {
    async [Symbol.asyncDispose]() {
      for (const behaviour of behaviours) behaviour[Symbol.dispose]();
      await line?.[Symbol.asyncDispose]();
    },
  };
}
