import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { Actor } from '../lib/actor.ts';
import { newId } from '../lib/ids.ts';
import type { RunWork } from '../work.ts';
import { type MachineCommand, wasNotSaid } from './command.ts';
import { type CommandRequest, requestCommand } from './command-service.ts';
import { findCommand } from './command-store.ts';
import { commandError } from './errors.ts';
import { createExpectations } from './expectations.ts';
import { demandLine } from './line-service.ts';

/** Queues commands and waits until whichever process drives the line has finished them. */
export interface CommandDesk {
  /**
   * Resolves once the machine has done it. It is queued as the caller's own work, with his request on record.
   *
   * @throws what `requestCommand` throws; MachineUnreachableError, LineUnavailableError, MachineRefusedError,
   * NotSupportedByMachineError, LineDamagedError when it was not done, or not in time
   */
  run(caller: CommandCaller, request: Omit<CommandRequest, 'id' | 'timeoutMs'>): Promise<MachineCommand>;
  /** To be called with the id of every command that the log says is finished. */
  finished(commandId: string): void;
}

export interface CommandCaller {
  readonly actor: Actor;
  readonly runWork: RunWork;
}

/** How much later than its command's expiry a caller is told, where even that is not announced. */
const GRACE_MS = 2_000;

export function createCommandDesk(options: {
  readonly db: Kysely<Database>;
  readonly timeoutMs: number;
}): CommandDesk {
  const { db, timeoutMs } = options;
  const ends = createExpectations();

  return {
    async run({ actor, runWork }, request) {
      const id = newId();
      // Before the command exists, so that no end comes too early to be heard.
      using end = ends.expect(id);
      const queued = await runWork(actor, (work) => requestCommand(work, { ...request, id, timeoutMs }));
      await end.within(timeoutMs + GRACE_MS);
      const command = await findCommand(db, queued.venueId, id);
      if (command?.state === 'SUCCEEDED') return command;
      if (command && wasNotSaid(command)) await demandLine(db, command);
      throw commandError(queued.machineId, command?.outcome ?? null, command?.attempts ?? 0);
    },
    finished: ends.happened,
  };
}
