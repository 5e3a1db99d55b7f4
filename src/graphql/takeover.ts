import { NotFoundError, NotOwnerError, ValidationError } from '../lib/errors.ts';
import { LayoutNotPublishedError } from '../signage/layout-errors.ts';
import type { Takeover } from '../signage/takeover.ts';
import { endTakeover, startTakeover } from '../signage/takeover-service.ts';
import { countTakeovers, listTakeovers } from '../signage/takeover-store.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import './layout-errors.ts';
import { decodeIdOf } from './ids.ts';
import { resolvePage } from './page.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';
import { ScreenTargetsInput, targetsOf } from './screen-targets.ts';
import { TakeoverType } from './takeover-type.ts';

const TakeoverConnection = builder.connectionObject(
  { type: TakeoverType, name: 'TakeoverConnection', description: 'One page of takeovers, the latest first.' },
  { name: 'TakeoverEdge' },
);

builder.queryField('takeovers', (t) =>
  t.connection(
    {
      type: TakeoverType,
      nullable: true,
      authScopes: { scope: 'SIGNAGE_READ' },
      description: 'The takeovers of the venue, the latest first. Needs SIGNAGE_READ (AUTH_004).',
      args: {
        running: t.arg.boolean({ description: 'Only those that go on, or that are over.' }),
      },
      resolve: (_root, { running, ...args }, context) => {
        const { db, now } = context;
        const venueId = venueIdOf(context);
        const filter = { isRunning: running ?? null, now };
        return resolvePage(args, {
          keyOf: ({ startedAt, id }: Takeover) => ({ at: startedAt, id }),
          load: (range) => listTakeovers(db, venueId, { filter, range }),
          count: () => countTakeovers(db, venueId, filter),
        });
      },
    },
    TakeoverConnection,
  ),
);

const answerOf = (name: string, { description, message }: { description: string; message: string }) =>
  builder.objectRef<Takeover>(name).implement({
    description,
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({ description: messageDescription, resolve: () => message }),
      takeover: t.field({
        type: TakeoverType,
        description: 'The takeover.',
        resolve: (takeover) => takeover,
      }),
    }),
  });

const StartTakeoverInput = builder.inputType('StartTakeoverInput', {
  description: 'What is shown before everything else, and where.',
  fields: (t) => ({
    layoutId: t.id({
      required: true,
      description: 'What is shown, in its newest revision (NotFoundError, LayoutNotPublishedError).',
    }),
    targets: t.field({
      type: ScreenTargetsInput,
      required: true,
      description:
        'On which screens: those that are meant when it begins (ValidationError for none), and those that come to be meant while it goes on. None leaves it before it ends.',
    }),
    reason: t.string({
      required: true,
      description: 'Why, 1 to 200 characters (ValidationError): the staff is told.',
    }),
    endsAt: t.field({
      type: 'DateTime',
      description:
        'When it ends by itself, in the future (ValidationError); without it when somebody ends it.',
    }),
  }),
});

builder.mutationField('startTakeover', (t) =>
  t.field({
    type: answerOf('StartTakeoverSuccess', {
      description: 'The takeover, which has begun.',
      message: 'The screens are taken over.',
    }),
    nullable: true,
    authScopes: { scope: 'SIGNAGE_WRITE' },
    description:
      'Has screens show a layout before everything else, from now on: in an emergency. `Takeover.devices` tells which of them show it. Needs SIGNAGE_WRITE (AUTH_004).',
    args: { input: t.arg({ type: StartTakeoverInput, required: true, description: 'What, and where.' }) },
    errors: {
      types: [ValidationError, NotFoundError, NotOwnerError, LayoutNotPublishedError],
      directResult: true,
    },
    resolve: (_root, { input }, context) => {
      const { reason, endsAt } = input;
      const [layoutId, targets] = [decodeIdOf('Layout', input.layoutId), targetsOf(input.targets)];
      return context.runWork(context.actor, (work) =>
        startTakeover(work, {
          venueId: venueIdOf(context),
          layoutId,
          targets,
          reason,
          endsAt: endsAt ?? null,
        }),
      );
    },
  }),
);

const EndTakeoverInput = builder.inputType('EndTakeoverInput', {
  description: 'Which takeover is over.',
  fields: (t) => ({
    takeoverId: t.id({ required: true, description: 'Which (NotFoundError).' }),
  }),
});

builder.mutationField('endTakeover', (t) =>
  t.field({
    type: answerOf('EndTakeoverSuccess', {
      description: 'The takeover, which is over.',
      message: 'The takeover is over.',
    }),
    nullable: true,
    authScopes: { scope: 'SIGNAGE_WRITE' },
    description:
      'Ends a takeover: its screens show what they show without it. One that is over already stays as it is. Needs SIGNAGE_WRITE (AUTH_004).',
    args: { input: t.arg({ type: EndTakeoverInput, required: true, description: 'Which.' }) },
    errors: { types: [NotFoundError, NotOwnerError], directResult: true },
    resolve: (_root, { input }, context) => {
      const takeoverId = decodeIdOf('Takeover', input.takeoverId);
      return context.runWork(context.actor, (work) =>
        endTakeover(work, { venueId: venueIdOf(context), takeoverId }),
      );
    },
  }),
);
