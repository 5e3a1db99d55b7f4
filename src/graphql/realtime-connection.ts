import { NotFoundError, NotOwnerError, ValidationError } from '../lib/errors.ts';
import type { Holder, RealtimeConnection } from '../realtime/connection.ts';
import { disconnectClient } from '../realtime/connection-service.ts';
import { countConnections, listConnections } from '../realtime/connection-store.ts';
import { builder } from './builder.ts';
import './domain-errors.ts';
import { venueIdOf } from './caller.ts';
import { InvalidIdError } from './errors.ts';
import { decodeGlobalId, decodeIdOf } from './ids.ts';
import { resolvePage } from './page.ts';
import { RealtimeConnectionType } from './realtime-connection-type.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';

builder.queryField('realtimeConnections', (t) =>
  t.connection(
    {
      type: RealtimeConnectionType,
      nullable: true,
      authScopes: { scope: 'REALTIME_READ' },
      description:
        'The sockets and streams that are open for people, devices and partners of the venue, in all processes, the newest first. Needs REALTIME_READ (AUTH_004).',
      args: {
        holderId: t.arg.id({
          description:
            'Only those of this user, device or API key; of anything else there are none (API_001).',
        }),
      },
      resolve: (_root, { holderId, ...args }, context) => {
        const { db } = context;
        const venueId = venueIdOf(context);
        const holder = holderId == null ? null : parseHolder(holderId);
        return resolvePage(args, {
          keyOf: ({ connectedAt, id }: RealtimeConnection) => ({ at: connectedAt, id }),
          load: (range) => listConnections(db, venueId, { holder, range }),
          count: () => countConnections(db, venueId, holder),
        });
      },
    },
    { name: 'RealtimeConnectionConnection', description: 'One page of open connections, the newest first.' },
    { name: 'RealtimeConnectionEdge' },
  ),
);

const KIND_OF_HOLDER: Readonly<Record<string, Holder['kind']>> = {
  User: 'user',
  Device: 'device',
  ApiKey: 'partner',
};

/** @throws InvalidIdError for what opens no connections */
function parseHolder(text: string): Holder {
  const { typename, id } = decodeGlobalId(text);
  const kind = KIND_OF_HOLDER[typename];
  if (!kind)
    throw new InvalidIdError(`This is the id of a ${typename}, which opens no connections.`, { text });
  return { kind, id };
}

const DisconnectClientSuccessType = builder
  .objectRef<RealtimeConnection>('DisconnectClientSuccess')
  .implement({
    description:
      'It is being closed: with 4493, a stream with WS_006, and before anything later is sent on it.',
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({
        description: messageDescription,
        resolve: () => 'The connection is being closed.',
      }),
      connection: t.field({
        type: RealtimeConnectionType,
        description: 'The connection as it was.',
        resolve: (connection) => connection,
      }),
    }),
  });

const DisconnectClientInput = builder.inputType('DisconnectClientInput', {
  description: 'Which connection is closed, and why.',
  fields: (t) => ({
    connectionId: t.id({ required: true, description: 'One of `realtimeConnections` (NotFoundError).' }),
    reason: t.string({
      required: true,
      description:
        'Why, in 1 to 80 printable characters (ValidationError). The client is told, and it is on the audit record.',
    }),
  }),
});

builder.mutationField('disconnectClient', (t) =>
  t.field({
    type: DisconnectClientSuccessType,
    nullable: true,
    authScopes: { scope: 'REALTIME_CONTROL' },
    description:
      'Closes a socket or stream of somebody at the venue, whichever process has it; his others stay. He may connect again: `lockUser` and `revokeApiKey` keep him out. Needs REALTIME_CONTROL (AUTH_004).',
    args: {
      input: t.arg({ type: DisconnectClientInput, required: true, description: 'Which, and why.' }),
    },
    errors: { types: [NotFoundError, NotOwnerError, ValidationError], directResult: true },
    resolve: (_root, { input }, context) =>
      context.runWork(context.actor, (work) =>
        disconnectClient(work, {
          venueId: venueIdOf(context),
          connectionId: decodeIdOf('RealtimeConnection', input.connectionId),
          reason: input.reason,
        }),
      ),
  }),
);
