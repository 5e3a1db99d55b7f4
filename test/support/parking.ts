import { newId } from '../../src/lib/ids.ts';
import type { ParkingLot } from '../../src/parking/lot.ts';
import { type CreateParkingLot, createParkingLot } from '../../src/parking/lot-service.ts';
import type { ParkingRate } from '../../src/parking/rate.ts';
import { type SetParkingRate, setParkingRate } from '../../src/parking/rate-service.ts';
import type { RunWork } from '../../src/work.ts';
import { DESK } from './booking.ts';

/** A lot for five cars that is counted by stays, without painted spaces. */
export const aParkingLot = (
  runWork: RunWork,
  fields: Pick<CreateParkingLot, 'venueId'> & Partial<CreateParkingLot>,
): Promise<ParkingLot> =>
  runWork(DESK, (work) => createParkingLot(work, { name: `Lot ${newId()}`, capacity: 5, ...fields }));

/** 1.00 for each begun half hour from now on, unless it is given other terms. */
export const aParkingRate = (
  runWork: RunWork,
  terms: Pick<SetParkingRate, 'venueId' | 'lotId'> & Partial<SetParkingRate>,
): Promise<ParkingRate> =>
  runWork(DESK, (work) =>
    setParkingRate(work, {
      validFrom: null,
      priceMinor: 100n,
      perMinutes: 30,
      graceMinutes: 0,
      dailyCapMinor: null,
      ...terms,
    }),
  );
