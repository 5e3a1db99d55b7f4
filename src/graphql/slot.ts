import DataLoader from 'dataloader';
import { SLOT_EVENTS } from '../booking/events.ts';
import { canSeeBookings, canSeeSlots } from '../booking/policy.ts';
import { listSomeResources } from '../booking/resource-store.ts';
import type { BoardDay, DayKey, SlotBoard } from '../booking/slot-board.ts';
import { touchedBy } from '../booking/slot-board.ts';
import type { SlotDay } from '../booking/slot-day.ts';
import { readSlotDay } from '../booking/slot-day-store.ts';
import { findSlots, listFreeSlots } from '../booking/slot-service.ts';
import type { HotReads } from '../db/hot-read.ts';
import { hasPassed } from '../events/passed.ts';
import { NOT_ITERABLE, type StateFrame, type StateItem, type StateSource } from '../events/source.ts';
import { type Actor, isOwn } from '../lib/actor.ts';
import { NotFoundError, ValidationError } from '../lib/errors.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { decodeIdOf, slotOfKey } from './ids.ts';
import { AFTER } from './machine-event.ts';
import { parseMinInterval } from './min-interval.ts';
import { oncePerContext } from './per-context.ts';
import { ResourceKindEnum, ResourceType } from './resource-type.ts';
import { SlotDayType, SlotType } from './slot-type.ts';

declare module './context.ts' {
  interface Services {
    /** The days that are watched in this process. */
    readonly slotBoard: SlotBoard;
    readonly hotReads: Pick<HotReads, 'read'>;
  }
}

const resourceDescription = 'Of which resource. One that does not exist gives API_002.';
/** Of reading a day. */
const DAY_COST = 24;
const dateDescription = 'Which day, by the venue’s calendar.';

builder.queryField('slots', (t) =>
  t.field({
    type: SlotDayType,
    nullable: true,
    authScopes: { scope: 'BOOKINGS_READ' },
    description:
      'The slots of a day, and which of them can be had. The subscription of the same name keeps it current. Needs BOOKINGS_READ (AUTH_004).',
    complexity: DAY_COST,
    args: {
      resourceId: t.arg.id({ required: true, description: resourceDescription }),
      date: t.arg({ type: 'LocalDate', required: true, description: dateDescription }),
    },
    resolve: async (_root, { resourceId, date }, context) => {
      const of = { resourceId: decodeIdOf('Resource', resourceId), day: date };
      const day = await readSlotDay(context.hotReads, venueIdOf(context), of);
      if (!day) throw new NotFoundError('resource');
      return day;
    },
  }),
);

builder.objectField(ResourceType, 'slots', (t) =>
  t.field({
    type: SlotDayType,
    nullable: true,
    description:
      'Its slots of a day, and which of them can be had: those of several resources in one request. Each `cursor` is of its own day.',
    // A statement for each resource.
    complexity: DAY_COST,
    args: { date: t.arg({ type: 'LocalDate', required: true, description: dateDescription }) },
    resolve: ({ id: resourceId, venueId }, { date: day }, context) =>
      daysOf(context).load({ venueId, resourceId, day }),
  }),
);

/**
 * What is asked in one turn is read once: each slot of a day can ask for its day again. Nothing is kept behind it, for a
 * mutation shows what the one before it did not.
 */
const daysOf = oncePerContext(
  ({ hotReads }) =>
    new DataLoader<DayKey, SlotDay | null>(
      async (keys) => {
        const reads = new Map<string, Promise<SlotDay | Error | null>>();
        const readOnce = ({ venueId, ...of }: DayKey) => {
          const name = `${of.resourceId} ${of.day}`;
          // One that fails is that one's alone.
          const read = reads.get(name) ?? readSlotDay(hotReads, venueId, of).catch(errorOf);
          reads.set(name, read);
          return read;
        };
        return await Promise.all(keys.map(readOnce));
      },
      { cache: false },
    ),
);

const errorOf = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));

builder.queryField('slot', (t) =>
  t.field({
    type: SlotType,
    nullable: true,
    authScopes: { scope: 'BOOKINGS_READ' },
    description: 'One slot. Needs BOOKINGS_READ (AUTH_004).',
    args: { id: t.arg.id({ required: true, description: 'Which; one that does not exist gives API_002.' }) },
    resolve: async (_root, { id }, context) => {
      const wanted = [slotOfKey(decodeIdOf('Slot', id))];
      const [slot] = await findSlots(context.db, venueIdOf(context), { wanted, now: context.now });
      if (!slot) throw new NotFoundError('slot');
      return slot;
    },
  }),
);

const MAX_RESOURCES = 100;
const MAX_DAYS = 31;
const DAY_MS = 86_400_000;
const MAX_FREE = 500;

builder.queryField('freeSlots', (t) =>
  t.field({
    type: [SlotType],
    nullable: true,
    authScopes: { scope: 'BOOKINGS_READ' },
    description: `What begins in a time and can be had now, of several resources, by beginning; ${MAX_FREE} at most. Needs BOOKINGS_READ (AUTH_004).`,
    // A statement for each day until enough are found. What is refused may not cost more than what is not.
    complexity: ({ first, from, to }) => ({
      field: 10 * Math.min(Math.max(Math.ceil((to.getTime() - from.getTime()) / DAY_MS), 1), MAX_DAYS),
      multiplier: Math.min(first, MAX_FREE),
    }),
    args: {
      resourceIds: t.arg.idList({
        description: `Only of these, 1 to ${MAX_RESOURCES} (API_001). Those that do not exist have none.`,
      }),
      kind: t.arg({ type: ResourceKindEnum, description: 'Only of resources of this kind.' }),
      from: t.arg({ type: 'DateTime', required: true, description: 'Those that begin then or later.' }),
      to: t.arg({
        type: 'DateTime',
        required: true,
        description: `Those that begin before, at most ${MAX_DAYS} days after \`from\` (API_001).`,
      }),
      first: t.arg.int({
        required: true,
        defaultValue: 100,
        description: `So many at most, 1 to ${MAX_FREE} (API_001).`,
      }),
    },
    resolve: async (_root, { resourceIds, kind, from, to, first }, context) => {
      const { db, now } = context;
      if (first < 1 || first > MAX_FREE)
        throw new ValidationError(`first takes 1 to ${MAX_FREE}.`, { field: 'first' });
      if (to <= from || to.getTime() - from.getTime() > MAX_DAYS * DAY_MS)
        throw new ValidationError(`to lies behind from, ${MAX_DAYS} days at most.`, { field: 'to' });
      if (resourceIds && resourceIds.length > MAX_RESOURCES)
        throw new ValidationError(`resourceIds takes at most ${MAX_RESOURCES} entries.`, {
          field: 'resourceIds',
        });
      const ids = resourceIds?.map((id) => decodeIdOf('Resource', id)) ?? null;
      const resources = await listSomeResources(db, venueIdOf(context), {
        filter: { ids, kind: kind ?? null, status: 'ACTIVE' },
        limit: MAX_RESOURCES,
      });
      return [...(await listFreeSlots(db, { resources, from, to, now, limit: first }))];
    },
  }),
);

builder.subscriptionField('slots', (t) =>
  t.field({
    type: SlotDayType,
    authScopes: { scope: 'BOOKINGS_READ' },
    description:
      'The day as it stands, and then again whenever it is another; from `after`, only when it is another than it was there. A reader that is too slow gets the newest; `skipped` tells. Needs BOOKINGS_READ (AUTH_004).',
    args: {
      resourceId: t.arg.id({ required: true, description: resourceDescription }),
      date: t.arg({ type: 'LocalDate', required: true, description: dateDescription }),
      after: t.arg({ type: 'Cursor', description: AFTER }),
      minIntervalMs: t.arg.int({
        description:
          'At least so many milliseconds, up to 60000 (API_001), between two frames; what comes in between is conflated.',
      }),
    },
    subscribe: async (_root, { resourceId, date, after, minIntervalMs }, context) => {
      const resource = await ResourceType.getDataloader(context).load(decodeIdOf('Resource', resourceId));
      const key = { venueId: venueIdOf(context), resourceId: resource.id, day: date };
      return daySource(context, {
        key,
        after: after ?? null,
        minIntervalMs: parseMinInterval(minIntervalMs),
      });
    },
    resolve: ({ value, skipped }: StateFrame<SlotDay>) => ({ skipped, ...value }),
  }),
);

interface Followed {
  readonly key: DayKey;
  readonly after: string | null;
  readonly minIntervalMs: number;
}

/** Every change is in the log, so none of them is ever lost. */
function daySource(
  { slotBoard, streams }: Pick<Context, 'slotBoard' | 'streams'>,
  { key, after, minIntervalMs }: Followed,
): StateSource<Context> {
  const changes = streams.events({
    // Another time zone moves every slot.
    types: [...SLOT_EVENTS, 'auth.venue-updated'],
    venueId: key.venueId,
    matches: (event) =>
      event.type === 'auth.venue-updated' ||
      touchedBy(event).some(({ resourceId }) => resourceId === key.resourceId),
    sightOf: () => 'SHARED',
  });
  return {
    ...NOT_ITERABLE,
    kind: 'state',
    key: `${key.venueId} ${key.resourceId} ${key.day}`,
    minIntervalMs,
    resumption: { after, hasChangedSince: (cursor) => hasPassed(changes, cursor) },
    sightOf: (actor, item) => sightOfDay(actor, key.venueId, item),
    read: async () => {
      const day = await slotBoard.read(key);
      return day ? [itemOf(day)] : [];
    },
    listen: (hear) => slotBoard.watch(key, (day) => hear(itemOf(day))),
  };
}

/**
 * A day shows its slots alike to all of equal rights, but to who has one of them, that it is his. Who sees all that is
 * booked sees of holds his own first.
 */
function sightOfDay(actor: Actor, venueId: string, item: StateItem | null): 'SHARED' | 'OWN' | null {
  if (!canSeeSlots(actor, venueId)) return null;
  if (item === null) return 'SHARED';
  const { claims } = item.value as SlotDay;
  const seesAll = canSeeBookings(actor, venueId);
  const isHis = claims.some(
    ({ kind, userId }) =>
      userId !== null && (kind === 'HOLD' || !seesAll) && isOwn(actor, { venueId, userId }),
  );
  return isHis ? 'OWN' : 'SHARED';
}

const itemOf = ({ day, version }: BoardDay): StateItem => ({
  subject: day.day,
  version,
  value: day,
  cursor: day.cursor,
});
