import { ValidationError } from '../lib/errors.ts';
import { listMeterHistory, type MeterHistoryPoint } from '../machine/meter-store.ts';
import { builder } from './builder.ts';
import { MachineType } from './machine-type.ts';
import { MeterCodeEnum } from './meter-type.ts';

const METER_HISTORY_LIMIT = 1_000;
const HISTORY_DEFAULT_MS = 24 * 3_600_000;

const MeterIntervalEnum = builder.enumType('MeterInterval', {
  description: 'Over how long a step of the history sums up.',
  values: {
    READING: { value: 0, description: 'Each reading that changed the meter.' },
    MINUTE: { value: 60, description: 'One minute.' },
    HOUR: { value: 3_600, description: 'One hour.' },
    DAY: { value: 86_400, description: '24 hours from midnight UTC.' },
  },
});

const MeterHistoryPointType = builder.objectRef<MeterHistoryPoint>('MeterHistoryPoint').implement({
  description: 'One step in the history of a meter.',
  fields: (t) => ({
    code: t.field({ type: MeterCodeEnum, description: 'Which meter.', resolve: ({ code }) => code }),
    at: t.expose('at', { type: 'DateTime', description: 'Where the interval begins, or when it was read.' }),
    value: t.expose('value', { type: 'BigInt', description: 'The raw value at the end of the interval.' }),
    delta: t.expose('delta', {
      type: 'BigInt',
      description:
        'The sum of the differences, roll-overs included. What was counted across a reset is not in it.',
    }),
    resets: t.exposeInt('resets', {
      description: 'How many of its readings told no difference: the first one, and resets.',
    }),
  }),
});

builder.objectField(MachineType, 'meterHistory', (t) =>
  t.field({
    type: [MeterHistoryPointType],
    nullable: true,
    description: `How meters moved, the oldest step first; at most ${METER_HISTORY_LIMIT} steps from \`from\` on. Kept for METER_RETENTION.`,
    complexity: { field: 10, multiplier: 10 },
    args: {
      codes: t.arg({
        type: [MeterCodeEnum],
        required: true,
        description: 'Which meters, 1 to 20 (API_001).',
      }),
      from: t.arg({
        type: 'DateTime',
        description: 'From this instant on; 24 hours before `to` without it.',
      }),
      to: t.arg({ type: 'DateTime', description: 'Before this instant; now without it.' }),
      interval: t.arg({
        type: MeterIntervalEnum,
        required: true,
        defaultValue: 3_600,
        description: 'How long a step is.',
      }),
    },
    resolve: async ({ id, venueId }, { codes, interval, ...range }, { db, now }) => {
      if (codes.length > 20) throw new ValidationError('codes takes at most 20 meters.', { field: 'codes' });
      const to = range.to ?? now;
      const from = range.from ?? new Date(to.getTime() - HISTORY_DEFAULT_MS);
      if (from > to) throw new ValidationError('from takes an instant before to.', { field: 'from' });
      const points = await listMeterHistory(db, venueId, {
        machineId: id,
        codes,
        from,
        to,
        intervalSeconds: interval || null,
        limit: METER_HISTORY_LIMIT,
      });
      return [...points];
    },
  }),
);
