import {
  LotClaimedError,
  LotCountedOtherwiseError,
  LotNameTakenError,
  SpaceLabelTakenError,
} from '../parking/errors.ts';
import './domain-errors.ts';
import { errorType } from './error-type.ts';
import { CountedByEnum } from './parking-lot-type.ts';

/** What making, changing and counting parking lots may answer with besides; importing this file puts it into the schema. */

errorType(LotNameTakenError, {
  name: 'LotNameTakenError',
  description: 'Another parking lot of the venue has this name. Code API_001.',
});

errorType(SpaceLabelTakenError, {
  name: 'SpaceLabelTakenError',
  description: 'The lot has a space with one of these labels, or would have two. Code API_001.',
});

errorType(LotClaimedError, {
  name: 'LotClaimedError',
  description:
    'More places of the lot are reserved or taken, now or later, than it would have. Code API_030.',
  fields: (t) => ({
    claimed: t.exposeInt('claimed', {
      description: 'How many at the fullest instant: what `capacity` takes at least.',
    }),
  }),
});

errorType(LotCountedOtherwiseError, {
  name: 'LotCountedOtherwiseError',
  description: 'The lot is not counted by what reports: see `ParkingLot.countedBy`. Code API_001.',
  fields: (t) => ({
    lotId: t.globalID({
      description: 'Which lot.',
      resolve: ({ lotId }) => ({ type: 'ParkingLot', id: lotId }),
    }),
    countedBy: t.expose('countedBy', { type: CountedByEnum, description: 'What counts it.' }),
  }),
});
