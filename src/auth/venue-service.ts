import { newId } from '../lib/ids.ts';
import type { Read, Work } from '../work.ts';
import { type NewVenue, parseVenue, type Venue } from './venue.ts';
import { insertVenue, listAllVenues, listVenuesOfUser } from './venue-store.ts';

/** @throws ValidationError, VenueSlugTakenError */
export async function createVenue(work: Work, input: NewVenue): Promise<Venue> {
  const venue: Venue = { id: newId(), ...parseVenue(input), createdAt: work.now };
  await insertVenue(work.tx, venue);
  work.emit({ type: 'auth.venue-created', venueId: venue.id, slug: venue.slug });
  return venue;
}

/** The venues the actor may sign in to, by slug: where he has a role; floorwire itself, all; nobody, none. */
export async function listVenues({ db, actor }: Read): Promise<Venue[]> {
  if (actor.kind === 'system') return await listAllVenues(db);
  return actor.kind === 'user' ? await listVenuesOfUser(db, actor.userId) : [];
}
