import { BookingEndedError, ResourceTakenError, SlotUnavailableError } from '../booking/errors.ts';
import './domain-errors.ts';
import { errorType } from './error-type.ts';
import { SlotType } from './slot-type.ts';
import './wallet-errors.ts';

/** What booking may answer with besides; importing this file puts it into the schema. */

errorType(SlotUnavailableError, {
  name: 'SlotUnavailableError',
  description: 'The slot is taken, blocked or over, or cannot be booked yet. Code API_010.',
  fields: (t) => ({
    alternatives: t.field({
      type: [SlotType],
      description:
        'At most five that could be had when it was tried, the nearest first: of the same resource, and at the same time of others of its kind.',
      resolve: ({ alternatives }) => [...alternatives],
    }),
  }),
});

errorType(ResourceTakenError, {
  name: 'ResourceTakenError',
  description: 'Another resource of the venue has this name, or is this machine. Code API_001.',
  fields: (t) => ({
    field: t.exposeString('field', { description: '`name` or `machineId`.' }),
  }),
});

errorType(BookingEndedError, {
  name: 'BookingEndedError',
  description:
    'The booking is over, or cancelled, or has begun, so that this cannot be done to it any more. Code API_001.',
});
