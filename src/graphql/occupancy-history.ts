import { ValidationError } from '../lib/errors.ts';
import { freeOf } from '../parking/lot.ts';
import { type HistoryStep, listHistory } from '../parking/occupancy-history-store.ts';
import { builder } from './builder.ts';
import { wholeMinutes } from './duration.ts';
import { ParkingLotType } from './parking-lot-type.ts';

const MAX_STEPS = 1_000;
const DEFAULT_MS = 24 * 3_600_000;
const MINUTE_MS = 60_000;

const OccupancyStepType = builder.objectRef<HistoryStep>('OccupancyStep').implement({
  description: 'How full a parking lot was in a part of the past.',
  fields: (t) => ({
    startsAt: t.expose('startsAt', { type: 'DateTime', description: 'Where the step begins.' }),
    capacity: t.exposeInt('capacity', { description: 'How many cars it took, at the end of the step.' }),
    occupied: t.exposeInt('occupied', { description: 'How many cars stood there, at the end of the step.' }),
    reserved: t.exposeInt('reserved', {
      description: 'How many places were reserved by who had not come, at the end of the step.',
    }),
    free: t.int({
      description: '`capacity` − `occupied` − `reserved`, at the end of the step.',
      resolve: freeOf,
    }),
    minFree: t.exposeInt('minFree', {
      description: 'The fewest places that were free at the end of any minute of the step.',
    }),
  }),
});

builder.objectField(ParkingLotType, 'occupancyHistory', (t) =>
  t.field({
    type: [OccupancyStepType],
    nullable: true,
    complexity: { field: 10, multiplier: 10 },
    description: `How full it was, the oldest step first; steps before anything is known of it are left out. At most ${MAX_STEPS} steps (API_001). Kept for PARKING_HISTORY_RETENTION.`,
    args: {
      from: t.arg({
        type: 'DateTime',
        description: 'From this minute on; 24 hours before `to` without it.',
      }),
      to: t.arg({
        type: 'DateTime',
        description: 'The last step ends then at the latest; now without it.',
      }),
      interval: t.arg({
        type: 'Duration',
        required: true,
        defaultValue: 3_600,
        description: 'How long a step is, whole minutes (API_001).',
      }),
    },
    resolve: async ({ id: lotId, venueId }, { interval, ...range }, { db, now }) => {
      const stepMinutes = wholeMinutes('interval', interval);
      const to = range.to ?? now;
      const since = range.from ?? new Date(to.getTime() - DEFAULT_MS);
      const from = new Date(Math.floor(since.getTime() / MINUTE_MS) * MINUTE_MS);
      if (stepMinutes < 1) throw new ValidationError('interval takes PT1M or more.', { field: 'interval' });
      if (from >= to) throw new ValidationError('from lies before to.', { field: 'from' });
      if (to.getTime() - from.getTime() > MAX_STEPS * stepMinutes * MINUTE_MS)
        throw new ValidationError(`At most ${MAX_STEPS} steps lie between from and to.`, {
          field: 'interval',
        });
      return [...(await listHistory(db, venueId, { lotId, from, to, stepMinutes }))];
    },
  }),
);
