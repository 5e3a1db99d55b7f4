import { VenueSlugTakenError } from '../auth/errors.ts';
import type { Venue } from '../auth/venue.ts';
import { createVenue, updateVenue } from '../auth/venue-service.ts';
import { NotFoundError, NotOwnerError, ValidationError, VersionConflictError } from '../lib/errors.ts';
import './auth-errors.ts';
import { builder } from './builder.ts';
import './domain-errors.ts';
import { decodeIdOf } from './ids.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';
import { VenueType } from './venue.ts';

const slugDescription =
  'What people and URLs call it: lower case letters, digits and inner hyphens, at most 63 (ValidationError); no two venues have the same (VenueSlugTakenError).';
const nameDescription = 'Its name, 1 to 200 characters (ValidationError).';
const timeZoneDescription = 'Where its wall clock hangs.';

const venueAnswer = (name: string, { description, message }: { description: string; message: string }) =>
  builder.objectRef<Venue>(name).implement({
    description,
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({ description: messageDescription, resolve: () => message }),
      venue: t.field({ type: VenueType, description: 'The venue.', resolve: (venue) => venue }),
    }),
  });

const CreateVenueSuccessType = venueAnswer('CreateVenueSuccess', {
  description: 'The new venue, with the caller as its only user.',
  message: 'The venue was created. Sign in to it with `login(input: {venue: …})`.',
});

const UpdateVenueSuccessType = venueAnswer('UpdateVenueSuccess', {
  description: 'The venue as it is now.',
  message: 'The venue was changed.',
});

const CreateVenueInput = builder.inputType('CreateVenueInput', {
  description: 'What a new venue is.',
  fields: (t) => ({
    slug: t.string({ required: true, description: slugDescription }),
    name: t.string({ required: true, description: nameDescription }),
    timeZone: t.field({ type: 'TimeZone', required: true, description: timeZoneDescription }),
    currency: t.field({
      type: 'CurrencyCode',
      required: true,
      description: 'What its machines and wallets count in. It stays as soon as there is a machine.',
    }),
  }),
});

builder.mutationField('createVenue', (t) =>
  t.field({
    type: CreateVenueSuccessType,
    nullable: true,
    authScopes: { scope: 'VENUES_WRITE' },
    description:
      'Makes a venue, of which the caller is ADMIN. A token is for one venue: sign in to the new one to do anything there. Needs VENUES_WRITE (AUTH_004).',
    args: { input: t.arg({ type: CreateVenueInput, required: true, description: 'What it is.' }) },
    errors: { types: [ValidationError, VenueSlugTakenError], directResult: true },
    resolve: (_root, { input }, { runWork, actor }) => runWork(actor, (work) => createVenue(work, input)),
  }),
);

const UpdateVenueInput = builder.inputType('UpdateVenueInput', {
  description: 'What is to change: what is left out or null stays.',
  fields: (t) => ({
    venueId: t.id({
      required: true,
      description: 'The venue the caller is signed in to; any other is not found (NotFoundError).',
    }),
    expectedVersion: t.int({
      required: true,
      description: '`Venue.version` as the caller read it (VersionConflictError).',
    }),
    slug: t.string({ description: slugDescription }),
    name: t.string({ description: nameDescription }),
    timeZone: t.field({ type: 'TimeZone', description: timeZoneDescription }),
    currency: t.field({
      type: 'CurrencyCode',
      description:
        'Another only while it has no machine (ValidationError): what they counted is in the old one.',
    }),
  }),
});

builder.mutationField('updateVenue', (t) =>
  t.field({
    type: UpdateVenueSuccessType,
    nullable: true,
    authScopes: { scope: 'VENUES_WRITE' },
    description:
      'Changes the venue the caller is signed in to. What changes nothing leaves the version as it is. Needs VENUES_WRITE (AUTH_004).',
    args: { input: t.arg({ type: UpdateVenueInput, required: true, description: 'What is to change.' }) },
    errors: {
      types: [NotFoundError, NotOwnerError, ValidationError, VenueSlugTakenError, VersionConflictError],
      directResult: true,
    },
    resolve: (_root, { input }, { runWork, actor }) => {
      const venueId = decodeIdOf('Venue', input.venueId);
      return runWork(actor, (work) => updateVenue(work, { ...input, venueId }));
    },
  }),
);
