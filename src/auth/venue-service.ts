import { isSignedIn } from '../lib/actor.ts';
import { newId } from '../lib/ids.ts';
import type { Read, Work } from '../work.ts';
import { type NewVenue, parseVenue, type Venue } from './venue.ts';
import { findVenuesByIds, insertVenue, listAllVenues, listVenuesOfUser } from './venue-store.ts';

/** @throws ValidationError, VenueSlugTakenError */
export async function createVenue(work: Work, input: NewVenue): Promise<Venue> {
  const venue: Venue = { id: newId(), ...parseVenue(input), createdAt: work.now };
  await insertVenue(work.tx, venue);
  work.emit({ type: 'auth.venue-created', venueId: venue.id, slug: venue.slug });
  return venue;
}

/** The venues the actor may act at, by slug: where he has a role, or his key is for; floorwire itself, all; nobody, none. */
export async function listVenues({ db, actor }: Read): Promise<Venue[]> {
  if (actor.kind === 'system') return await listAllVenues(db);
  if (actor.kind === 'user') return await listVenuesOfUser(db, actor.userId);
  return isSignedIn(actor) ? await findVenuesByIds(db, [actor.venueId]) : [];
}
