import { canSeeSlots } from '../booking/policy.ts';
import { countSlotsOfToday, type SlotCounts } from '../booking/slot-counts.ts';
import { builder } from './builder.ts';
import { HealthType } from './health.ts';
import { oncePerContext } from './per-context.ts';
import { ApiInfo } from './platform.ts';
import { StatsType } from './stats.ts';

/** How full the venue is today, beside how the server is doing. */

const SlotCountsType = builder.objectRef<SlotCounts>('SlotCounts').implement({
  description:
    'How many slots the open resources of a venue have on a day. `total` is `booked` and `available`.',
  fields: (t) => ({
    date: t.expose('day', { type: 'LocalDate', description: 'Which day, by the venue’s calendar.' }),
    total: t.exposeInt('total', { description: 'How many there are.' }),
    booked: t.int({
      description: 'How many cannot be had: booked, held, offered or blocked.',
      resolve: ({ total, available }) => total - available,
    }),
    available: t.exposeInt('available', { description: 'How many can be had.' }),
  }),
});

/** One look at the day for all who ask in an operation. */
const slotsOfToday = oncePerContext((context): Promise<SlotCounts> | null => {
  const { rights, db, now } = context;
  if (!('venueId' in rights) || !context.scopes.has('BOOKINGS_READ') || !canSeeSlots(rights, rights.venueId))
    return null;
  return countSlotsOfToday(db, { venueId: rights.venueId, now });
});

const WHO = 'of the caller’s venue; null to who may not see them (BOOKINGS_READ)';

builder.objectField(HealthType, 'slots', (t) =>
  t.field({
    type: SlotCountsType,
    nullable: true,
    complexity: 10,
    description: `The slots of today ${WHO}.`,
    resolve: (_health, _args, context) => slotsOfToday(context),
  }),
);

builder.objectField(StatsType, 'slots', (t) =>
  t.field({
    type: SlotCountsType,
    nullable: true,
    complexity: 10,
    description: `The slots of today ${WHO}.`,
    resolve: (_stats, _args, context) => slotsOfToday(context),
  }),
);

builder.objectField(ApiInfo, 'bookedSlots', (t) =>
  t.int({
    nullable: true,
    complexity: 10,
    description: `How many slots of today cannot be had ${WHO}.`,
    resolve: async (_info, _args, context) => {
      const counts = await slotsOfToday(context);
      return counts && counts.total - counts.available;
    },
  }),
);
