import type { Kysely } from 'kysely';
import type { Connection } from '../db/database.ts';
import type { Database } from '../db/schema.ts';
import type { LoggedEvent, Signal } from './events.ts';
import { createFeed, type Feed } from './feed.ts';
import { watchIdentity } from './identity-watch.ts';
import { startListener } from './listener.ts';
import { settleLogIdentity } from './log.ts';
import { createFloorPubSub, type Pump, startPump } from './pubsub.ts';
import type { RedisConnection } from './redis.ts';
import { startSequencer } from './sequencer.ts';
import { startSignals } from './signals.ts';
import { createStreams, type Streams } from './stream.ts';
import { startTail } from './tail.ts';

/** The log as one process takes part in it: sequencing, following, and what subscriptions read. */
export interface EventLog extends AsyncDisposable {
  /** Which log it is: every process of the installation has the same, and no other installation. */
  readonly id: string;
  readonly streams: Streams;
  /** Hears each event of the log once, in order, in this process. */
  readonly events: Pump<LoggedEvent>;
  /** Tells whoever follows this state, in every process. */
  readonly signal: (signal: Signal) => void;
  /** To be called after a commit that left events: they need not wait for the next look. */
  readonly committed: () => void;
  /** Everything up to here was published in this process. */
  readonly position: () => bigint;
  /** Who listens, and what is in memory. */
  readonly feed: Feed;
  /**
   * Has each event go through this before any subscriber of this process hears of it. When it throws,
   * it is called again and nothing later is delivered meanwhile.
   */
  readonly beforePublish: (prepare: Prepare) => void;
  /**
   * Resolves when the database has become another one, such as a standby that took over: what this process knows of
   * the log is not true there, so it tells nothing any more and is to be started anew.
   */
  readonly replaced: Promise<void>;
}

/** What it answers is waited for. */
type Prepare = (event: LoggedEvent) => Promise<void> | null;

/** On which `sequence_outbox` tells that the log has grown (migration 0002). */
const CHANNEL = 'floorwire_log';

export async function startEventLog(options: {
  readonly db: Kysely<Database>;
  readonly connection: Connection;
  /** Carries signals and wake-ups between processes; without it PostgreSQL does. */
  readonly redis?: RedisConnection | null;
  readonly onError: (error: unknown) => void;
}): Promise<EventLog> {
  const { db, connection, redis = null, onError } = options;
  // Before anything runs that a failure would leave behind.
  const identity = await settleLogIdentity(db);
  const standing = watchIdentity(db, identity);
  const pubsub = createFloorPubSub();
  const events = startPump(pubsub.subscribe('log'));
  let prepare: Prepare = () => null;
  const tail = await startTail({
    db,
    log: identity,
    isSame: standing.isSame,
    onAnother: standing.doubt,
    beforePublish: (event) => prepare(event),
    publish: (published) => pubsub.publish('log', published),
    onError,
  });
  const feed = createFeed(events, { log: identity, start: tail.position });
  const signals = startSignals({
    db,
    connection,
    redis,
    log: identity,
    pubsub,
    position: () => tail.position,
    hurry() {
      sequencer.wake();
      tail.wake();
    },
    onWake: tail.wake,
    onError,
  });
  const sequencer = startSequencer({
    db,
    onMoved() {
      tail.wake();
      // PostgreSQL has told the others itself.
      if (redis) signals.wakeOthers();
    },
    onError,
  });
  const listener = startListener({
    connection,
    channel: CHANNEL,
    onNotify: tail.wake,
    onConnected: standing.confirm,
    onListening: tail.wake,
    onLost: standing.doubt,
    onError,
  });

  return {
    id: identity,
    streams: createStreams({
      db,
      log: identity,
      feed,
      signals: signals.heard,
      signalsLost: signals.lost,
      rightsApplied: signals.rightsApplied,
    }),
    events,
    signal: signals.send,
    committed: sequencer.wake,
    position: () => tail.position,
    feed,
    beforePublish: (given) => {
      prepare = given;
    },
    replaced: standing.replaced,
    async [Symbol.asyncDispose]() {
      await sequencer[Symbol.asyncDispose]();
      // Each has a connection of its own, which a PostgreSQL that hangs lets go of after a second.
      await Promise.all([listener, signals].map((each) => each[Symbol.asyncDispose]()));
      await tail[Symbol.asyncDispose]();
      await events[Symbol.asyncDispose]();
    },
  };
}
