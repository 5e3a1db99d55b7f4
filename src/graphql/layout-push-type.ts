import { NotFoundError } from '../lib/errors.ts';
import { grouped } from '../lib/grouped.ts';
import type { LayoutPush, LayoutPushStatus } from '../signage/layout-push.ts';
import { findPushesByIds, listWaitingPushes } from '../signage/layout-push-store.ts';
import { canSeeSignage } from '../signage/policy.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { DeviceType, MANY_DEVICES } from './device-type.ts';
import { foundOrNull, listFound } from './found.ts';
import { encodeGlobalId } from './ids.ts';
import { LayoutType, seesWork } from './layout-type.ts';
import { EventActorType } from './log-event.ts';
import { perContext } from './per-context.ts';

const LayoutPushStatusEnum = builder.enumType('LayoutPushStatus', {
  description: 'What became of a push. Clients must survive values they do not know.',
  values: {
    WAITING: { description: 'Its time is to come.' },
    DONE: { description: 'Screens were told.' },
    CANCELLED: { description: 'It was called off.' },
  } satisfies Record<LayoutPushStatus, { description: string }>,
});

export const LayoutPushType = builder.loadableNodeRef<LayoutPush, never, string, string>('LayoutPush', {
  id: { resolve: ({ id }: LayoutPush) => id },
  load: loadPushes,
});

LayoutPushType.implement({
  description: 'A push that is made at a time. Seen by who may see the signage of the venue.',
  fields: (t) => ({
    layoutId: t.globalID({
      description: 'Of which layout: what is its newest revision then.',
      resolve: ({ layoutId }) => ({ type: 'Layout', id: layoutId }),
    }),
    layout: t.field({
      type: LayoutType,
      nullable: true,
      description: 'The layout; null when it was deleted.',
      resolve: ({ layoutId }, _args, context) => foundOrNull(LayoutType.getDataloader(context), layoutId),
    }),
    deviceIds: t.idList({
      nullable: true,
      description: 'To which devices; null: to every one the layout was pushed to before.',
      resolve: ({ deviceIds }) => deviceIds?.map((id) => encodeGlobalId('Device', id)),
    }),
    devices: t.field({
      type: [DeviceType],
      nullable: true,
      description:
        'The devices of `deviceIds`, without those that the caller may not see; null: every one the layout was pushed to before.',
      complexity: MANY_DEVICES,
      resolve: ({ deviceIds }, _args, context) =>
        deviceIds && listFound(DeviceType.getDataloader(context), deviceIds),
    }),
    at: t.expose('dueAt', { type: 'DateTime', description: 'When.' }),
    status: t.expose('status', { type: LayoutPushStatusEnum, description: 'What became of it.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was planned.' }),
    createdBy: t.expose('createdBy', { type: EventActorType, description: 'Who planned it.' }),
  }),
});

builder.objectField(LayoutType, 'scheduledPushes', (t) =>
  t.field({
    type: [LayoutPushType],
    description: 'What is to be pushed of it, the soonest first; at most 100. None to a device.',
    resolve: async ({ id }, _args, context) =>
      seesWork(context) ? [...((await waitingOf(context).load(id)) ?? [])] : [],
  }),
);

/** By the id of a layout: what is to be pushed of it. */
const waitingOf = perContext(async ({ db, rights }, layoutIds) =>
  grouped(await listWaitingPushes(db, venueIdOf({ rights }), layoutIds), ({ layoutId }) => layoutId),
);

async function loadPushes(ids: readonly string[], context: Context): Promise<(LayoutPush | NotFoundError)[]> {
  const { db, viewer, scopes } = context;
  const venueId = venueIdOf(context);
  const maySee = scopes.has('SIGNAGE_READ') && canSeeSignage(viewer, venueId);
  const found = maySee ? await findPushesByIds(db, venueId, ids) : [];
  const byId = new Map(found.map((push) => [push.id, push]));
  return ids.map((id) => byId.get(id) ?? new NotFoundError('push'));
}
