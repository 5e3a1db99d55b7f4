import { blockSlots, unblockSlots } from '../booking/block-service.ts';
import type { Block } from '../booking/block-store.ts';
import { SlotUnavailableError } from '../booking/errors.ts';
import { NotFoundError, NotOwnerError, ValidationError } from '../lib/errors.ts';
import './booking-errors.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { decodeIdOf } from './ids.ts';
import { ResourceType } from './resource-type.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';

const SlotBlockType = builder.objectRef<Block>('SlotBlock').implement({
  description: 'Time of a resource that the venue has taken out.',
  fields: (t) => ({
    id: t.globalID({
      description: 'Opaque global id, for `unblockSlots`.',
      resolve: ({ id }) => ({ type: 'SlotBlock', id }),
    }),
    resource: t.field({
      type: ResourceType,
      description: 'Of what.',
      resolve: ({ resourceId }) => resourceId,
    }),
    startsAt: t.expose('startsAt', { type: 'DateTime', description: 'From when on.' }),
    endsAt: t.expose('endsAt', { type: 'DateTime', description: 'Until when.' }),
    reason: t.exposeString('reason', { nullable: true, description: 'Why.' }),
  }),
});

const answerOf = (name: string, { description, message }: { description: string; message: string }) =>
  builder.objectRef<Block>(name).implement({
    description,
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({ description: messageDescription, resolve: () => message }),
      block: t.field({ type: SlotBlockType, description: 'The block.', resolve: (block) => block }),
    }),
  });

const BlockSlotsInput = builder.inputType('BlockSlotsInput', {
  description: 'What time of a resource is taken out.',
  fields: (t) => ({
    resourceId: t.id({ required: true, description: 'Of which resource.' }),
    startsAt: t.field({ type: 'DateTime', required: true, description: 'From when on.' }),
    endsAt: t.field({
      type: 'DateTime',
      required: true,
      description: 'Until when: later, not in the past, 1096 days at most (ValidationError).',
    }),
    reason: t.string({ description: 'Why, in 1 to 200 characters.' }),
  }),
});

builder.mutationField('blockSlots', (t) =>
  t.field({
    type: answerOf('BlockSlotsSuccess', {
      description: 'Nothing of that time can be booked.',
      message: 'The time is blocked.',
    }),
    nullable: true,
    authScopes: { scope: 'BOOKINGS_MANAGE' },
    description:
      'Takes time of a resource out, whole slots or not. What is booked or held in it has to be cancelled first (SlotUnavailableError). Needs BOOKINGS_MANAGE (AUTH_004).',
    args: { input: t.arg({ type: BlockSlotsInput, required: true, description: 'What time.' }) },
    errors: {
      types: [ValidationError, NotFoundError, NotOwnerError, SlotUnavailableError],
      directResult: true,
    },
    resolve: (_root, { input }, context) => {
      const resourceId = decodeIdOf('Resource', input.resourceId);
      return context.runWork(context.actor, (work) =>
        blockSlots(work, {
          ...input,
          venueId: venueIdOf(context),
          resourceId,
          reason: input.reason ?? null,
        }),
      );
    },
  }),
);

const UnblockSlotsInput = builder.inputType('UnblockSlotsInput', {
  description: 'Which block is taken away.',
  fields: (t) => ({
    blockId: t.id({ required: true, description: '`SlotBlock.id`, or `Slot.blockId`.' }),
  }),
});

builder.mutationField('unblockSlots', (t) =>
  t.field({
    type: answerOf('UnblockSlotsSuccess', {
      description: 'The time can be booked again.',
      message: 'The time is not blocked any more.',
    }),
    nullable: true,
    authScopes: { scope: 'BOOKINGS_MANAGE' },
    description: 'Gives time back that was taken out. Needs BOOKINGS_MANAGE (AUTH_004).',
    args: { input: t.arg({ type: UnblockSlotsInput, required: true, description: 'Which.' }) },
    errors: { types: [NotFoundError, NotOwnerError], directResult: true },
    resolve: (_root, { input }, context) => {
      const blockId = decodeIdOf('SlotBlock', input.blockId);
      return context.runWork(context.actor, (work) =>
        unblockSlots(work, { venueId: venueIdOf(context), blockId }),
      );
    },
  }),
);
