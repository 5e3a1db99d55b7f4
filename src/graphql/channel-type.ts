import { type Channel, channelKey } from '../notification/channel.ts';
import {
  countMessages,
  findLastMessageTime,
  listMessages,
  type Period,
  type Said,
} from '../notification/channel-store.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { lastMessageTimes, subscribersOf } from './channel-loaders.ts';
import { ChannelKindEnum, ChannelMessageType, mayCount, type ShownMessage } from './channel-message-type.ts';
import { channelName } from './channel-name.ts';
import type { Context } from './context.ts';
import { cursorOf, resolveLivePage } from './live-page.ts';
import type { PageArguments } from './page.ts';

const ChannelMessageConnection = builder.connectionObject(
  {
    type: ChannelMessageType,
    name: 'ChannelMessageConnection',
    description: 'One page of messages, the newest first.',
    fields: (t) => ({
      cursor: t.field({
        type: 'Cursor',
        description:
          'Go on live with the subscription `channels`: `after` this nothing is missed and nothing comes again.',
        resolve: cursorOf,
      }),
    }),
  },
  { name: 'ChannelMessageEdge' },
);

/** A channel, and what of it is shown: null for all that was said on it. */
export interface ShownChannel {
  readonly channel: Channel;
  readonly during: Period | null;
}

/** Only of channels that the caller may follow: what it shows is not asked about again. */
export const ChannelType = builder.objectRef<ShownChannel>('Channel').implement({
  description:
    'A named topic of the venue: what is said on it reaches everybody who follows it at that moment.',
  fields: (t) => ({
    name: t.string({
      description: '`venue:`, `user:` or `device:` and a global id, or the name of a custom one.',
      resolve: ({ channel }, _args, context) => channelName(venueIdOf(context), channel),
    }),
    kind: t.field({
      type: ChannelKindEnum,
      description: 'Whose it is.',
      resolve: ({ channel }) => channel.kind,
    }),
    subscribers: t.int({
      nullable: true,
      description:
        'How many subscriptions follow it in all processes, about a second ago. Shown with REALTIME_READ or CHANNELS_BROADCAST, null to others.',
      resolve: async ({ channel }, _args, context) =>
        mayCount(context) ? ((await subscribersOf(context).load(channelKey(channel))) ?? 0) : null,
    }),
    lastMessageAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the newest message that is kept was said on it; null when none is.',
      resolve: ({ channel, during }, _args, context) =>
        during
          ? findLastMessageTime(context.db, venueIdOf(context), { channel: channelKey(channel), during })
          : lastMessageTimes(context).load(channelKey(channel)),
    }),
    messages: t.connection(
      {
        type: ChannelMessageType,
        nullable: true,
        description: 'What was said on it, the newest first, as long as it is kept.',
        resolve: ({ channel, during }, args, context) =>
          messagePage(context, { channel: channelKey(channel), during }, args),
      },
      ChannelMessageConnection,
    ),
  }),
});

function messagePage(context: Context, said: Said, args: PageArguments) {
  const venueId = venueIdOf(context);
  return resolveLivePage(context.db, args, (tx) => ({
    keyOf: ({ sentAt, id }: ShownMessage) => ({ at: sentAt, id }),
    load: (range): Promise<readonly ShownMessage[]> => listMessages(tx, venueId, { ...said, range }),
    count: () => countMessages(context.db, venueId, said),
  }));
}
