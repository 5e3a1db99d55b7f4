import {
  AccountIsParkedError,
  CarParkedError,
  LotFullError,
  ParkingClosedError,
  ParkingEndedError,
  ParkingLimitError,
  SpaceTakenError,
} from '../parking/errors.ts';
import './domain-errors.ts';
import { errorType } from './error-type.ts';
import { ParkingLotType } from './parking-lot-type.ts';
import { ParkingSpaceType } from './parking-space.ts';

/** What reserving and parking may answer with besides; importing this file puts it into the schema. */

const freeUntilDescription =
  'Until when it could be had from the wanted beginning on, if only so long; null when not even then, or not known.';

errorType(LotFullError, {
  name: 'LotFullError',
  description: 'At some instant of the time no such place of the lot is left. Code API_030.',
  fields: (t) => ({
    lot: t.field({
      type: ParkingLotType,
      nullable: true,
      description: 'Which lot.',
      resolve: ({ lotId }) => lotId,
    }),
    freeUntil: t.expose('freeUntil', {
      type: 'DateTime',
      nullable: true,
      description: freeUntilDescription,
    }),
    alternatives: t.field({
      type: [ParkingLotType],
      description:
        'At most five other lots of the venue that had a place for all of the time when it was tried, the nearest first.',
      resolve: ({ otherLotIds }) => [...otherLotIds],
    }),
  }),
});

errorType(ParkingLimitError, {
  name: 'ParkingLimitError',
  description:
    'He would have more open reservations than anybody can at a time, of which none counts that is over, or for which a car has come; or, parking himself, more cars on lots of the venue. Code API_012.',
  fields: (t) => ({
    maximum: t.exposeInt('maximum', { description: 'How many there can be.' }),
  }),
});

errorType(SpaceTakenError, {
  name: 'SpaceTakenError',
  description: 'Somebody else has the space for a part of the time, or a car stands there. Code API_031.',
  fields: (t) => ({
    space: t.field({
      type: ParkingSpaceType,
      nullable: true,
      description: 'Which space.',
      resolve: ({ spaceId }) => spaceId,
    }),
    freeUntil: t.expose('freeUntil', {
      type: 'DateTime',
      nullable: true,
      description: freeUntilDescription,
    }),
    alternatives: t.field({
      type: [ParkingSpaceType],
      description:
        'At most five other spaces of the lot that could be had for all of the time when it was tried, those of its kind first.',
      resolve: ({ otherSpaceIds }) => [...otherSpaceIds],
    }),
  }),
});

errorType(ParkingClosedError, {
  name: 'ParkingClosedError',
  description: 'The lot, or the space, takes no cars now. Code API_001.',
});

errorType(ParkingEndedError, {
  name: 'ParkingEndedError',
  description:
    'The reservation or the stay does not stand so that this can be done to it: it has ended, has begun, or begins later; or nothing of it is due. Code API_001.',
});

errorType(CarParkedError, {
  name: 'CarParkedError',
  description: 'A car with this plate stands on a lot of the venue already. Code API_001.',
});

errorType(AccountIsParkedError, {
  name: 'AccountIsParkedError',
  description: 'A car of the account stands on a parking lot: its stay is to be ended first. Code API_001.',
});
