import type { LoggedEvent } from '../events/events.ts';
import type { StreamedEvent } from '../events/source.ts';
import { credentialOf } from '../lib/actor.ts';
import { ValidationError } from '../lib/errors.ts';
import { type Channel, channelKey, channelOfKey } from '../notification/channel.ts';
import { UnknownChannelError } from '../notification/channel-errors.ts';
import { channelOfSnapshot, MESSAGE_EVENTS } from '../notification/channel-events.ts';
import {
  canSeeAllMessages,
  followableCustomChannels,
  implicitChannels,
  sightOfImplicit,
  sightOfMessage,
} from '../notification/channel-policy.ts';
import {
  checkFollowable,
  type FindHeldDevices,
  isLent,
  type LentChannel,
} from '../notification/channel-service.ts';
import { countChannelKeys, listChannelKeys } from '../notification/channel-store.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { ChannelMessageType, type ShownMessage } from './channel-message-type.ts';
import { parseChannelName } from './channel-name.ts';
import { ChannelType, type ShownChannel } from './channel-type.ts';
import { AFTER } from './machine-event.ts';
import { type PageKeyCodec, resolvePageBy } from './page.ts';

declare module './context.ts' {
  interface Services {
    /** Who has devices for himself now. */
    readonly heldDevices: FindHeldDevices;
  }
}

const ERRORS_OF_NAMES =
  'A name that is no channel’s gives WS_007, and so does that of a person, device or venue whose channel is not for the caller, whether there is such a one or not. A custom one that is not for him gives AUTH_004: that it exists is no secret.';

builder.queryField('channel', (t) =>
  t.field({
    type: ChannelType,
    nullable: true,
    authScopes: { scope: 'CHANNELS_READ' },
    description: `One channel that the caller may follow; of that of a device which is his for a slot, what was said in the slot. ${ERRORS_OF_NAMES} Needs CHANNELS_READ (AUTH_004).`,
    args: { name: t.arg.string({ required: true, description: 'Its name.' }) },
    resolve: async (_root, { name }, context) => {
      const channel = parseChannelName(venueIdOf(context), name);
      const { read, heldDevices } = context;
      const asked = { channels: [channel], heldDevices };
      const [lent] = await checkFollowable(read, venueIdOf(context), asked);
      return { channel, during: lent?.during ?? null };
    },
  }),
);

builder.queryField('channels', (t) =>
  t.connection(
    {
      type: ChannelType,
      nullable: true,
      authScopes: { scope: 'CHANNELS_READ' },
      description:
        'The channels the caller may follow, by name: the venue’s, his own, and the custom ones that are for him; to ADMIN and AUDITOR also those of people and devices that somebody follows or that have messages. Needs CHANNELS_READ (AUTH_004).',
      resolve: (_root, args, context) => {
        const { db, actor } = context;
        const venueId = venueIdOf(context);
        const fixed = [...implicitChannels(actor), ...followableCustomChannels(actor, venueId)];
        const known = { among: fixed.map(channelKey), isWhole: canSeeAllMessages(actor, venueId) };
        return resolvePageBy(CHANNEL_KEYS, args, {
          keyOf: ({ channel }: ShownChannel) => channelKey(channel),
          load: async (range): Promise<readonly ShownChannel[]> =>
            (await listChannelKeys(db, venueId, { ...known, range })).flatMap((key) => {
              const channel = channelOfKey(key);
              return channel ? [{ channel, during: null }] : [];
            }),
          count: () => countChannelKeys(db, venueId, known),
        });
      },
    },
    { name: 'ChannelConnection', description: 'One page of channels, by name.' },
    { name: 'ChannelEdge' },
  ),
);

const CHANNEL_KEYS: PageKeyCodec<string> = {
  encode: (key) => Buffer.from(key, 'latin1').toString('base64url'),
  decode(text) {
    const key = text.length <= 80 ? Buffer.from(text, 'base64url').toString('latin1') : '';
    if (!channelOfKey(key) || CHANNEL_KEYS.encode(key) !== text)
      throw new ValidationError('This is not a cursor of this connection.');
    return key;
  },
};

const MAX_NAMES = 100;

builder.subscriptionField('channels', (t) =>
  t.field({
    type: ChannelMessageType,
    authScopes: { scope: 'CHANNELS_READ' },
    description: `What is said on channels, each message once and in order, from \`after\` or from now on. Without names it is what everybody follows without asking: the venue’s channel and the caller’s own, or the device’s. A reader that is too slow is told so (WS_004) and resumes behind its last cursor. ${ERRORS_OF_NAMES} Needs CHANNELS_READ (AUTH_004).`,
    args: {
      names: t.arg.stringList({
        description: `Exactly these, 1 to ${MAX_NAMES} (API_001): names as \`Channel.name\` has them. ADMIN and AUDITOR may name every channel of the venue, an OPERATOR those of its devices, and whose a device is that of it. So may who has booked a device for this very moment: he is told what is said during his slot, and the stream is completed when it ends.`,
      }),
      after: t.arg({ type: 'Cursor', description: AFTER }),
    },
    subscribe: async (_root, { names, after }, context) => {
      const topic = { types: MESSAGE_EVENTS, venueId: venueIdOf(context), after };
      if (!names) {
        const channels = implicitChannels(context.actor).map(channelKey);
        // Whose each message is is asked of each: readers of whatever rights are one group.
        return context.streams.events<MessageEventType>({ ...topic, channels, sightOf: sightOfImplicit });
      }
      const named = parseNames(topic.venueId, names);
      const channels = named.map(channelKey);
      const { read, heldDevices } = context;
      const lent = await checkFollowable(read, topic.venueId, { channels: named, heldDevices });
      const ends = lent.flatMap(({ during }) => during?.until.getTime() ?? []);
      return context.streams.events<MessageEventType>({
        ...topic,
        channels,
        subjects: { of: channelKeyOf, among: channels },
        sightOf: (actor, event) =>
          isLent(lent, { channel: channelKeyOf(event), at: event.at })
            ? 'SHARED'
            : sightOfMessage(actor, event),
        // What is his alone to follow, he shares with nobody; and it is over when the first of his slots is.
        ...(lent.length > 0 && { sharedBy: `${credentialOf(context.actor)} ${lent.map(loanKey).join()}` }),
        ...(ends.length > 0 && { endsAt: new Date(Math.min(...ends)) }),
      });
    },
    resolve: (event: StreamedEvent<MessageEventType>) => messageOf(event),
  }),
);

/** Which channel is lent, and when. */
const loanKey = ({ channel, during }: LentChannel): string =>
  `${channelKey(channel)} ${during ? `${during.from.getTime()}-${during.until.getTime()}` : ''}`;

type MessageEventType = (typeof MESSAGE_EVENTS)[number];

/** @throws ValidationError, UnknownChannelError */
function parseNames(venueId: string, names: readonly string[]): readonly Channel[] {
  if (names.length > MAX_NAMES)
    throw new ValidationError(`names takes at most ${MAX_NAMES} entries.`, { field: 'names' });
  return [...new Set(names)].sort().map((name) => parseChannelName(venueId, name));
}

const channelKeyOf = ({ payload }: LoggedEvent<MessageEventType>): string => {
  const channel = channelOfSnapshot(payload);
  return channel ? channelKey(channel) : '';
};

function messageOf({ venueId, payload, actor, at, cursor }: StreamedEvent<MessageEventType>): ShownMessage {
  const channel = channelOfSnapshot(payload);
  if (!channel) throw new UnknownChannelError();
  const { messageId: id, messageType: type, data: dataText } = payload;
  return { id, venueId, channel, type, dataText, sender: actor, sentAt: at, cursor };
}
