import type { Timers } from '../client/timers.ts';
import type { CommandOutcome, PlayedCommand } from './command.ts';
import { DeskError, type PlayerDesk } from './desk.ts';
import { ACKNOWLEDGE } from './documents.ts';

/** A command that was done. */
export interface DoneCommand extends CommandOutcome {
  readonly commandId: string;
  /** Whether the server knows. */
  readonly isReported: boolean;
}

/** Does what the player is told, each command once, and says what came of it. */
export interface CommandDesk {
  hear(command: PlayedCommand): void;
  /** Says what could not be said yet. */
  hurry(): void;
  stop(): void;
}

export interface CommandDeskOptions {
  readonly desk: PlayerDesk;
  readonly timers: Timers;
  readonly execute: (command: PlayedCommand) => CommandOutcome;
  /** From before the player was switched off, the oldest first. */
  readonly done: readonly DoneCommand[];
  /** Told whenever these are others. */
  readonly onDone: (done: readonly DoneCommand[]) => void;
  readonly onError: (error: unknown) => void;
}

/** What was done longer ago is told no more. */
const REMEMBERED = 100;
const RETRY_MS = 2_000;

export function createCommandDesk(options: CommandDeskOptions): CommandDesk {
  const { desk, timers, execute, onDone, onError } = options;
  let { done } = options;
  const begun = new Set<string>();
  let isReporting = false;
  let isOver = false;
  let cancel = () => {};

  const acknowledge = async (commandId: string, said: object) => {
    const request = { query: ACKNOWLEDGE, variables: { input: { commandId, ...said } } };
    try {
      await desk.ask('acknowledgeCommand', request);
    } catch (error) {
      // It was too late for it: there is nothing more to be said.
      if (!(error instanceof DeskError)) throw error;
      return false;
    }
    return true;
  };
  const keep = (changed: readonly DoneCommand[]) => {
    done = changed.slice(-REMEMBERED);
    onDone(done);
  };

  async function run(command: PlayedCommand): Promise<void> {
    if (!(await acknowledge(command.id, { state: 'ACKNOWLEDGED' })) || isOver) return;
    keep([...done, { ...execute(command), commandId: command.id, isReported: false }]);
    await report();
  }

  async function report(): Promise<void> {
    cancel();
    if (isReporting || isOver) return;
    isReporting = true;
    try {
      for (let next = firstUnsaid(); next && !isOver; next = firstUnsaid()) {
        const { commandId, isReported: _, ...said } = next;
        await acknowledge(commandId, said);
        keep(done.map((each) => (each.commandId === commandId ? { ...each, isReported: true } : each)));
      }
    } catch (error) {
      onError(error);
      if (!isOver) cancel = timers.after(RETRY_MS, () => void report());
    } finally {
      isReporting = false;
    }
  }

  const firstUnsaid = () => done.find(({ isReported }) => !isReported);

  return {
    hear(command) {
      const isDone = done.some(({ commandId }) => commandId === command.id);
      if (isDone || begun.has(command.id)) return void report();
      begun.add(command.id);
      run(command)
        // The server did not hear that the player has it, and tells it again.
        .catch(onError)
        .finally(() => begun.delete(command.id));
    },
    hurry: () => void report(),
    stop() {
      isOver = true;
      cancel();
    },
  };
}
