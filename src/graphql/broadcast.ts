import { IdempotencyMismatchError, NotFoundError, ValidationError } from '../lib/errors.ts';
import { MAX_JSON_DEPTH } from '../lib/json.ts';
import { UnknownChannelError } from '../notification/channel-errors.ts';
import { type ChannelMessage, MAX_DATA_BYTES } from '../notification/channel-message.ts';
import { broadcastMessage } from '../notification/channel-service.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { ChannelMessageType } from './channel-message-type.ts';
import { parseChannelName } from './channel-name.ts';
import './domain-errors.ts';
import { errorType } from './error-type.ts';
import { decodeIdOf } from './ids.ts';
import { principalKeyOf } from './rate-limits.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';

/** What became of messages, over all processes. */
export interface Deliveries {
  /** To how many subscriptions it was handed, as soon as every process has said, or two seconds later. */
  readonly delivered: (message: Pick<ChannelMessage, 'id' | 'sentAt'>) => Promise<number>;
}

declare module './context.ts' {
  interface Services {
    readonly deliveries: Deliveries;
  }
}

errorType(UnknownChannelError, {
  name: 'UnknownChannelError',
  description:
    'The name is no channel’s, or that of somebody whose channel is not for the caller: both are answered alike. Code WS_007.',
});

interface Sent {
  readonly message: ChannelMessage;
  readonly isReplay: boolean;
}

const BroadcastSuccessType = builder.objectRef<Sent>('BroadcastSuccess').implement({
  description: 'It is said: whoever follows the channel gets it, once.',
  fields: (t) => ({
    success: t.boolean({ description: successDescription, resolve: () => true }),
    message: t.string({ description: messageDescription, resolve: () => 'The message was sent.' }),
    channelMessage: t.field({
      type: ChannelMessageType,
      description: 'What was said. Its `delivered` is the number below.',
      resolve: ({ message }) => ({ ...message, isNew: true as const }),
    }),
    delivered: t.int({
      description:
        'To how many subscriptions of all processes it was handed; 0 when nobody listens. Asking for it waits until every process has said, at most two seconds; `ChannelMessage.delivered` tells later what one that was slower handed over.',
      resolve: ({ message }, _args, { deliveries }) => deliveries.delivered(message),
    }),
    isReplay: t.exposeBoolean('isReplay', {
      description: 'Whether it was said before by this idempotency key, and nothing was sent now.',
    }),
  }),
});

const BroadcastInput = builder.inputType('BroadcastInput', {
  description:
    'What is said, and to whom: at most one of `channel`, `userId` and `deviceId`; without any, to the venue.',
  fields: (t) => ({
    type: t.string({
      required: true,
      description:
        'What kind of message it is, for those who follow to tell it by: a letter and at most 63 letters, digits and . _ : / - (ValidationError).',
    }),
    data: t.field({
      type: 'JSON',
      description: `Any JSON, at most ${MAX_DATA_BYTES} bytes and ${MAX_JSON_DEPTH} levels; it comes out as it goes in. Whole numbers beyond 2^53 − 1 are sent as texts (ValidationError). Null without it.`,
    }),
    channel: t.string({
      description: 'The name of a channel: everybody who follows it gets it (UnknownChannelError).',
    }),
    userId: t.id({ description: 'One person of the venue, on his own channel (NotFoundError).' }),
    deviceId: t.id({ description: 'One device of the venue, on its own channel (NotFoundError).' }),
    idempotencyKey: t.string({
      description:
        'The caller’s own name for this message, 1 to 200 printable ASCII characters: whoever asks again by it is told what was said then, and nothing is sent. With other input it is an IdempotencyMismatchError. Kept for at least 7 days.',
    }),
  }),
});

builder.mutationField('broadcast', (t) =>
  t.field({
    type: BroadcastSuccessType,
    nullable: true,
    authScopes: { anyScope: ['CHANNELS_BROADCAST', 'DEVICE'] },
    description:
      'Says something on a channel, to whoever follows it now, and to who resumes behind an earlier cursor. Counted by `rateLimit { broadcastsPerUser }` (API_005). Needs CHANNELS_BROADCAST, or DEVICE for the device’s own channel; one that is not for the caller to speak on is AUTH_004 too.',
    args: { input: t.arg({ type: BroadcastInput, required: true, description: 'What, and to whom.' }) },
    errors: {
      types: [IdempotencyMismatchError, NotFoundError, UnknownChannelError, ValidationError],
      directResult: true,
    },
    resolve: async (_root, { input }, context) => {
      const { type, data = null, channel, userId, deviceId, idempotencyKey } = input;
      const venueId = venueIdOf(context);
      await context.rateLimits.take('BROADCASTS_PER_USER', principalKeyOf(context.actor) ?? 'unknown');
      const broadcast = {
        venueId,
        type,
        data,
        channel: channel == null ? null : parseChannelName(venueId, channel),
        userId: userId == null ? null : decodeIdOf('User', userId),
        deviceId: deviceId == null ? null : decodeIdOf('Device', deviceId),
        idempotencyKey: idempotencyKey ?? null,
      };
      return await context.runWork(context.actor, (work) => broadcastMessage(work, broadcast));
    },
  }),
);
