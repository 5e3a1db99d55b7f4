import { makeOpaqueToken } from '../auth/opaque-token.ts';
import { type CalendarFeed, FEED_MARK, MAX_FEEDS, SHOWN_DAYS } from '../booking/calendar-feed.ts';
import { createCalendarFeed, revokeCalendarFeed } from '../booking/calendar-feed-service.ts';
import { findFeedsByIds, listFeedsOf } from '../booking/calendar-feed-store.ts';
import { isOwn } from '../lib/actor.ts';
import { NotFoundError, ValidationError } from '../lib/errors.ts';
import { builder } from './builder.ts';
import { signedInUser, venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import './domain-errors.ts';
import { decodeIdOf } from './ids.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';

const CalendarFeedType = builder.loadableNodeRef<CalendarFeed, never, string, string>('CalendarFeed', {
  id: { resolve: ({ id }: CalendarFeed) => id },
  load: loadFeeds,
});

CalendarFeedType.implement({
  description:
    'An address under which a calendar program reads what its owner has booked at the venue. Seen by him alone.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Which calendar it is for, in his words.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
  }),
});

builder.queryField('calendarFeeds', (t) =>
  t.field({
    type: [CalendarFeedType],
    nullable: true,
    authScopes: { scope: 'BOOKINGS_READ' },
    description: `The caller’s own calendar feeds at the venue, the oldest first: ${MAX_FEEDS} at most. Needs BOOKINGS_READ; AUTH_004 for who is no person.`,
    resolve: async (_root, _args, context) => [...(await listFeedsOf(context.db, ownerOf(context)))],
  }),
);

const CreateCalendarFeedSuccess = builder
  .objectRef<{ readonly feed: CalendarFeed; readonly token: string }>('CreateCalendarFeedSuccess')
  .implement({
    description: 'The new feed. Nobody can be shown its address again.',
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({
        description: messageDescription,
        resolve: () => 'The calendar feed was made. Keep its address now: it is shown this once.',
      }),
      feed: t.expose('feed', { type: CalendarFeedType, description: 'What is kept of it.' }),
      url: t.field({
        type: 'URL',
        description: `What to subscribe to in a calendar program: iCalendar (RFC 5545), with an event for each booking from ${SHOWN_DAYS} days back, a cancelled one as CANCELLED. Whoever knows it reads it.`,
        resolve: ({ token }, _args, { info }) => `${info.url}/ical/${token}.ics`,
      }),
    }),
  });

const CreateCalendarFeedInput = builder.inputType('CreateCalendarFeedInput', {
  description: 'What a new feed is for.',
  fields: (t) => ({
    name: t.string({
      required: true,
      description: 'Which calendar it is for, 1 to 100 printable characters.',
    }),
  }),
});

builder.mutationField('createCalendarFeed', (t) =>
  t.field({
    type: CreateCalendarFeedSuccess,
    nullable: true,
    authScopes: { scope: 'BOOKINGS_READ' },
    description: `Makes an address under which a calendar program reads the caller’s bookings, until \`revokeCalendarFeed\`; it is silent while he is locked, or has no role there, and ends with his account. Another password does not end it: calendar programs would fall silent, and it shows nothing but bookings. One person has ${MAX_FEEDS} at most (ValidationError). Needs BOOKINGS_READ; AUTH_004 for who is no person.`,
    args: {
      input: t.arg({ type: CreateCalendarFeedInput, required: true, description: 'What it is for.' }),
    },
    errors: { types: [ValidationError], directResult: true },
    resolve: async (_root, { input: { name } }, context) => {
      const made = makeOpaqueToken(FEED_MARK);
      const owner = signedInUser(context.actor);
      const feed = await context.runWork(owner, (work) => createCalendarFeed(work, { owner, name, made }));
      return { feed, token: made.token };
    },
  }),
);

const RevokeCalendarFeedSuccess = builder.objectRef<string>('RevokeCalendarFeedSuccess').implement({
  description: 'There is nothing under its address any more.',
  fields: (t) => ({
    success: t.boolean({ description: successDescription, resolve: () => true }),
    message: t.string({
      description: messageDescription,
      resolve: () => 'The calendar feed was revoked.',
    }),
    feedId: t.globalID({
      description: 'Which it was.',
      resolve: (id) => ({ type: 'CalendarFeed', id }),
    }),
  }),
});

const RevokeCalendarFeedInput = builder.inputType('RevokeCalendarFeedInput', {
  description: 'Which feed to revoke.',
  fields: (t) => ({
    feedId: t.id({ required: true, description: 'One of `calendarFeeds` (NotFoundError).' }),
  }),
});

builder.mutationField('revokeCalendarFeed', (t) =>
  t.field({
    type: RevokeCalendarFeedSuccess,
    nullable: true,
    authScopes: { scope: 'BOOKINGS_READ' },
    description:
      'Ends one of the caller’s own calendar feeds for good. Needs BOOKINGS_READ; AUTH_004 for who is no person.',
    args: {
      input: t.arg({ type: RevokeCalendarFeedInput, required: true, description: 'Which.' }),
    },
    errors: { types: [NotFoundError], directResult: true },
    resolve: async (_root, { input }, context) => {
      const feedId = decodeIdOf('CalendarFeed', input.feedId);
      const owner = ownerOf(context);
      await context.runWork(context.actor, (work) => revokeCalendarFeed(work, { ...owner, feedId }));
      return feedId;
    },
  }),
);

const ownerOf = (context: Context) => ({
  venueId: venueIdOf(context),
  userId: signedInUser(context.actor).userId,
});

async function loadFeeds(
  ids: readonly string[],
  context: Context,
): Promise<(CalendarFeed | NotFoundError)[]> {
  const found = context.scopes.has('BOOKINGS_READ')
    ? await findFeedsByIds(context.db, venueIdOf(context), ids)
    : [];
  const byId = new Map(found.filter((feed) => isOwn(context.viewer, feed)).map((feed) => [feed.id, feed]));
  return ids.map((id) => byId.get(id) ?? new NotFoundError('calendar feed'));
}
