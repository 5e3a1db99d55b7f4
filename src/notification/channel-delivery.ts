import { setTimeout as pause } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { startWakeable } from '../lib/wakeable.ts';
import { type Delivery, putDeliveries, readDelivery, type Untold } from './channel-delivery-store.ts';
import type { ChannelMessage } from './channel-message.ts';

/** What became of messages, over all processes. */
export interface DeliveryDesk extends AsyncDisposable {
  /** That this process handed a message to so many subscriptions; also when there were none. */
  report(delivery: Delivery): void;
  /**
   * To how many subscriptions a message was handed: waits until every process has said, but no longer than two
   * seconds, and tells then what is known. A process that has kept one waiting is not waited for again before it is
   * heard of: it may have died.
   */
  delivered(message: Pick<ChannelMessage, 'id' | 'sentAt'>): Promise<number>;
}

const WAIT_MS = 2_000;
const FIRST_LOOK_MS = 5;
const SLOWEST_LOOK_MS = 100;
/** Until what could not be written is tried again. */
const RETRY_MS = 1_000;
const BATCH = 1_000;

/** `processId` is the one the process is registered by. */
export function startDeliveryDesk({
  db,
  processId,
  onError,
}: {
  readonly db: Kysely<Database>;
  readonly processId: string;
  readonly onError: (error: unknown) => void;
}): DeliveryDesk {
  let waiting: Delivery[] = [];
  /** Those that have kept one waiting, and when each of them had last been heard of. */
  let silent: ReadonlyMap<string, string | null> = new Map();
  const isSilent = ({ processId: id, seenAt }: Untold) => id !== processId && silent.get(id) === seenAt;

  const loop = startWakeable({
    idleMs: RETRY_MS,
    onError,
    run: async () => ((await write()) ? 'again' : 'idle'),
  });

  /** Whether there was anything to write. */
  async function write(): Promise<boolean> {
    const batch = waiting.slice(0, BATCH);
    if (batch.length === 0) return false;
    await putDeliveries(db, processId, batch);
    waiting = waiting.slice(batch.length);
    return true;
  }

  return {
    report(delivery) {
      waiting.push(delivery);
      loop.wake();
    },
    async delivered({ id: messageId, sentAt }) {
      const endMs = performance.now() + WAIT_MS;
      for (let lookMs = FIRST_LOOK_MS; ; lookMs = Math.min(2 * lookMs, SLOWEST_LOOK_MS)) {
        const { subscriptions, untold } = await readDelivery(db, { messageId, sentAt, processId });
        if (untold.every(isSilent)) return subscriptions;
        if (performance.now() >= endMs) {
          silent = new Map(untold.map(({ processId: id, seenAt }) => [id, seenAt]));
          return subscriptions;
        }
        await pause(lookMs);
      }
    },
    async [Symbol.asyncDispose]() {
      await loop[Symbol.asyncDispose]();
      // What was handed over meanwhile.
      await write().catch(onError);
    },
  };
}
