import type { ConflictReason, SeriesConflict } from '../booking/series.ts';
import { builder } from './builder.ts';
import { SlotType, slotThen } from './slot-type.ts';

const ReasonEnum = builder.enumType('SeriesConflictReason', {
  description: 'Why a slot of a series cannot be had. Clients must survive values they do not know.',
  values: {
    TAKEN: { description: 'Others have it, or the venue has blocked it.' },
    NO_SLOT: { description: 'The resource is not open then, or has no slot that begins then.' },
    NOT_BOOKABLE: { description: 'It is over, or the resource is closed.' },
  } satisfies Record<ConflictReason, { description: string }>,
});

export const SeriesConflictType = builder
  .objectRef<SeriesConflict & { readonly resourceId: string }>('SeriesConflict')
  .implement({
    description: 'A time of a series that cannot be had.',
    fields: (t) => ({
      startsAt: t.expose('startsAt', { type: 'DateTime', description: 'When its slot would begin.' }),
      slot: t.field({
        type: SlotType,
        nullable: true,
        description: 'The slot as it is now; null where the resource has none then.',
        resolve: (conflict, _args, context) => slotThen(conflict, context),
      }),
      why: t.expose('why', { type: ReasonEnum, description: 'Why it could not be had when it was tried.' }),
    }),
  });
