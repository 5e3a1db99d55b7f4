import { type KeptRefusals, keptRefusal, keyedWith, WALLET_REFUSALS } from '../wallet/keyed.ts';
import {
  CarParkedError,
  LotFullError,
  ParkingClosedError,
  ParkingEndedError,
  SpaceTakenError,
} from './errors.ts';

const REFUSALS: KeptRefusals = {
  ...WALLET_REFUSALS,
  // To who asks again what could be had instead is not worth anything: it is not kept.
  LotFullError: keptRefusal(LotFullError, {
    factsOf: ({ lotId }) => ({ lotId }),
    make: ({ lotId }) => new LotFullError(String(lotId)),
  }),
  SpaceTakenError: keptRefusal(SpaceTakenError, {
    factsOf: ({ spaceId }) => ({ spaceId }),
    make: ({ spaceId }) => new SpaceTakenError(String(spaceId)),
  }),
  ParkingClosedError: keptRefusal(ParkingClosedError, {
    factsOf: () => ({}),
    make: () => new ParkingClosedError('lot'),
  }),
  ParkingEndedError: keptRefusal(ParkingEndedError, {
    factsOf: () => ({}),
    make: () => new ParkingEndedError(''),
  }),
  CarParkedError: keptRefusal(CarParkedError, { factsOf: () => ({}), make: () => new CarParkedError() }),
};

/** Does something about parking once by its key. */
export const keyed = keyedWith(REFUSALS);
