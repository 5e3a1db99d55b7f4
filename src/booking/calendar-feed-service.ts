import type { Kysely } from 'kysely';
import { type OpaqueToken, opaqueTokenHash } from '../auth/opaque-token.ts';
import { lockOwnSession } from '../auth/own-credentials.ts';
import type { Database } from '../db/schema.ts';
import type { UserActor } from '../lib/actor.ts';
import { NotFoundError, ValidationError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import { parseName } from '../lib/name.ts';
import type { Work } from '../work.ts';
import { type CalendarFeed, FEED_MARK, MAX_FEEDS, SHOWN_DAYS } from './calendar-feed.ts';
import {
  deleteFeed,
  deleteFeedsOf,
  findReadableFeed,
  insertFeed,
  listCalendarEntries,
  listFeedsOf,
} from './calendar-feed-store.ts';
import { calendarText } from './calendar-text.ts';
import { lockPerson } from './person-lock.ts';

interface Owned {
  readonly venueId: string;
  /** The caller: nobody has a feed of another's bookings. */
  readonly userId: string;
}

/**
 * Makes an address under which a calendar reads the caller's bookings.
 *
 * @throws ValidationError; SessionRevokedError when his session has ended meanwhile
 */
export async function createCalendarFeed(
  work: Work,
  {
    owner,
    name,
    made,
  }: {
    readonly owner: Pick<UserActor, keyof Owned | 'sessionId'>;
    readonly name: string;
    readonly made: OpaqueToken;
  },
): Promise<CalendarFeed> {
  const { venueId, userId } = owner;
  const feed: CalendarFeed = { id: newId(), venueId, userId, name: parseName(name), createdAt: work.now };
  await lockOwnSession(work, owner);
  await lockPerson(work.tx, feed);
  if ((await listFeedsOf(work.tx, feed)).length >= MAX_FEEDS)
    throw new ValidationError(`One person has ${MAX_FEEDS} feeds at most. Revoke one of them.`);
  await insertFeed(work.tx, feed, made.hash);
  work.emit({ type: 'booking.calendar-feed-created', venueId, calendarFeedId: feed.id, userId });
  return feed;
}

/** Ends one of the caller's feeds for good. @throws NotFoundError */
export async function revokeCalendarFeed(
  work: Work,
  { venueId, userId, feedId }: Owned & { readonly feedId: string },
): Promise<void> {
  if (!(await deleteFeed(work.tx, { id: feedId, venueId, userId }))) throw new NotFoundError('calendar feed');
  work.emit({ type: 'booking.calendar-feed-revoked', venueId, calendarFeedId: feedId, userId });
}

/** Ends all feeds of a person, at every venue: whoever made them may have been somebody else. */
export async function revokeFeedsOf(work: Work, userId: string): Promise<void> {
  for (const { id: calendarFeedId, venueId } of await deleteFeedsOf(work.tx, userId))
    work.emit({ type: 'booking.calendar-feed-revoked', venueId, calendarFeedId, userId });
}

const DAY_MS = 86_400_000;
const MAX_ENTRIES = 2_000;

/**
 * What a calendar is shown under a token: see `calendarText`. Null for no feed, one that was revoked, and one whose
 * owner is locked, gone, or nobody at the venue any more: all alike.
 */
export async function readCalendar(db: Kysely<Database>, token: string, now: Date): Promise<string | null> {
  const hash = opaqueTokenHash(token, FEED_MARK);
  const feed = hash && (await findReadableFeed(db, hash));
  if (!feed) return null;
  const since = new Date(now.getTime() - SHOWN_DAYS * DAY_MS);
  return calendarText(feed.venueName, await listCalendarEntries(db, feed, { since, limit: MAX_ENTRIES }));
}
