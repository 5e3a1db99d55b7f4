import type { Timers } from '../client/timers.ts';

/** Tells the server again and again that the player is there. */
export interface Heartbeat {
  /** At once, and not again before it is due after that. */
  beat(): void;
  stop(): void;
}

/** Until the server has said how often. */
const RETRY_MS = 5_000;

/** @param report answers how long to wait until the next, in milliseconds */
export function startHeartbeat(
  report: () => Promise<number>,
  { timers, onError }: { readonly timers: Timers; readonly onError: (error: unknown) => void },
): Heartbeat {
  let cancel = () => {};
  let isOver = false;
  let isReporting = false;

  async function beat(): Promise<void> {
    if (isReporting || isOver) return;
    cancel();
    isReporting = true;
    const waitMs = await report().catch((error: unknown) => {
      onError(error);
      return RETRY_MS;
    });
    isReporting = false;
    if (!isOver) cancel = timers.after(waitMs, () => void beat());
  }

  return {
    beat: () => void beat(),
    stop() {
      isOver = true;
      cancel();
    },
  };
}
