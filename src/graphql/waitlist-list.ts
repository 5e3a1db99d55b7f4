import { WAITLIST_EVENTS, type WaitlistEventType } from '../booking/events.ts';
import { entryOfSnapshot } from '../booking/snapshots.ts';
import { MAX_WAITING, OFFER_MINUTES } from '../booking/waitlist.ts';
import { listLiveEntries } from '../booking/waitlist-store.ts';
import type { LoggedEvent } from '../events/events.ts';
import type { StreamedEvent } from '../events/source.ts';
import { isOwn } from '../lib/actor.ts';
import { PermissionDeniedError } from '../lib/errors.ts';
import { builder } from './builder.ts';
import { signedInUser, venueIdOf } from './caller.ts';
import { AFTER } from './machine-event.ts';
import { type ShownEntry, WaitlistEntryType } from './waitlist-type.ts';

builder.queryField('myWaitlist', (t) =>
  t.field({
    type: [WaitlistEntryType],
    nullable: true,
    authScopes: { scope: 'BOOKINGS_READ' },
    description: `The slots the caller waits for or is offered, by their beginning; ${MAX_WAITING} at most. Needs BOOKINGS_READ; AUTH_004 for who is no person.`,
    complexity: { field: 1, multiplier: MAX_WAITING },
    resolve: async (_root, _args, context) => [
      ...(await listLiveEntries(context.db, venueIdOf(context), signedInUser(context.actor).userId)),
    ],
  }),
);

builder.subscriptionField('waitlist', (t) =>
  t.field({
    type: WaitlistEntryType,
    authScopes: { scope: 'BOOKINGS_READ' },
    description: `What happens to the caller’s own places in lines, once and in order: that he is offered a slot for ${OFFER_MINUTES} minutes (\`offerExpiresAt\`, \`secondsLeft\`), and how that ends. A reader that is too slow is told so (WS_004) and resumes behind his last cursor. Needs BOOKINGS_READ; AUTH_004 for who is no person.`,
    args: { after: t.arg({ type: 'Cursor', description: AFTER }) },
    subscribe: (_root, { after }, context) => {
      if (context.actor.kind !== 'user') throw new PermissionDeniedError('wait for slots');
      return context.streams.events<WaitlistEventType>({
        types: WAITLIST_EVENTS,
        venueId: venueIdOf(context),
        after,
        subjects: {
          of: ({ payload }: LoggedEvent<WaitlistEventType>) => payload.userId,
          among: [context.actor.userId],
        },
        sightOf: (actor, { venueId, payload }) =>
          isOwn(actor, { venueId, userId: payload.userId }) ? 'OWN' : null,
      });
    },
    resolve: ({ payload, venueId, cursor }: StreamedEvent<WaitlistEventType>): ShownEntry => ({
      ...entryOfSnapshot(venueId, payload),
      cursor,
    }),
  }),
);
