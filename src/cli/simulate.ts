import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../sas/host/port.ts';
import { playing } from '../sas/simulator/behaviours/playing.ts';
import { createEgm } from '../sas/simulator/egm.ts';
import { createSimulatedLine, type Transport } from '../sas/simulator/floor.ts';
import { DEFAULT_SETTINGS } from '../sas/simulator/machine-settings.ts';
import { fileMemory, volatileMemory } from '../sas/simulator/memory.ts';
import { parseScenario, type Scenario } from '../sas/simulator/scenario.ts';
import { runScenario } from '../sas/simulator/scenario-floor.ts';
import { CommandError } from './command-error.ts';

export interface SimulateOptions {
  /** A symlink to make, which a host opens. */
  readonly tty?: string | undefined;
  /** A port on loopback; 0 takes a free one. */
  readonly tcp?: string | undefined;
  readonly machines: string;
  /** A file that says which machines there are and what happens to them, instead. */
  readonly scenario?: string | undefined;
  /** A folder where the machines' meters survive; without it they start at zero. */
  readonly memory?: string | undefined;
  /** Without the ninth bit, for foreign tools. */
  readonly plain: boolean;
  /** Bytes and answers take their time, as on a real line. */
  readonly paced: boolean;
  /** Nobody plays. */
  readonly idle: boolean;
}

/** How long a machine takes to answer: SAS allows 20. */
const PACED_RESPONSE_MS = 5;

/** Simulated machines at addresses 1 to N on one line, until a signal. */
export async function simulateCommand(options: SimulateOptions): Promise<void> {
  const transport = parseTransport(options);
  if (options.scenario !== undefined)
    return await simulateScenario(options.scenario, { transport, paced: options.paced });
  const egms = addresses(options.machines).map((address) => {
    const serialNumber = `SIM-${String(address).padStart(3, '0')}`;
    return createEgm({
      address,
      memory: options.memory ? fileMemory(join(options.memory, `${serialNumber}.json`)) : volatileMemory(),
      settings: { ...DEFAULT_SETTINGS, serialNumber },
      responseDelayMs: options.paced ? PACED_RESPONSE_MS : 0,
    });
  });
  await using line = await createSimulatedLine({
    egms,
    transport,
    ...(options.paced && { pacedBy: systemClock }),
  });
  const players = options.idle ? [] : egms.map((egm) => playing(egm, { random: Math.random }));
  process.stdout.write(
    `${line.address}  ${egms.length} machine${egms.length === 1 ? '' : 's'}, addresses 1 to ${egms.length}\n`,
  );
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  for (const player of players) player[Symbol.dispose]();
}

/** Prints each step of the script as it is taken. */
async function simulateScenario(
  path: string,
  { transport, paced }: { readonly transport: Transport; readonly paced: boolean },
): Promise<void> {
  const scenario = await readScenario(path);
  await using floor = await runScenario(scenario, {
    transport,
    paced,
    onStep: ({ at, machine, do: what }, refusal) =>
      void process.stdout.write(
        `${(at / 1_000).toFixed(3)} s  machine ${machine}  ${what}${refusal ? `  refused: ${refusal}` : ''}\n`,
      ),
  });
  process.stdout.write(`${floor.line.address}  ${scenario.machines.length} machines of ${path}\n`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
}

async function readScenario(path: string): Promise<Scenario> {
  try {
    return parseScenario(await readFile(path, 'utf8'));
  } catch (error) {
    throw new CommandError(`${path} is no scenario: ${error instanceof Error ? error.message : error}`);
  }
}

function parseTransport({ tty, tcp, plain }: SimulateOptions): Transport {
  if (tty !== undefined && tcp === undefined) return { kind: 'PTY', path: tty, plain };
  if (tty !== undefined || tcp === undefined) {
    throw new CommandError('simulate takes either --tty PATH or --tcp PORT.');
  }
  const port = Number(tcp);
  if (!/^\d+$/.test(tcp) || port > 65_535) throw new CommandError('--tcp takes a port from 0 to 65535.');
  return { kind: 'TCP', port, plain };
}

function addresses(machines: string): number[] {
  const count = Number(machines);
  if (!Number.isInteger(count) || count < 1 || count > 127)
    throw new CommandError('--machines takes 1 to 127.');
  return Array.from({ length: count }, (_, at) => at + 1);
}
