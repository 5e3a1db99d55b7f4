import { isSignedIn } from '../lib/actor.ts';
import { NotFoundError, NotOwnerError, PermissionDeniedError, VersionConflictError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import { isSame } from '../lib/same.ts';
import type { Read, Work } from '../work.ts';
import { SessionRevokedError } from './errors.ts';
import { canCreateVenues, canUpdateVenue } from './policy.ts';
import { replaceRoles } from './user-standing-store.ts';
import { lockAccount } from './user-store.ts';
import { type NewVenue, parseVenue, type Venue } from './venue.ts';
import {
  findVenuesByIds,
  insertVenue,
  listAllVenues,
  listVenuesOfUser,
  lockVenue,
  updateVenueRow,
} from './venue-store.ts';

/**
 * Makes a venue. A person who does is its first ADMIN, and signs in there to do anything.
 *
 * @throws SessionRevokedError when his account was locked or deleted meanwhile
 * @throws PermissionDeniedError, ValidationError, VenueSlugTakenError
 */
export async function createVenue(work: Work, input: NewVenue): Promise<Venue> {
  const { actor } = work;
  if (!canCreateVenues(actor)) throw new PermissionDeniedError('make a venue');
  if (actor.kind === 'user') await lockAuthor(work, actor.userId);
  const venue: Venue = { id: newId(), ...parseVenue(input), version: 1, createdAt: work.now };
  await insertVenue(work.tx, venue);
  work.emit({ type: 'auth.venue-created', venueId: venue.id, slug: venue.slug });
  if (actor.kind === 'user') {
    const { userId } = actor;
    await replaceRoles(work.tx, { userId, venueId: venue.id, roles: ['ADMIN'], grants: [] });
    work.emit({ type: 'auth.roles-changed', venueId: venue.id, userId, roles: ['ADMIN'], grants: [] });
  }
  return venue;
}

/** Or the venue could be left to an account that is gone. @throws SessionRevokedError */
async function lockAuthor({ tx }: Work, userId: string): Promise<void> {
  const account = await lockAccount(tx, userId);
  if (account?.status !== 'ACTIVE') throw new SessionRevokedError();
}

/** What of a venue is to change; what is not named stays. */
export interface VenueChange {
  readonly venueId: string;
  readonly expectedVersion: number;
  readonly slug?: string | null | undefined;
  readonly name?: string | null | undefined;
  readonly timeZone?: string | null | undefined;
  /** Only while it has no machine. */
  readonly currency?: string | null | undefined;
}

/**
 * Changes the venue at which the actor asks. What changes nothing is no change.
 *
 * @throws NotFoundError for any other, NotOwnerError
 * @throws VersionConflictError, ValidationError, VenueSlugTakenError
 */
export async function updateVenue(work: Work, change: VenueChange): Promise<Venue> {
  const { actor } = work;
  const { venueId } = change;
  const isThere = actor.kind === 'system' || (isSignedIn(actor) && actor.venueId === venueId);
  const venue = isThere ? await lockVenue(work.tx, venueId) : null;
  if (!venue) throw new NotFoundError('venue');
  if (!canUpdateVenue(actor, venueId)) throw new NotOwnerError('change this venue');
  if (venue.version !== change.expectedVersion) throw new VersionConflictError(venue.version);

  const wanted: Venue = {
    ...venue,
    ...parseVenue({
      slug: change.slug ?? venue.slug,
      name: change.name ?? venue.name,
      timeZone: change.timeZone ?? venue.timeZone,
      currency: change.currency ?? venue.currency,
      isDemo: venue.isDemo,
    }),
  };
  if (isSame(wanted, venue)) return venue;
  const changed = { ...wanted, version: venue.version + 1 };
  await updateVenueRow(work.tx, changed);
  const { slug, name, timeZone, currency } = changed;
  work.emit({ type: 'auth.venue-updated', venueId, slug, name, timeZone, currency });
  return changed;
}

/** The venues the actor may act at, by slug: where he has a role, or his key is for; floorwire itself, all; nobody, none. */
export async function listVenues({ db, actor }: Read): Promise<Venue[]> {
  if (actor.kind === 'system') return await listAllVenues(db);
  if (actor.kind === 'user') return await listVenuesOfUser(db, actor.userId);
  return isSignedIn(actor) ? await findVenuesByIds(db, [actor.venueId]) : [];
}
