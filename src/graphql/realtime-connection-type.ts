import { NotFoundError } from '../lib/errors.ts';
import { channelOfKey } from '../notification/channel.ts';
import type { RealtimeConnection, Transport } from '../realtime/connection.ts';
import { findVisibleConnections } from '../realtime/connection-service.ts';
import { ApiKeyType } from './api-key-type.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { channelName } from './channel-name.ts';
import type { Context } from './context.ts';
import { DeviceType } from './device-type.ts';
import { foundOrNull } from './found.ts';
import { seenUser, UserType } from './user.ts';

const TransportEnum = builder.enumType('RealtimeTransport', {
  description: 'How somebody is connected.',
  values: {
    WEBSOCKET: { description: 'A WebSocket, for any number of operations.' },
    SSE: { description: 'A stream of server-sent events, for one subscription.' },
  } satisfies Record<Transport, { description: string }>,
});

/** Whoever may not see a connection does not find it. */
export const RealtimeConnectionType = builder.loadableNodeRef('RealtimeConnection', {
  id: { resolve: ({ id }: RealtimeConnection) => id },
  load: loadConnections,
});

RealtimeConnectionType.implement({
  description:
    'A WebSocket or stream that is open on behalf of somebody, in whichever process. Seen by ADMIN, OPERATOR and AUDITOR of the venue. One is listed within about a second; that of a process that died is gone after 15 seconds.',
  fields: (t) => ({
    transport: t.expose('transport', { type: TransportEnum, description: 'How it is connected.' }),
    user: t.field({
      type: UserType,
      nullable: true,
      description: 'Whose it is; null when it is no person’s, or he is not to be seen from this venue.',
      resolve: ({ holder }, _args, context) => (holder.kind === 'user' ? seenUser(context, holder.id) : null),
    }),
    device: t.field({
      type: DeviceType,
      nullable: true,
      description: 'The device it is open for; null when it is for none.',
      resolve: ({ holder }, _args, context) =>
        holder.kind === 'device' ? foundOrNull(DeviceType.getDataloader(context), holder.id) : null,
    }),
    apiKey: t.field({
      type: ApiKeyType,
      nullable: true,
      description:
        'The key a partner system opened it with; null for what is no partner’s, and for who may not see the keys of the venue.',
      resolve: ({ holder }, _args, context) =>
        holder.kind === 'partner' ? foundOrNull(ApiKeyType.getDataloader(context), holder.id) : null,
    }),
    address: t.exposeString('address', {
      nullable: true,
      description: 'The network address it comes from, as far as it is known.',
    }),
    userAgent: t.exposeString('userAgent', {
      nullable: true,
      description: 'What the client says it is, at most 256 characters.',
    }),
    connectedAt: t.expose('connectedAt', { type: 'DateTime', description: 'Since when it is open.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When the token it was opened with, or last renewed with, ends, and it with it; null for what does not end by itself.',
    }),
    operations: t.exposeInt('operations', {
      description: 'Operations under way on it, about a second ago.',
    }),
    subscriptions: t.exposeInt('subscriptions', { description: 'Those of them that are subscriptions.' }),
    channels: t.stringList({
      description: 'The channels that those follow, by name as `Channel.name` has it, each once.',
      resolve: ({ venueId, channels }) =>
        [...new Set(channels)].flatMap((key) => {
          const channel = channelOfKey(key);
          return channel ? [channelName(venueId, channel)] : [];
        }),
    }),
  }),
});

async function loadConnections(
  ids: readonly string[],
  context: Context,
): Promise<(RealtimeConnection | NotFoundError)[]> {
  const found = await findVisibleConnections(context.read, venueIdOf(context), ids);
  const byId = new Map(found.map((connection) => [connection.id, connection]));
  return ids.map((id) => byId.get(id) ?? new NotFoundError('connection'));
}
