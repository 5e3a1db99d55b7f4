import { NotFoundError, NotOwnerError, ValidationError, VersionConflictError } from '../lib/errors.ts';
import { inField } from '../lib/in-field.ts';
import { LayoutNotPublishedError } from '../signage/layout-errors.ts';
import type { Schedule } from '../signage/schedule.ts';
import { removeSchedule, saveSchedule } from '../signage/schedule-service.ts';
import { countSchedules, listSchedules, type ScheduleFilter } from '../signage/schedule-store.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import './layout-errors.ts';
import { decodeIdOf } from './ids.ts';
import { resolvePage } from './page.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';
import { conditionOf, daysOf, SaveScheduleInput } from './schedule-input.ts';
import { ScheduleType } from './schedule-type.ts';
import { targetsOf } from './screen-targets.ts';

const ScheduleConnection = builder.connectionObject(
  { type: ScheduleType, name: 'ScheduleConnection', description: 'One page of schedules, the newest first.' },
  { name: 'ScheduleEdge' },
);

builder.queryField('schedules', (t) =>
  t.connection(
    {
      type: ScheduleType,
      nullable: true,
      authScopes: { scope: 'SIGNAGE_READ' },
      description: 'The schedules of the venue, the newest first. Needs SIGNAGE_READ (AUTH_004).',
      args: {
        layoutId: t.arg.id({ description: 'Only those of this layout.' }),
        deviceId: t.arg.id({ description: 'Only those that mean this screen, by whatever way.' }),
        enabled: t.arg.boolean({ description: 'Only those that are in force, or that are not.' }),
      },
      resolve: (_root, { layoutId, deviceId, enabled, ...args }, context) => {
        const { db } = context;
        const venueId = venueIdOf(context);
        const filter: ScheduleFilter = {
          layoutId: layoutId == null ? null : decodeIdOf('Layout', layoutId),
          deviceId: deviceId == null ? null : decodeIdOf('Device', deviceId),
          isEnabled: enabled ?? null,
        };
        return resolvePage(args, {
          keyOf: ({ createdAt, id }: Schedule) => ({ at: createdAt, id }),
          load: (range) => listSchedules(db, venueId, { filter, range }),
          count: () => countSchedules(db, venueId, filter),
        });
      },
    },
    ScheduleConnection,
  ),
);

interface Saved {
  readonly schedule: Schedule;
  readonly isRemoved: boolean;
}

const SaveScheduleSuccessType = builder.objectRef<Saved>('SaveScheduleSuccess').implement({
  description: 'The schedule as it is from now on, or as it was when it was removed.',
  fields: (t) => ({
    success: t.boolean({ description: successDescription, resolve: () => true }),
    message: t.string({
      description: messageDescription,
      resolve: ({ isRemoved }) => (isRemoved ? 'The schedule was removed.' : 'The schedule was saved.'),
    }),
    schedule: t.field({
      type: ScheduleType,
      description: 'The schedule.',
      resolve: ({ schedule }) => schedule,
    }),
    removed: t.exposeBoolean('isRemoved', { description: 'Whether it is gone.' }),
  }),
});

builder.mutationField('saveSchedule', (t) =>
  t.field({
    type: SaveScheduleSuccessType,
    nullable: true,
    authScopes: { scope: 'SIGNAGE_WRITE' },
    description:
      'Makes a schedule, changes one, or removes it. Its screens show at once what it has them show now; `effectiveLayout` says why. What changes nothing leaves the version as it is. A venue has 500 at most (ValidationError). Needs SIGNAGE_WRITE (AUTH_004).',
    args: {
      input: t.arg({ type: SaveScheduleInput, required: true, description: 'What is to hold.' }),
    },
    errors: {
      types: [ValidationError, NotFoundError, NotOwnerError, VersionConflictError, LayoutNotPublishedError],
      directResult: true,
    },
    resolve: async (_root, { input }, context): Promise<Saved> => {
      const { remove: isRemoved, enabled, layoutId, targets, days, condition, ...given } = input;
      const scheduleId = input.scheduleId == null ? null : decodeIdOf('Schedule', input.scheduleId);
      const ofIt = { venueId: venueIdOf(context), expectedVersion: input.expectedVersion ?? null };
      if (isRemoved && scheduleId === null)
        throw new ValidationError('scheduleId says what is to be removed.', { field: 'scheduleId' });
      const saved = {
        ...given,
        ...ofIt,
        scheduleId,
        isEnabled: enabled,
        layoutId: layoutId == null ? null : decodeIdOf('Layout', layoutId),
        targets: targets && targetsOf(targets),
        days: days && daysOf(days),
        condition: condition && inField('condition', () => conditionOf(condition)),
      };
      const schedule = await context.runWork(context.actor, (work) =>
        isRemoved && scheduleId !== null
          ? removeSchedule(work, { ...ofIt, scheduleId })
          : saveSchedule(work, saved),
      );
      return { schedule, isRemoved };
    },
  }),
);
