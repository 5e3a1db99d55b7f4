import type { Timers } from '../client/timers.ts';
import type { CommandOutcome, PlayedCommand } from './command.ts';
import { DeskError, type PlayerDesk } from './desk.ts';
import { ACKNOWLEDGE } from './documents.ts';

/**
 * A command that the player was told. TAKEN: it waits for its turn. BEGUN: it is being done. DONE: the server has yet
 * to hear what came of it. OVER: there is nothing more to be said.
 */
export interface Task {
  readonly command: PlayedCommand;
  readonly state: 'TAKEN' | 'BEGUN' | 'DONE' | 'OVER';
  /** Of one that is DONE. */
  readonly outcome: CommandOutcome | null;
}

/** Does what the player is told, one after the other and each once, and says what came of it. */
export interface CommandDesk {
  hear(command: PlayedCommand): void;
  /** Tries at once what it waits to try again. */
  hurry(): void;
  stop(): void;
}

export interface CommandDeskOptions {
  readonly desk: PlayerDesk;
  readonly timers: Timers;
  readonly execute: (command: PlayedCommand) => CommandOutcome;
  /** From before the player was switched off, the oldest first. */
  readonly tasks: readonly Task[];
  /** Told whenever these are others; resolves when they outlive the player. */
  readonly onTasks: (tasks: readonly Task[]) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

/** What was over longer ago is told no more. */
const REMEMBERED = 100;
const RETRY_MS = 2_000;
/** To do it again would be to do it twice. */
const SWITCHED_OFF: CommandOutcome = {
  state: 'FAILED',
  message: 'The player was switched off meanwhile: it may have been done.',
};

export function createCommandDesk(options: CommandDeskOptions): CommandDesk {
  const { desk, timers, execute, onTasks, onError } = options;
  let tasks = options.tasks.map((task) =>
    task.state === 'BEGUN' ? { ...task, state: 'DONE' as const, outcome: SWITCHED_OFF } : task,
  );
  let saved = Promise.resolve();
  let isWorking = false;
  let isOver = false;
  let cancel = () => {};

  function keep(changed: readonly Task[]): void {
    const over = changed.filter(({ state }) => state === 'OVER');
    const forgotten = new Set(over.slice(0, Math.max(over.length - REMEMBERED, 0)));
    tasks = changed.filter((task) => !forgotten.has(task));
    saved = onTasks(tasks);
  }
  const change = ({ command }: Task, changed: Omit<Task, 'command'>) =>
    keep(tasks.map((task) => (task.command.id === command.id ? { command, ...changed } : task)));

  /** Whether it was heard in time: else there is nothing more to be said. */
  async function acknowledge({ command }: Task, said: object): Promise<boolean> {
    const request = { query: ACKNOWLEDGE, variables: { input: { commandId: command.id, ...said } } };
    try {
      await desk.ask('acknowledgeCommand', request);
    } catch (error) {
      if (!(error instanceof DeskError)) throw error;
      return false;
    }
    return true;
  }

  async function goOn(task: Task): Promise<void> {
    await saved;
    if (task.state === 'DONE') {
      await acknowledge(task, { ...task.outcome });
      return change(task, { state: 'OVER', outcome: null });
    }
    if (!(await acknowledge(task, { state: 'ACKNOWLEDGED' })))
      return change(task, { state: 'OVER', outcome: null });
    if (isOver) return;
    change(task, { state: 'BEGUN', outcome: null });
    await saved;
    change(task, { state: 'DONE', outcome: outcomeOf(task.command) });
  }

  function outcomeOf(command: PlayedCommand): CommandOutcome {
    try {
      return execute(command);
    } catch (error) {
      onError(error);
      return { state: 'FAILED', message: `This player failed at ${command.kind}.` };
    }
  }

  async function work(): Promise<void> {
    cancel();
    if (isWorking || isOver) return;
    isWorking = true;
    try {
      for (let next = firstOpen(); next && !isOver; next = firstOpen()) await goOn(next);
    } catch (error) {
      onError(error);
      if (!isOver) cancel = timers.after(RETRY_MS, () => void work());
    } finally {
      isWorking = false;
    }
  }

  const firstOpen = () => tasks.find(({ state }) => state !== 'OVER');

  return {
    hear(command) {
      const isKnown = tasks.some((task) => task.command.id === command.id);
      if (!isKnown) keep([...tasks, { command, state: 'TAKEN', outcome: null }]);
      void work();
    },
    hurry: () => void work(),
    stop() {
      isOver = true;
      cancel();
    },
  };
}
