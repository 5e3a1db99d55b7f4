import { setImmediate } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { startWakeable, type Wakeable } from '../lib/wakeable.ts';
import type { LoggedEvent } from './events.ts';
import { readHead, readLog } from './log.ts';

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
  /** Awaited before an event is published: what it takes away is gone before anything later is seen. */
  readonly beforePublish: (event: LoggedEvent) => Promise<void> | void;
  readonly publish: (event: LoggedEvent) => void;
  readonly onError: (error: unknown) => void;
}): Promise<Tail> {
  let position = await readHead(options.db);

  const loop = startWakeable({
    idleMs: IDLE_MS,
    onError: options.onError,
    async run() {
      const events = await readLog(options.db, { after: position, limit: BATCH });
      for (const event of events) {
        await options.beforePublish(event);
        options.publish(event);
        position = event.position;
      }
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
