import { NotFoundError } from '../lib/errors.ts';
import { canSeeSignage } from '../signage/policy.ts';
import { isRunning, type Takeover, type TakeoverCounts, type TakeoverReceipt } from '../signage/takeover.ts';
import { countReceipts, listReceipts } from '../signage/takeover-receipt-store.ts';
import { findTakeoversByIds } from '../signage/takeover-store.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { DeviceType } from './device-type.ts';
import { LayoutType } from './layout-type.ts';
import { EventActorType } from './log-event.ts';
import { resolvePage } from './page.ts';
import { perContext } from './per-context.ts';

const TakeoverReceiptType = builder.objectRef<TakeoverReceipt>('TakeoverReceipt').implement({
  description: 'One screen of a takeover, and what it said of it.',
  fields: (t) => ({
    device: t.field({ type: DeviceType, description: 'The screen.', resolve: ({ deviceId }) => deviceId }),
    shownAt: t.expose('shownAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it first said that it shows it; null: it has not.',
    }),
    failure: t.exposeString('failure', {
      nullable: true,
      description: 'Why it last said that it cannot; null: it has not, or does by now.',
    }),
    failedAt: t.expose('failedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it said so.',
    }),
  }),
});

const TakeoverCountsType = builder.objectRef<TakeoverCounts>('TakeoverCounts').implement({
  description: 'How the screens of a takeover stand, in numbers.',
  fields: (t) => ({
    devices: t.exposeInt('devices', { description: 'How many there are.' }),
    shown: t.exposeInt('shown', { description: 'How many said that they show it.' }),
    failed: t.exposeInt('failed', { description: 'How many said that they cannot, and have not since.' }),
  }),
});

export const TakeoverType = builder.loadableNodeRef<Takeover, never, string, string>('Takeover', {
  id: { resolve: ({ id }: Takeover) => id },
  load: loadTakeovers,
});

TakeoverType.implement({
  description:
    'A layout that goes before everything else on some screens, in an emergency. Of several a screen shows the one that began last. Seen with SIGNAGE_READ.',
  fields: (t) => ({
    layout: t.field({
      type: LayoutType,
      nullable: true,
      description: 'What is shown, in its newest revision; null: it was deleted since.',
      resolve: ({ layoutId }) => layoutId,
    }),
    reason: t.exposeString('reason', { description: 'Why, in the words of who began it.' }),
    everywhere: t.exposeBoolean('everywhere', {
      description: 'Whether it is for all screens of the venue, those too that are registered meanwhile.',
    }),
    running: t.boolean({
      description: 'Whether it goes on.',
      resolve: (takeover, _args, { now }) => isRunning(takeover, now),
    }),
    startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When it began.' }),
    startedBy: t.expose('startedBy', { type: EventActorType, description: 'Who began it.' }),
    endsAt: t.expose('endsAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it ends by itself; null: when somebody ends it.',
    }),
    endedAt: t.expose('endedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it ended; null: it goes on.',
    }),
    endedBy: t.expose('endedBy', {
      type: EventActorType,
      nullable: true,
      description: 'Who ended it: somebody, or `signage-jobs` when its time was over.',
    }),
    counts: t.field({
      type: TakeoverCountsType,
      description: 'How its screens stand, in numbers.',
      resolve: async ({ id }, _args, context) => (await countsOf(context).load(id)) ?? NO_SCREENS,
    }),
    devices: t.connection(
      {
        type: TakeoverReceiptType,
        description: 'Its screens, those first that were registered first.',
        args: {
          shown: t.arg.boolean({ description: 'Only those that said that they show it, or that have not.' }),
        },
        resolve: ({ id }, { shown, ...args }, { db }) => {
          const isShown = shown ?? null;
          return resolvePage(args, {
            keyOf: ({ at, deviceId }: TakeoverReceipt & { readonly at: Date }) => ({ at, id: deviceId }),
            load: (range) => listReceipts(db, id, { isShown, range }),
            count: async () => {
              const counts = (await countReceipts(db, [id])).get(id) ?? NO_SCREENS;
              if (isShown === null) return counts.devices;
              return isShown ? counts.shown : counts.devices - counts.shown;
            },
          });
        },
      },
      { name: 'TakeoverReceiptConnection', description: 'One page of the screens of a takeover.' },
      { name: 'TakeoverReceiptEdge' },
    ),
  }),
});

const NO_SCREENS: TakeoverCounts = { devices: 0, shown: 0, failed: 0 };

const countsOf = perContext(({ db }, ids) => countReceipts(db, ids));

async function loadTakeovers(
  ids: readonly string[],
  { db, viewer, ...context }: Context,
): Promise<(Takeover | NotFoundError)[]> {
  const venueId = venueIdOf(context);
  const found = canSeeSignage(viewer, venueId) ? await findTakeoversByIds(db, venueId, ids) : [];
  const byId = new Map(found.map((takeover) => [takeover.id, takeover]));
  return ids.map((id) => byId.get(id) ?? new NotFoundError('takeover'));
}
