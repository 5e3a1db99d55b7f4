import type { Kysely } from 'kysely';
import type { Connection } from '../db/database.ts';
import type { Database } from '../db/schema.ts';
import { startNotifyCarrier } from './carrier.ts';
import type { Signal } from './events.ts';
import { type FloorPubSub, type Pump, startPump } from './pubsub.ts';
import { type RedisConnection, startRedisCarrier } from './redis.ts';
import { startSignalBus } from './signal-bus.ts';
import { startSignalGate } from './signal-gate.ts';

/** State signals as one process takes part in them. */
export interface Signals extends AsyncDisposable {
  /** Hears what any process says, once nobody is shown by it what is no longer for him. */
  readonly heard: Pump<Signal>;
  /** Hears that signals were lost: state has to be read again. */
  readonly lost: Pump<null>;
  /** Resolves once nobody would be shown by what was read before what is no longer for him. */
  rightsApplied(): Promise<void>;
  send(signal: Signal): void;
  /** Tells the other processes that the log has grown. */
  wakeOthers(): void;
}

export interface SignalsOptions {
  readonly db: Kysely<Database>;
  readonly connection: Connection;
  /** Null: PostgreSQL carries them. */
  readonly redis: RedisConnection | null;
  /** Processes that share it hear each other, also where other logs share the Redis. */
  readonly log: string;
  readonly pubsub: FloorPubSub;
  /** Up to where the log has been applied in this process. */
  readonly position: () => bigint;
  /** Called while signals wait for the log. */
  readonly hurry: () => void;
  /** Another process says that the log has grown. */
  readonly onWake: () => void;
  readonly onError: (error: unknown) => void;
}

export function startSignals(options: SignalsOptions): Signals {
  const { db, connection, redis, log, pubsub, position, hurry, onWake, onError } = options;
  const heard = startPump(pubsub.subscribe('signal'));
  const lost = startPump(pubsub.subscribe('signalsLost'));
  const gate = startSignalGate({
    db,
    position,
    hurry,
    isHeard: () => heard.listeners > 0,
    publish: (signal) => pubsub.publish('signal', [signal]),
    onError,
  });
  const bus = startSignalBus({
    startCarrier: (carrier) =>
      redis
        ? startRedisCarrier(redis, `floorwire:signals:${log}`, carrier)
        : startNotifyCarrier(connection, carrier),
    onSignal: gate.push,
    onWake,
    onLost: () => pubsub.publish('signalsLost', [null]),
    onError,
  });
  return {
    heard,
    lost,
    rightsApplied: gate.applied,
    send(signal) {
      gate.push(signal);
      bus.send(signal);
    },
    wakeOthers: bus.wakeOthers,
    async [Symbol.asyncDispose]() {
      await bus[Symbol.asyncDispose]();
      await gate[Symbol.asyncDispose]();
      await Promise.all([heard[Symbol.asyncDispose](), lost[Symbol.asyncDispose]()]);
    },
  };
}
