import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { system } from '../lib/actor.ts';
import type { Logger } from '../lib/logger.ts';
import { startWakeable, type Wakeable } from '../lib/wakeable.ts';
import { BILL_ACCEPTOR_OFF, SHUTDOWN } from '../sas/codec/long-polls/control.ts';
import type { RunWork } from '../work.ts';
import { type CommandResult, isOnceOnly, type MachineCommand } from './command.ts';
import { sendCommand } from './command-sending.ts';
import { finishCommand } from './command-service.ts';
import { listOpenCommands, markBegun } from './command-store.ts';
import type { LineIngest } from './ingest.ts';
import { isAt, type Machine, type SasLine } from './machine.ts';
import { findMachine } from './store.ts';

const NOT_SAID: CommandResult = { done: false, failure: 'OFFLINE', attempts: 0 };
/** A lost wake-up costs at most this. */
const IDLE_MS = 1_000;

export interface CommandRunnerOptions {
  readonly line: SasLine;
  readonly machines: readonly Machine[];
  readonly ingest: Pick<LineIngest, 'host' | 'restarting' | 'askAnew' | 'metersWritten'>;
  readonly db: Kysely<Database>;
  readonly runWork: RunWork;
  readonly logger: Logger;
}

export interface CommandRunner extends Wakeable {
  /**
   * A machine answers again. One that is locked, or whose bill acceptor is off, is told so anew: it may
   * have been replaced or cleared meanwhile. It takes its turn among the machine's commands, so an
   * unlocking under way is not undone.
   */
  reassert(machineId: string): void;
}

/**
 * Executes the durable commands of one line: in order for each machine, side by side for
 * several. A command cut off by a crash is still open and is executed again, unless it must not be
 * repeated: then it is in doubt.
 */
export function startCommandRunner(options: CommandRunnerOptions): CommandRunner {
  const { line, machines, db, runWork, logger } = options;
  const { host, askAnew } = options.ingest;
  const addresses = new Map(machines.map(({ id, address }) => [id, address]));
  const underWay = new Map<string, Promise<void>>();
  const returned = new Set<string>();
  const onError = (error: unknown) =>
    logger.warn({ err: error, line: line.name }, 'command not executed yet');

  const loop = startWakeable({
    idleMs: IDLE_MS,
    onError,
    async run() {
      for (const machineId of returned) begin(machineId, () => reassert(machineId));
      for (const command of await listOpenCommands(db, line.venueId, line.id))
        begin(command.machineId, () => execute(command));
      return 'idle';
    },
  });

  /** One thing at a time for each machine: the next waits for the next look. */
  function begin(machineId: string, task: () => Promise<void>): void {
    if (!underWay.has(machineId)) underWay.set(machineId, runAndLook(machineId, task));
  }

  async function runAndLook(machineId: string, task: () => Promise<void>): Promise<void> {
    let again = true;
    await task().catch((error: unknown) => {
      again = false;
      onError(error);
    });
    underWay.delete(machineId);
    if (again) loop.wake();
  }

  async function reassert(machineId: string): Promise<void> {
    const machine = await findMachine(db, line.venueId, machineId);
    returned.delete(machineId);
    if (!machine || !isHere(machine)) return;
    if (machine.lock) await host.execute(machine.address, SHUTDOWN, {});
    if (machine.billAcceptorEnabled === false) await host.execute(machine.address, BILL_ACCEPTOR_OFF, {});
  }

  /** Where it was before, another may be by now; and where it is, another may have been. */
  const isHere = (machine: Machine) =>
    isAt(machine, { lineId: line.id, address: addresses.get(machine.id) ?? 0 });

  async function execute(command: MachineCommand): Promise<void> {
    const machine = await findMachine(db, command.venueId, command.machineId);
    if (!machine) return;
    const result = await say(command, machine);
    await runWork(system('sas'), (work) => finishCommand(work, command, result));
    if (command.kind === 'RESTART' && result.done) askAnew(machine.address);
    logger.info(
      { line: line.name, machine: machine.name, command: command.kind, result },
      'command executed',
    );
  }

  async function say(command: MachineCommand, machine: Machine): Promise<CommandResult> {
    const isFirst =
      !isOnceOnly(command.kind) ||
      (await runWork(system('sas'), (work) => markBegun(work.tx, command, work.now)));
    if (!isFirst) return { done: false, failure: 'IN_DOUBT', attempts: 0 };
    return isHere(machine) ? await sendCommand(options, machine.address, command) : NOT_SAID;
  }

  return {
    wake: loop.wake,
    reassert(machineId) {
      returned.add(machineId);
      loop.wake();
    },
    async [Symbol.asyncDispose]() {
      await loop[Symbol.asyncDispose]();
      await Promise.all(underWay.values());
    },
  };
}
