import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { system } from '../lib/actor.ts';
import type { Logger } from '../lib/logger.ts';
import { startWakeable, type Wakeable } from '../lib/wakeable.ts';
import { BILL_ACCEPTOR_OFF, BILL_ACCEPTOR_ON, SHUTDOWN, STARTUP } from '../sas/codec/long-polls/control.ts';
import type { SasHost } from '../sas/host/host.ts';
import type { RunWork } from '../work.ts';
import type { CommandResult, MachineCommand } from './command.ts';
import { finishCommand } from './command-service.ts';
import { listOpenCommands } from './command-store.ts';
import type { Machine, SasLine } from './machine.ts';
import { findMachine } from './store.ts';

/** A lost wake-up costs at most this. */
const IDLE_MS = 1_000;

const POLLS = {
  LOCK: SHUTDOWN,
  UNLOCK: STARTUP,
  ENABLE_BILL_ACCEPTOR: BILL_ACCEPTOR_ON,
  DISABLE_BILL_ACCEPTOR: BILL_ACCEPTOR_OFF,
} as const;

export interface CommandRunnerOptions {
  readonly line: SasLine;
  readonly host: SasHost;
  readonly db: Kysely<Database>;
  readonly runWork: RunWork;
  readonly logger: Logger;
}

/**
 * Executes the durable commands of one line: in order for each machine, side by side for
 * several. A command cut off by a crash is still open and is executed again: every one of them
 * may be repeated.
 */
export function startCommandRunner({ line, host, db, runWork, logger }: CommandRunnerOptions): Wakeable {
  const underWay = new Map<string, Promise<void>>();
  const onError = (error: unknown) =>
    logger.warn({ err: error, line: line.name }, 'command not executed yet');

  const loop = startWakeable({
    idleMs: IDLE_MS,
    onError,
    async run() {
      for (const command of await listOpenCommands(db, line.venueId, line.id)) {
        if (underWay.has(command.machineId)) continue;
        underWay.set(command.machineId, executeAndLook(command));
      }
      return 'idle';
    },
  });

  /** The same machine's next command waits for the next look. */
  async function executeAndLook(command: MachineCommand): Promise<void> {
    let again = true;
    await execute(command).catch((error: unknown) => {
      again = false;
      onError(error);
    });
    underWay.delete(command.machineId);
    if (again) loop.wake();
  }

  async function execute(command: MachineCommand): Promise<void> {
    const machine = await findMachine(db, command.venueId, command.machineId);
    if (!machine) return;
    const result = await send(host, machine.address, command);
    await runWork(system('sas'), (work) => finishCommand(work, command, result));
    logger.info(
      { line: line.name, machine: machine.name, command: command.kind, result },
      'command executed',
    );
  }

  return {
    wake: loop.wake,
    async [Symbol.asyncDispose]() {
      await loop[Symbol.asyncDispose]();
      await Promise.all(underWay.values());
    },
  };
}

async function send(host: SasHost, address: number, { kind }: MachineCommand): Promise<CommandResult> {
  if (kind === 'READ_METERS') {
    const wasRead = await host.readMeters(address);
    return wasRead ? { done: true, attempts: 1 } : { done: false, failure: 'OFFLINE', attempts: 1 };
  }
  const sent = await host.execute(address, POLLS[kind], {});
  if (sent.outcome === 'ACK' || sent.outcome === 'DATA') return { done: true, attempts: sent.attempts };
  return { done: false, failure: sent.outcome, attempts: sent.attempts };
}

/**
 * Tells a machine that came back what it has to be: one that was locked or whose bill acceptor
 * was off may have been replaced or cleared meanwhile.
 */
export function reassertState(host: SasHost, machine: Machine | null): void {
  if (machine?.lock) void host.execute(machine.address, SHUTDOWN, {});
  if (machine?.billAcceptorEnabled === false) void host.execute(machine.address, BILL_ACCEPTOR_OFF, {});
}
