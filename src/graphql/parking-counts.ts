import { freeOf } from '../parking/lot.ts';
import { countParking, type LotCounts } from '../parking/lot-counts.ts';
import { canSeeLots } from '../parking/policy.ts';
import { builder } from './builder.ts';
import { HealthType } from './health.ts';
import { oncePerContext } from './per-context.ts';
import { ApiInfo } from './platform.ts';
import { StatsType } from './stats.ts';

/** How full the parking lots of the venue are, beside how the server is doing. */

const ParkingCountsType = builder.objectRef<LotCounts>('ParkingCounts').implement({
  description: 'How full the open parking lots of a venue are together, all of one instant.',
  fields: (t) => ({
    lots: t.exposeInt('lots', { description: 'How many there are.' }),
    capacity: t.exposeInt('capacity', { description: 'How many cars they take.' }),
    occupied: t.exposeInt('occupied', { description: 'How many stand there.' }),
    reserved: t.exposeInt('reserved', {
      description: 'How many places are reserved now by who has not come yet.',
    }),
    free: t.int({ description: '`capacity` − `occupied` − `reserved`.', resolve: freeOf }),
  }),
});

/** One look at the lots for all who ask in an operation. */
const parkingNow = oncePerContext((context): Promise<LotCounts> | null => {
  const { rights, db, now } = context;
  if (!('venueId' in rights) || !context.scopes.has('PARKING_READ') || !canSeeLots(rights, rights.venueId))
    return null;
  return countParking(db, { venueId: rights.venueId, now });
});

const WHO = 'of the caller’s venue; null to who may not see them (PARKING_READ)';

builder.objectField(HealthType, 'parking', (t) =>
  t.field({
    type: ParkingCountsType,
    nullable: true,
    complexity: 10,
    description: `The parking lots ${WHO}.`,
    resolve: (_health, _args, context) => parkingNow(context),
  }),
);

builder.objectField(StatsType, 'parking', (t) =>
  t.field({
    type: ParkingCountsType,
    nullable: true,
    complexity: 10,
    description: `The parking lots ${WHO}.`,
    resolve: (_stats, _args, context) => parkingNow(context),
  }),
);

builder.objectField(ApiInfo, 'freeParkingPlaces', (t) =>
  t.int({
    nullable: true,
    complexity: 10,
    description: `How many more cars the open parking lots take ${WHO}.`,
    resolve: async (_info, _args, context) => {
      const counts = await parkingNow(context);
      return counts && freeOf(counts);
    },
  }),
);
