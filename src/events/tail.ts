import { setImmediate } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { startWakeable, type Wakeable } from '../lib/wakeable.ts';
import type { LoggedEvent } from './events.ts';
import { readHead, readLogOf } from './log.ts';

/** PubSub holds at most 1,024 undelivered events before it throws: a batch stays well below. */
const BATCH = 256;
const IDLE_MS = 250;

export interface Tail extends Wakeable {
  /** Everything up to here has been published in this process. */
  readonly position: bigint;
}

/**
 * Follows the log from its present head and publishes each event in this process, in order.
 * One per process. Waking is a hint; it looks by itself every 250 ms.
 */
export async function startTail(options: {
  readonly db: Kysely<Database>;
  /** The log that it follows. */
  readonly log: string;
  /** Whether the log is still the one that it follows; of another it publishes nothing. */
  readonly isSame: () => Promise<boolean>;
  /** Told when it finds itself in another one, whatever `isSame` says. */
  readonly onAnother: () => void;
  /**
   * Told of each event before it is published. What it answers is waited for: what an event takes away is
   * gone before anything later is seen.
   */
  readonly beforePublish: (event: LoggedEvent) => Promise<void> | null;
  /** Takes events that follow each other. */
  readonly publish: (events: readonly LoggedEvent[]) => void;
  readonly onError: (error: unknown) => void;
}): Promise<Tail> {
  let position = await readHead(options.db);

  function publish(events: readonly LoggedEvent[]): void {
    const last = events.at(-1);
    if (!last) return;
    options.publish(events);
    position = last.position;
  }

  const loop = startWakeable({
    idleMs: IDLE_MS,
    onError: options.onError,
    async run() {
      if (!(await options.isSame())) return 'idle';
      const events = await readLogOf(options.db, { after: position, limit: BATCH, log: options.log });
      if (events === null) {
        // Who follows this log would wait for ever without a word.
        options.onAnother();
        return 'idle';
      }
      let published = 0;
      for (const [at, event] of events.entries()) {
        const prepared = options.beforePublish(event);
        if (!prepared) continue;
        publish(events.slice(published, at));
        published = at;
        await prepared;
      }
      publish(events.slice(published));
      // Subscribers' pumps take what was published before more comes.
      await setImmediate();
      return events.length === BATCH ? 'again' : 'idle';
    },
  });

  return {
    get position() {
      return position;
    },
    wake: loop.wake,
    [Symbol.asyncDispose]: () => loop[Symbol.asyncDispose](),
  };
}
