import type { Venue } from '../auth/venue.ts';
import { listVenues } from '../auth/venue-service.ts';
import { findVenuesByIds } from '../auth/venue-store.ts';
import { NotFoundError } from '../lib/errors.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { oncePerContext } from './per-context.ts';

/** The tenant. Whoever has no role in a venue does not find it. */
export const VenueType = builder.loadableNodeRef('Venue', {
  id: { resolve: ({ id }: Venue) => id },
  load: loadVenues,
});

VenueType.implement({
  description: 'A gaming venue: machines, people and money belong to exactly one.',
  fields: (t) => ({
    slug: t.exposeString('slug', {
      description: 'What people and URLs call it: lower case letters, digits, hyphens.',
    }),
    name: t.exposeString('name', { description: 'Its name, at most 200 characters.' }),
    timeZone: t.expose('timeZone', { type: 'TimeZone', description: 'Where its wall clock hangs.' }),
    currency: t.expose('currency', {
      type: 'CurrencyCode',
      description: 'What its machines and wallets count in.',
    }),
    isDemo: t.exposeBoolean('isDemo', {
      description: 'Whether it was seeded for a look around; its users have known passwords.',
    }),
    version: t.exposeInt('version', {
      description: 'Counts its changes: `expectedVersion` of `updateVenue`.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'Since when it exists.' }),
  }),
});

builder.queryField('venues', (t) =>
  t.field({
    type: [VenueType],
    nullable: true,
    authScopes: { scope: 'VENUES_READ' },
    description:
      'The venues where the caller has a role, or its key is for, by slug. Needs VENUES_READ (AUTH_004).',
    resolve: (_root, _args, { read }) => listVenues(read),
  }),
);

async function loadVenues(ids: readonly string[], { read }: Context): Promise<(Venue | NotFoundError)[]> {
  const venues = new Map((await listVenues(read)).map((venue) => [venue.id, venue]));
  return ids.map((id) => venues.get(id) ?? new NotFoundError('venue'));
}

/** The venue the caller is signed in to, read once in a context; whoever sees something of it may know its currency. */
export const ownVenue = oncePerContext(async (context): Promise<Venue> => {
  const [venue] = await findVenuesByIds(context.db, [venueIdOf(context)]);
  if (!venue) throw new NotFoundError('venue');
  return venue;
});
