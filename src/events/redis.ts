import type { Redis } from 'ioredis';
import type { Carrier, CarrierOptions } from './carrier.ts';

/** A connection to Redis, which comes back by itself when it was lost. */
export type RedisClient = Redis;

/** What Redis does for this process: all it is there for, or what of it is missing. */
export type RedisStanding = 'SERVES' | 'SILENT' | 'TAKES_NO_WRITES' | 'NOT_HEARD';

export interface RedisConnection extends AsyncDisposable {
  readonly client: RedisClient;
  /** How it is now, and how long it took to find out, in milliseconds. */
  look(): Promise<{ readonly standing: RedisStanding; readonly latencyMs: number }>;
  /** Takes each text that is published on a channel, from `onListening` on. */
  listen(channel: string, options: CarrierOptions): AsyncDisposable;
}

const TIMEOUT_MS = 1_000;
/** A connection that owes an answer for so long is given up: its other end hangs or has vanished, and whoever asks waits. */
const SILENCE_MS = 2_000;
const MAX_RETRY_MS = 2_000;
/** How often a connection that only listens shows that it is alive. */
const PING_MS = 5_000;
/** As those do that count requests: a standby, and one that is full, answer whatever does not write. */
const WRITE = "redis.call('set', KEYS[1], 1, 'ex', 60)";

/** Connects in the background: a Redis that is away is seen by `look`, and a command then fails at once. */
export async function openRedis(url: string, onError: (error: unknown) => void): Promise<RedisConnection> {
  // Most do without, and it is among what takes longest to load.
  const { Redis } = await import('ioredis');
  const client = new Redis(url, {
    connectTimeout: TIMEOUT_MS,
    commandTimeout: TIMEOUT_MS,
    socketTimeout: SILENCE_MS,
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
  const ears = new Set<Ear>();

  async function standing(): Promise<RedisStanding> {
    try {
      await client.eval(WRITE, 1, 'floorwire:health');
    } catch (error) {
      return isRefusal(error) ? 'TAKES_NO_WRITES' : 'SILENT';
    }
    return [...ears].every((ear) => ear.isListening()) ? 'SERVES' : 'NOT_HEARD';
  }

  return {
    client,
    async look() {
      const started = performance.now();
      const found = await standing();
      return { standing: found, latencyMs: Math.round((performance.now() - started) * 100) / 100 };
    },
    listen(channel, options) {
      const ear = startEar(client, channel, options);
      ears.add(ear);
      return {
        [Symbol.asyncDispose]() {
          ears.delete(ear);
          return ear[Symbol.asyncDispose]();
        },
      };
    },
    async [Symbol.asyncDispose]() {
      client.disconnect();
    },
  };
}

/** What it answered, in contrast to no answer. */
const isRefusal = (error: unknown): boolean => error instanceof Error && error.name === 'ReplyError';

interface Ear extends AsyncDisposable {
  isListening(): boolean;
}

/** On a second connection, because one that listens takes no other command. After an outage it listens again by itself. */
function startEar(client: RedisClient, channel: string, { hear, onListening, onError }: CarrierOptions): Ear {
  const listening = client.duplicate({ autoResubscribe: false });
  let isListening = false;
  let isTold = false;

  async function subscribe(): Promise<void> {
    try {
      await listening.subscribe(channel);
    } catch (error) {
      // Such as a user who may not: it is tried again with the next ping, and told once.
      if (listening.status === 'ready' && !isTold) onError(error);
      isTold = listening.status === 'ready';
      return;
    }
    isListening = true;
    isTold = false;
    onListening();
  }

  // That Redis is away is told by the other connection.
  listening.on('error', () => {});
  listening.on('close', () => {
    isListening = false;
  });
  listening.on('ready', () => void subscribe());
  listening.on('message', (_channel, text) => hear(text));
  const ping = setInterval(() => {
    if (listening.status !== 'ready') return;
    // One that is not answered ends the connection.
    if (isListening) listening.ping().catch(() => {});
    else void subscribe();
  }, PING_MS);
  return {
    isListening: () => isListening,
    async [Symbol.asyncDispose]() {
      clearInterval(ping);
      listening.disconnect();
    },
  };
}

/** Carries by pub/sub. */
export function startRedisCarrier(redis: RedisConnection, channel: string, options: CarrierOptions): Carrier {
  return {
    ...redis.listen(channel, options),
    async send(text) {
      await redis.client.publish(channel, text);
    },
  };
}
