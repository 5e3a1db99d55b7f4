import { NotFoundError } from '../lib/errors.ts';
import { type ChannelKind, channelKey } from '../notification/channel.ts';
import { type ChannelMessage, MAX_DATA_BYTES } from '../notification/channel-message.ts';
import { canFollowChannel } from '../notification/channel-policy.ts';
import { isLent, lentChannels } from '../notification/channel-service.ts';
import { findMessagesByIds } from '../notification/channel-store.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { deliveriesOf } from './channel-loaders.ts';
import { channelName } from './channel-name.ts';
import type { Context } from './context.ts';
import { EventActorType } from './log-event.ts';

export const ChannelKindEnum = builder.enumType('ChannelKind', {
  description: 'Whose a channel is.',
  values: {
    VENUE: { description: 'The venue’s: everybody of it follows it without asking.' },
    USER: { description: 'One person’s, which he follows without asking.' },
    DEVICE: { description: 'One device’s, which it follows without asking.' },
    CUSTOM: { description: 'One of those that every venue has, followed by name.' },
  } satisfies Record<ChannelKind, { description: string }>,
});

/** A message of the list, one that was sent just now, or of a stream; then with its place in the log. */
export type ShownMessage = ChannelMessage & { readonly cursor?: string; readonly isNew?: true };

export const ChannelMessageType = builder.loadableNodeRef<ShownMessage, never, string, string>(
  'ChannelMessage',
  {
    id: { resolve: ({ id }: ShownMessage) => id },
    load: loadMessages,
  },
);

ChannelMessageType.implement({
  description: 'Something said on a channel. Seen by whoever may follow the channel.',
  fields: (t) => ({
    channel: t.string({
      description: 'The name of the channel it was said on.',
      resolve: ({ venueId, channel }) => channelName(venueId, channel),
    }),
    kind: t.field({
      type: ChannelKindEnum,
      description: 'Whose channel that is.',
      resolve: ({ channel }) => channel.kind,
    }),
    type: t.exposeString('type', {
      description:
        'What kind of message it is, in the words of who sent it: a letter and at most 63 letters, digits and . _ : / -',
    }),
    data: t.field({
      type: 'JSON',
      nullable: true,
      description: `What was said: JSON as it was sent, at most ${MAX_DATA_BYTES} bytes. Keys have the order they were sent in; those that are whole numbers come first, as they do in every JSON that JavaScript reads.`,
      resolve: ({ dataText }): unknown => JSON.parse(dataText),
    }),
    sender: t.field({
      type: EventActorType,
      description: 'Who said it.',
      resolve: ({ sender }) => sender,
    }),
    sentAt: t.expose('sentAt', { type: 'DateTime', description: 'When it was said.' }),
    delivered: t.int({
      nullable: true,
      description:
        'To how many subscriptions of all processes it was handed when it was sent; whoever resumes later gets it too and is not counted. Shown with REALTIME_READ or CHANNELS_BROADCAST, null to others, and on a frame of a subscription, where it is on its way.',
      resolve: async (message, _args, context) => {
        if (message.cursor !== undefined || !mayCount(context)) return null;
        if (message.isNew) return await context.deliveries.delivered(message);
        return (await deliveriesOf(context).load(message.id)) ?? 0;
      },
    }),
    cursor: t.field({
      type: 'Cursor',
      nullable: true,
      description: 'On a frame of a subscription: resume behind it with `after`. Null in lists.',
      resolve: ({ cursor }) => cursor,
    }),
  }),
});

/** Who is told how many listen. */
export const mayCount = ({ scopes }: Pick<Context, 'scopes'>): boolean =>
  scopes.has('REALTIME_READ') || scopes.has('CHANNELS_BROADCAST');

async function loadMessages(
  ids: readonly string[],
  context: Context,
): Promise<(ChannelMessage | NotFoundError)[]> {
  const venueId = venueIdOf(context);
  const found = context.scopes.has('CHANNELS_READ') ? await findMessagesByIds(context.db, venueId, ids) : [];
  const { actor, read, heldDevices } = context;
  const channels = found.map(({ channel }) => channel);
  const lent = await lentChannels(read, venueId, { channels, heldDevices });
  const seen = found.filter(
    ({ channel, sentAt: at }) =>
      canFollowChannel(actor, venueId, channel) || isLent(lent, { channel: channelKey(channel), at }),
  );
  const byId = new Map(seen.map((message) => [message.id, message]));
  return ids.map((id) => byId.get(id) ?? new NotFoundError('message'));
}
