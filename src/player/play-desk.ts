import type { Timers } from '../client/timers.ts';
import { DeskError, type PlayerDesk } from './desk.ts';
import { PLAYS } from './documents.ts';
import type { Play } from './play-log.ts';

/** Tells the server what was shown: many at a time, in order, and again until it has said that it knows. */
export interface PlayDesk {
  add(plays: readonly Play[]): void;
  /** Tells at once what waits. */
  hurry(): void;
  stop(): void;
}

export interface PlayDeskOptions {
  readonly desk: PlayerDesk;
  readonly timers: Timers;
  /** Unlike any other of the same device. */
  readonly newId: () => string;
  /** From before the player was switched off, the oldest first. */
  readonly waiting: readonly Play[];
  /** Told whenever these are others. */
  readonly onWaiting: (waiting: readonly Play[]) => void;
  readonly onError: (error: unknown) => void;
}

/** What the server takes at a time. */
const MAX_BATCH = 500;
/** Of a player that is cut off for longer the oldest are forgotten. */
const MAX_WAITING = 10_000;
/** Less up to half by chance: many screens change at the same instant. */
const WAIT_MS = 60_000;
const RETRY_MS = 5_000;

export function createPlayDesk(options: PlayDeskOptions): PlayDesk {
  const { desk, timers, newId, onWaiting, onError } = options;
  let { waiting } = options;
  let batch: { readonly batchId: string; readonly plays: readonly Play[] } | null = null;
  let isReporting = false;
  let isOver = false;
  let cancel: (() => void) | null = null;

  const keep = (changed: readonly Play[]) => {
    waiting = changed;
    onWaiting(waiting);
  };
  const wait = (delayMs: number) => {
    if (!isOver) cancel ??= timers.after(delayMs, () => void report());
  };

  async function report(): Promise<void> {
    cancel?.();
    cancel = null;
    if (isReporting || isOver) return;
    isReporting = true;
    try {
      while (waiting.length > 0 && !isOver) await tellNext();
    } catch (error) {
      onError(error);
      wait(RETRY_MS);
    } finally {
      isReporting = false;
    }
  }

  /** The same again, by the same number, until it is known to have come. */
  async function tellNext(): Promise<void> {
    batch ??= { batchId: newId(), plays: waiting.slice(0, MAX_BATCH) };
    const told = new Set(batch.plays.map(({ playId }) => playId));
    try {
      await desk.ask('reportPlays', { query: PLAYS, variables: { input: batch } });
    } catch (error) {
      // It does not take them, and never will.
      if (!(error instanceof DeskError)) throw error;
      onError(error);
    }
    batch = null;
    keep(waiting.filter(({ playId }) => !told.has(playId)));
  }

  return {
    add(plays) {
      if (plays.length === 0) return;
      keep([...waiting, ...plays].slice(-MAX_WAITING));
      wait(WAIT_MS * (0.5 + timers.random() / 2));
    },
    hurry: () => void report(),
    stop() {
      isOver = true;
      cancel?.();
    },
  };
}
