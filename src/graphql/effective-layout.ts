import type { Effective, Verdict, Weighed } from '../signage/effective.ts';
import { findEffective } from '../signage/effective-service.ts';
import { canSeeSignage } from '../signage/policy.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { DisplayCauseEnum } from './device-display.ts';
import { DeviceType } from './device-type.ts';
import { decodeIdOf } from './ids.ts';
import { LayoutRevisionType, revisionKey } from './layout-revision-type.ts';
import { ScheduleType } from './schedule-type.ts';
import { TakeoverType } from './takeover-type.ts';

const VerdictEnum = builder.enumType('LayoutVerdict', {
  description: 'What became of something that may have a screen show a layout.',
  values: {
    SHOWN: { description: 'It is what is shown.' },
    OUTWEIGHED: { description: 'It is on, and something else goes before it.' },
    NOT_NOW: { description: 'It is not its time.' },
    CONDITION_NOT_MET: { description: 'What it waits for does not hold.' },
    DISABLED: { description: 'It is not in force.' },
    LAYOUT_NOT_PUBLISHED: { description: 'Its layout cannot be shown.' },
  } satisfies Record<Verdict, { description: string }>,
});

type Caused = Pick<Weighed, 'cause' | 'causeId'>;

/** Which one it is, for who may see it; a screen is told in words only. */
const causedBy = (cause: Weighed['cause'], { viewer, ...context }: Context, caused: Caused | null) =>
  caused?.cause === cause && canSeeSignage(viewer, venueIdOf(context)) ? caused.causeId : null;

const WeighedType = builder.objectRef<Weighed>('WeighedLayout').implement({
  description: 'Something that may have a screen show a layout, and what became of it.',
  fields: (t) => ({
    cause: t.expose('cause', { type: DisplayCauseEnum, description: 'What it is.' }),
    schedule: t.field({
      type: ScheduleType,
      nullable: true,
      description: 'With cause SCHEDULE: which; null to who may not see schedules.',
      resolve: (weighed, _args, context) => causedBy('SCHEDULE', context, weighed),
    }),
    takeover: t.field({
      type: TakeoverType,
      nullable: true,
      description: 'With cause TAKEOVER: which; null to who may not see takeovers.',
      resolve: (weighed, _args, context) => causedBy('TAKEOVER', context, weighed),
    }),
    verdict: t.expose('verdict', { type: VerdictEnum, description: 'What became of it.' }),
    why: t.exposeString('why', { description: 'The same in English, with when it is on.' }),
  }),
});

const EffectiveLayoutType = builder.objectRef<Effective>('EffectiveLayout').implement({
  description: 'What a screen shall show at an instant, and why.',
  fields: (t) => ({
    device: t.field({
      type: DeviceType,
      description: 'The screen.',
      resolve: ({ deviceId }) => deviceId,
    }),
    at: t.expose('at', { type: 'DateTime', description: 'When.' }),
    layout: t.field({
      type: LayoutRevisionType,
      nullable: true,
      description: 'What it shall show; null: nothing.',
      resolve: ({ wanted }) => wanted && revisionKey(wanted),
    }),
    cause: t.field({
      type: DisplayCauseEnum,
      nullable: true,
      description: 'What has it show that; null with nothing to show.',
      resolve: ({ wanted }) => wanted?.cause,
    }),
    schedule: t.field({
      type: ScheduleType,
      nullable: true,
      description: 'With cause SCHEDULE: which; null to who may not see schedules.',
      resolve: ({ wanted }, _args, context) => causedBy('SCHEDULE', context, wanted),
    }),
    takeover: t.field({
      type: TakeoverType,
      nullable: true,
      description: 'With cause TAKEOVER: which; null to who may not see takeovers.',
      resolve: ({ wanted }, _args, context) => causedBy('TAKEOVER', context, wanted),
    }),
    reason: t.exposeString('reason', {
      description: 'Why that, and what it goes before, in English.',
    }),
    until: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When time alone may have it show something else, at most four years ahead; null: never.',
      resolve: ({ until }) => until,
    }),
    weighed: t.field({
      type: [WeighedType],
      description: 'Everything that may have it show something, what goes before first.',
      resolve: ({ weighed }) => [...weighed],
    }),
  }),
});

builder.queryField('effectiveLayout', (t) =>
  t.field({
    type: EffectiveLayoutType,
    nullable: true,
    authScopes: { anyScope: ['SIGNAGE_READ', 'DEVICE'] },
    description:
      'What a screen shall show at an instant, and why: a takeover goes before schedules, those by priority, and they before what was pushed. Of an instant to come it says what is known now: conditions and takeovers are taken to go on as they are. Needs SIGNAGE_READ (AUTH_004), or is asked by the screen itself.',
    args: {
      deviceId: t.arg.id({ required: true, description: 'Which; one that is no screen gives API_002.' }),
      at: t.arg({
        type: 'DateTime',
        description: 'When: from now to four years ahead (API_001); now without it.',
      }),
    },
    resolve: (_root, { deviceId, at }, { read, now, ...context }) =>
      findEffective(read, {
        venueId: venueIdOf(context),
        deviceId: decodeIdOf('Device', deviceId),
        at: at ?? now,
      }),
  }),
);
