import { Redis } from 'ioredis';
import type { Carrier, CarrierOptions } from './carrier.ts';

/** A connection to Redis, which comes back by itself when it was lost. */
export type RedisClient = Redis;

export interface RedisConnection extends AsyncDisposable {
  readonly client: RedisClient;
  /** How long it took to answer, in milliseconds; null when it does not. */
  ping(): Promise<number | null>;
}

const TIMEOUT_MS = 1_000;
const MAX_RETRY_MS = 2_000;

/** Connects in the background: a Redis that is away is seen by `ping`, and a command then fails at once. */
export function openRedis(url: string, onError: (error: unknown) => void): RedisConnection {
  const client = new Redis(url, {
    connectTimeout: TIMEOUT_MS,
    commandTimeout: TIMEOUT_MS,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (tries) => Math.min(tries * 100, MAX_RETRY_MS),
  });
  let isTold = false;
  // ioredis says it again at every try; once is enough until it answers again.
  client.on('error', (error) => {
    if (!isTold) onError(error);
    isTold = true;
  });
  client.on('ready', () => {
    isTold = false;
  });
  return {
    client,
    async ping() {
      const started = performance.now();
      try {
        await client.ping();
        return Math.round((performance.now() - started) * 100) / 100;
      } catch {
        return null;
      }
    },
    async [Symbol.asyncDispose]() {
      client.disconnect();
    },
  };
}

/** How often a connection that only listens shows that it is alive. */
const PING_MS = 5_000;

/**
 * Carries by pub/sub: on a second connection, because one that listens takes no other command. After an
 * outage it listens again by itself.
 */
export function startRedisCarrier(
  { client }: RedisConnection,
  channel: string,
  { hear, onListening, onError }: CarrierOptions,
): Carrier {
  const listening = client.duplicate({ autoResubscribe: false });
  // That Redis is away is told by the other connection.
  listening.on('error', () => {});
  listening.on('ready', () => {
    listening.subscribe(channel).then(onListening, (error) => {
      if (listening.status !== 'ready') return;
      onError(error);
      listening.disconnect(true);
    });
  });
  listening.on('message', (_channel, text) => hear(text));
  const ping = setInterval(() => {
    if (listening.status === 'ready') listening.ping().catch(() => listening.disconnect(true));
  }, PING_MS);
  return {
    async send(text) {
      await client.publish(channel, text);
    },
    async [Symbol.asyncDispose]() {
      clearInterval(ping);
      listening.disconnect();
    },
  };
}
