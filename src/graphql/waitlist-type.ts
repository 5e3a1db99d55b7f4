import { canSeeBooking } from '../booking/policy.ts';
import { entryStateAt, type WaitlistEntry, type WaitlistState } from '../booking/waitlist.ts';
import { countAhead, findEntriesByIds } from '../booking/waitlist-store.ts';
import { NotFoundError } from '../lib/errors.ts';
import { isShownBookings } from './booking-scope.ts';
import { BookingType } from './booking-type.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { perContext } from './per-context.ts';
import { SlotType, slotThen } from './slot-type.ts';
import { type SeenUser, seenUser, UserType } from './user.ts';

/** An entry of a query, or of a frame of the stream. */
export type ShownEntry = WaitlistEntry & { readonly cursor?: string };

const WaitlistStateEnum = builder.enumType('WaitlistState', {
  description: 'How somebody stands in a line. Clients must survive values they do not know.',
  values: {
    WAITING: { description: 'His turn has not come.' },
    OFFERED: { description: 'The slot is kept for him until `offerExpiresAt`.' },
    ACCEPTED: { description: 'He has booked it.' },
    DECLINED: { description: 'He did not want it.' },
    EXPIRED: { description: 'He did not answer in time.' },
    LEFT: { description: 'He left the line.' },
    LAPSED: { description: 'The slot began before his turn came, or is none any more, or he cannot book.' },
  } satisfies Record<WaitlistState, { description: string }>,
});

export const WaitlistEntryType = builder.loadableNodeRef<ShownEntry, never, string, string>('WaitlistEntry', {
  id: { resolve: ({ id }: ShownEntry) => id },
  load: loadEntries,
});

WaitlistEntryType.implement({
  description:
    'Somebody’s place in the line for a slot. Seen by him, and by who oversees the bookings of the venue.',
  fields: (t) => ({
    slot: t.field({
      type: SlotType,
      nullable: true,
      description: 'What he waits for; null when the resource has no such slot any more.',
      resolve: (entry, _args, context) => slotThen(entry, context),
    }),
    ownerId: t.globalID({
      description: 'Who waits.',
      resolve: ({ userId }) => ({ type: 'User', id: userId }),
    }),
    owner: t.field({
      type: UserType,
      nullable: true,
      description: 'The same; null to who may not see people.',
      resolve: ({ userId }, _args, context): Promise<SeenUser | null> => seenUser(context, userId),
    }),
    state: t.field({
      type: WaitlistStateEnum,
      description: 'How he stands; on a frame of `waitlist`, as he stood then.',
      resolve: (entry, _args, { now }) =>
        entry.cursor === undefined ? entryStateAt(entry, now) : entry.state,
    }),
    ahead: t.int({
      nullable: true,
      description: 'How many wait before him for the same slot now; null when he does not wait.',
      resolve: ({ id }, _args, context) => aheadOf(context).load(id),
    }),
    position: t.int({
      nullable: true,
      description: 'Where he stands in the line now, 1 for who is next; null when he does not wait.',
      resolve: async ({ id }, _args, context) => {
        const ahead = await aheadOf(context).load(id);
        return ahead === null ? null : ahead + 1;
      },
    }),
    joinedAt: t.expose('joinedAt', { type: 'DateTime', description: 'Since when he waits.' }),
    offeredAt: t.expose('offeredAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When his turn came.',
    }),
    offerExpiresAt: t.expose('offerExpiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'From then on it is the next one’s turn.',
    }),
    secondsLeft: t.int({
      description: 'How many seconds he has to answer, counted now; 0 when nothing is offered to him.',
      resolve: (entry, _args, { now }) => secondsLeft(entry, now),
    }),
    endedAt: t.expose('endedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Since when he is in the line no more.',
    }),
    booking: t.field({
      type: BookingType,
      nullable: true,
      description: 'What he has booked of it.',
      resolve: ({ bookingId }) => bookingId,
    }),
    cursor: t.field({
      type: 'Cursor',
      nullable: true,
      description: 'On a frame of `waitlist`: resume behind it with `after`. Null elsewhere.',
      resolve: ({ cursor }) => cursor ?? null,
    }),
  }),
});

const aheadOf = perContext(({ db }, ids) => countAhead(db, ids));

function secondsLeft(entry: WaitlistEntry, now: Date): number {
  if (entryStateAt(entry, now) !== 'OFFERED' || !entry.offerExpiresAt) return 0;
  return Math.ceil((entry.offerExpiresAt.getTime() - now.getTime()) / 1_000);
}

async function loadEntries(
  ids: readonly string[],
  context: Context,
): Promise<(ShownEntry | NotFoundError)[]> {
  const found = isShownBookings(context) ? await findEntriesByIds(context.db, venueIdOf(context), ids) : [];
  const visible = found.filter((entry) => canSeeBooking(context.viewer, entry));
  const byId = new Map(visible.map((entry) => [entry.id, entry]));
  return ids.map((id) => byId.get(id) ?? new NotFoundError('waitlist entry'));
}
