import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';
import type { ParkingLot } from '../../src/parking/lot.ts';
import { type CreateParkingLot, createParkingLot } from '../../src/parking/lot-service.ts';
import type { ParkingRate } from '../../src/parking/rate.ts';
import { type SetParkingRate, setParkingRate } from '../../src/parking/rate-service.ts';
import { reserveParking } from '../../src/parking/reservation-service.ts';
import type { ParkingSession } from '../../src/parking/session.ts';
import { endSession } from '../../src/parking/session-ending.ts';
import { startWalkIn } from '../../src/parking/session-service.ts';
import { listSpaces } from '../../src/parking/space-store.ts';
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

/** The global ids of a parking lot and of a space of it. */
export async function someParking(runWork: RunWork, venueId: string): Promise<Record<string, string>> {
  const spaces = [{ prefix: 'A-', first: 1, last: 1, digits: 1, kind: 'STANDARD' }] as const;
  const lot = await aParkingLot(runWork, { venueId, spaces });
  const filter = { kind: null, status: null, isOccupied: null };
  const range = { after: null, before: null, limit: 1, backward: false };
  const [space] = await runWork(DESK, ({ tx, now }) =>
    listSpaces(tx, { venueId, lotId: lot.id }, { filter, range, now }),
  );
  return {
    ParkingLot: encodeGlobalId('ParkingLot', lot.id),
    ParkingSpace: encodeGlobalId('ParkingSpace', space?.id ?? ''),
  };
}

/** The global ids of a new lot, of what somebody has reserved there, of his car that stands there, and of one that has gone. */
export async function someStays(
  runWork: RunWork,
  { venueId, userId }: { readonly venueId: string; readonly userId: string },
): Promise<Record<string, string>> {
  const { id: lotId } = await aParkingLot(runWork, { venueId });
  const wanted = { venueId, lotId, userId, place: { spaceId: null, kind: null }, plate: null };
  const endsAt = new Date(Date.now() + 3_600_000);
  const reservation = await runWork(DESK, (work) =>
    reserveParking(work, { ...wanted, startsAt: null, endsAt, mostOpen: 1_000 }),
  );
  const park = () => runWork(DESK, (work) => startWalkIn(work, { ...wanted, until: endsAt, mostOpen: 20 }));
  const [here, gone] = [await park(), await park()];
  await runWork(DESK, (work) => endSession(work, { venueId, sessionId: gone.id }));
  const { id: dueId } = await aDueStay(runWork, { venueId, userId: null });
  return {
    ParkingLot: encodeGlobalId('ParkingLot', lotId),
    ParkingReservation: encodeGlobalId('ParkingReservation', reservation.id),
    ParkingSession: encodeGlobalId('ParkingSession', here.id),
    EndedParkingSession: encodeGlobalId('ParkingSession', gone.id),
    DueParkingSession: encodeGlobalId('ParkingSession', dueId),
  };
}

/** The stay of a car that has gone, on a lot of its own; 1.00 for it is due, unless the wallet of whose it is has some. */
export async function aDueStay(
  runWork: RunWork,
  { venueId, userId }: { readonly venueId: string; readonly userId: string | null },
): Promise<ParkingSession> {
  const { id: lotId } = await aParkingLot(runWork, { venueId });
  await aParkingRate(runWork, { venueId, lotId });
  const place = { spaceId: null, kind: null };
  const { id: sessionId } = await runWork(DESK, (work) =>
    startWalkIn(work, { venueId, lotId, place, userId, plate: null, until: null, mostOpen: 20 }),
  );
  return (await runWork(DESK, (work) => endSession(work, { venueId, sessionId }))).session;
}
