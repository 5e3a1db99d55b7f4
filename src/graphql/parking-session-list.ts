import type { ParkingSession } from '../parking/session.ts';
import { countSessions, listSessions } from '../parking/session-store.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { decodeIdOf } from './ids.ts';
import { resolvePage } from './page.ts';
import { whoseOf } from './parking-reservation-list.ts';
import { ParkingSessionType, SessionStatusEnum } from './parking-session-type.ts';

const ParkingSessionConnection = builder.connectionObject(
  {
    type: ParkingSessionType,
    name: 'ParkingSessionConnection',
    description: 'One page of stays by their beginning, the latest first.',
  },
  { name: 'ParkingSessionEdge' },
);

builder.queryField('parkingSessions', (t) =>
  t.connection(
    {
      type: ParkingSessionType,
      nullable: true,
      authScopes: { scope: 'PARKING_READ' },
      description:
        'Stays by beginning, the latest first: all of the venue to who oversees parking, and a PLAYER’s own to himself. Needs PARKING_READ (AUTH_004).',
      args: {
        userId: t.arg.id({
          description: 'Only those of this user. Another’s, asked by a PLAYER, is an empty list.',
        }),
        lotId: t.arg.id({ description: 'Only on this lot.' }),
        status: t.arg({ type: SessionStatusEnum, description: 'Only those that stand like this.' }),
        from: t.arg({ type: 'DateTime', description: 'Only those that end later, or have not ended.' }),
        to: t.arg({ type: 'DateTime', description: 'Only those that began earlier.' }),
      },
      resolve: (_root, { userId, lotId, status, from, to, ...args }, context) => {
        const { db, now } = context;
        const venueId = venueIdOf(context);
        const { isEmpty, ...whose } = whoseOf(context, userId);
        const filter = {
          ...whose,
          lotId: lotId == null ? null : decodeIdOf('ParkingLot', lotId),
          status: status ?? null,
          from: from ?? null,
          to: to ?? null,
        };
        return resolvePage(args, {
          keyOf: ({ startedAt, id }: ParkingSession) => ({ at: startedAt, id }),
          load: async (range) => (isEmpty ? [] : await listSessions(db, venueId, { filter, range, now })),
          count: async () => (isEmpty ? 0 : await countSessions(db, venueId, { filter, now })),
        });
      },
    },
    ParkingSessionConnection,
  ),
);
