import { ValidationError } from '../lib/errors.ts';
import { type Histogram, quantile } from '../lib/histogram.ts';
import { channelOfKey } from '../notification/channel.ts';
import type { ChannelCount } from '../realtime/connection-store.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { channelName } from './channel-name.ts';

/** What is open at a venue in all processes, and what the one that answers does for subscriptions. */
export interface RealtimeStats {
  readonly processes: number;
  readonly sockets: number;
  readonly streams: number;
  readonly operations: number;
  readonly subscriptions: number;
  /** Those of the venue that somebody follows, the most followed first, so many at most. */
  readonly channels: (limit: number) => Promise<readonly ChannelCount[]>;
  readonly fanOut: FanOutStats;
}

/** Subscriptions of one process, those of all venues. What is no state is counted from its start. */
export interface FanOutStats {
  readonly subscriptions: number;
  readonly byField: ReadonlyMap<string, number>;
  readonly groups: number;
  readonly executions: number;
  readonly deliveries: number;
  readonly slowClosed: number;
  readonly conflated: number;
  /** How long after its change each frame of an event was written, in milliseconds. */
  readonly delays: Histogram;
}

const FollowedFieldType = builder.objectRef<readonly [string, number]>('FollowedField').implement({
  description: 'How many subscriptions to one field are open.',
  fields: (t) => ({
    field: t.string({ description: 'The field of `Subscription`.', resolve: ([field]) => field }),
    count: t.int({ description: 'How many.', resolve: ([, count]) => count }),
  }),
});

const ChannelCountType = builder.objectRef<ChannelCount>('ChannelCount').implement({
  description: 'How many follow one channel.',
  fields: (t) => ({
    name: t.string({
      description: 'The name of the channel, as `Channel.name` has it.',
      resolve: ({ channel }, _args, context) => nameOfKey(venueIdOf(context), channel),
    }),
    subscribers: t.exposeInt('subscribers', { description: 'Subscriptions that follow it.' }),
  }),
});

const nameOfKey = (venueId: string, key: string): string => {
  const channel = channelOfKey(key);
  return channel ? channelName(venueId, channel) : key;
};

const MAX_CHANNELS = 1_000;

const DELAY_OF =
  'of the last five minutes was written, in milliseconds from when its change was made; null when there was none. Frames of those who catch up, and of states, are not among them.';

const FanOutStatsType = builder.objectRef<FanOutStats>('FanOutStats').implement({
  description: 'The subscriptions of the process that answers, for all venues.',
  fields: (t) => ({
    subscriptions: t.exposeInt('subscriptions', { description: 'Subscriptions open now.' }),
    byField: t.field({
      type: [FollowedFieldType],
      description: 'The same by what they follow, the most followed first.',
      resolve: ({ byField }) => [...byField].filter(([, count]) => count > 0).sort((a, b) => b[1] - a[1]),
    }),
    groups: t.exposeInt('groups', {
      description: 'How many different ones there are: equal ones are executed together.',
    }),
    executions: t.field({
      type: 'BigInt',
      description: 'Operations executed for an event or a state, since the process started.',
      resolve: ({ executions }) => BigInt(executions),
    }),
    deliveries: t.field({
      type: 'BigInt',
      description: 'Frames written to subscribers, since the process started.',
      resolve: ({ deliveries }) => BigInt(deliveries),
    }),
    slowClosed: t.field({
      type: 'BigInt',
      description:
        'Subscriptions ended because they were read too slowly (WS_004), since the process started.',
      resolve: ({ slowClosed }) => BigInt(slowClosed),
    }),
    conflated: t.field({
      type: 'BigInt',
      description: 'Changes of state left out for a newer one, since the process started.',
      resolve: ({ conflated }) => BigInt(conflated),
    }),
    p50DeliveryMs: t.float({
      nullable: true,
      description: `Within what time half of the frames ${DELAY_OF}`,
      resolve: ({ delays }) => quantile(0.5, delays.recent()),
    }),
    p99DeliveryMs: t.float({
      nullable: true,
      description: `Within what time 99 of 100 frames ${DELAY_OF}`,
      resolve: ({ delays }) => quantile(0.99, delays.recent()),
    }),
  }),
});

export const RealtimeStatsType = builder.objectRef<RealtimeStats>('RealtimeStats').implement({
  description: 'Sockets and streams, as each process counted them about a second ago.',
  fields: (t) => ({
    processes: t.exposeInt('processes', { description: 'How many processes serve the installation.' }),
    totalConnections: t.int({
      description:
        'Sockets and streams open for people, devices and partners of the venue, in all processes: as many as `realtimeConnections` lists.',
      resolve: ({ sockets, streams }) => sockets + streams,
    }),
    sockets: t.exposeInt('sockets', { description: 'Those of them that are WebSockets.' }),
    streams: t.exposeInt('streams', { description: 'Those of them that are server-sent events.' }),
    operations: t.exposeInt('operations', {
      description: 'Operations under way on them, subscriptions most of all.',
    }),
    subscriptions: t.exposeInt('subscriptions', { description: 'Those of them that are subscriptions.' }),
    channels: t.field({
      type: [ChannelCountType],
      nullable: true,
      description:
        'The channels of the venue that somebody follows, in all processes, the most followed first.',
      args: {
        first: t.arg.int({
          required: true,
          defaultValue: 100,
          description: `How many at most, 1 to ${MAX_CHANNELS} (API_001).`,
        }),
      },
      resolve: ({ channels }, { first }) => {
        if (first < 1 || first > MAX_CHANNELS)
          throw new ValidationError(`first takes 1 to ${MAX_CHANNELS}.`, { field: 'first' });
        return channels(first).then((counts) => [...counts]);
      },
    }),
    fanOut: t.expose('fanOut', {
      type: FanOutStatsType,
      description: 'How changes reach those who follow them.',
    }),
  }),
});
