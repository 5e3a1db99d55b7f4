import { findVenuesByIds } from '../auth/venue-store.ts';
import {
  type InputPath,
  NotFoundError,
  NotOwnerError,
  ValidationError,
  VersionConflictError,
} from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import { inField } from '../lib/in-field.ts';
import { isSame } from '../lib/same.ts';
import type { Work } from '../work.ts';
import { LotClaimedError } from './errors.ts';
import { DEFAULT_RULES, type LotRules, type LotStatus, type ParkingLot, parseRules } from './lot.ts';
import { findLotsByIds, forgetObserved, insertLot, lockLot, readPeak, saveLot } from './lot-store.ts';
import { announceOccupancy, snapshotOfOccupancy } from './occupancy-service.ts';
import { canManageParking } from './policy.ts';
import {
  labelsOf,
  MAX_SPACES,
  type NewSpaces,
  type SpaceKind,
  type SpaceRange,
  type SpaceStatus,
} from './space.ts';
import { changeSpaces, countActiveSpaces, insertSpaces } from './space-store.ts';

/** What is left out, or null, stays; of a new lot it is as `DEFAULT_RULES` say. */
type Given<T> = { readonly [K in keyof T]?: T[K] | null | undefined };

export interface CreateParkingLot extends Given<Omit<LotRules, 'name' | 'capacity'>> {
  readonly venueId: string;
  readonly name: string;
  readonly capacity: number;
  readonly spaces?: readonly NewSpaces[] | null | undefined;
}

/** @throws NotFoundError, NotOwnerError, ValidationError, LotNameTakenError, SpaceLabelTakenError */
export async function createParkingLot(work: Work, input: CreateParkingLot): Promise<ParkingLot> {
  const { tx, now } = work;
  const { venueId, name, capacity } = input;
  if (!canManageParking(work.actor, venueId)) throw new NotOwnerError('make parking lots');
  const [venue] = await findVenuesByIds(tx, [venueId]);
  if (!venue) throw new NotFoundError('venue');
  const id = newId();
  await insertLot(tx, {
    ...parseRules(merged({ ...DEFAULT_RULES, name, capacity }, input)),
    id,
    venueId,
    status: 'ACTIVE',
    version: 1,
    createdAt: now,
    updatedAt: now,
  });
  await addSpaces(work, { venueId, lotId: id }, { field: 'spaces', added: input.spaces ?? [] });
  await refuseTooManySpaces(work, id, capacity);
  return await announceLot(work, { venueId, lotId: id, type: 'parking.lot-created' });
}

/** Some spaces of a lot, and what is to be another with them. */
export interface ChangeSpaces {
  readonly named: { readonly ids: readonly string[] } | SpaceRange;
  readonly kind?: SpaceKind | null | undefined;
  readonly status?: SpaceStatus | null | undefined;
}

export interface UpdateParkingLot extends Given<LotRules> {
  readonly venueId: string;
  readonly lotId: string;
  readonly expectedVersion: number;
  readonly status?: LotStatus | null | undefined;
  readonly addSpaces?: readonly NewSpaces[] | null | undefined;
  readonly changeSpaces?: readonly ChangeSpaces[] | null | undefined;
}

/**
 * Changes a lot and its spaces. What is reserved stays reserved, and who stands there stays. What changes nothing is no
 * change.
 *
 * @throws NotFoundError, NotOwnerError, ValidationError, VersionConflictError, LotNameTakenError, LotClaimedError,
 * SpaceLabelTakenError
 */
export async function updateParkingLot(work: Work, input: UpdateParkingLot): Promise<ParkingLot> {
  const { tx, now } = work;
  const { venueId, lotId, expectedVersion } = input;
  const lot = await lockLot(tx, venueId, { id: lotId, now });
  if (!lot) throw new NotFoundError('parking lot');
  if (!canManageParking(work.actor, venueId)) throw new NotOwnerError('change parking lots');
  if (lot.version !== expectedVersion) throw new VersionConflictError(lot.version);
  const wanted: ParkingLot = {
    ...lot,
    ...parseRules(merged(lot, input)),
    status: input.status ?? lot.status,
  };
  if (wanted.capacity < lot.capacity) await refuseNarrowed(work, wanted);
  const added = await addSpaces(
    work,
    { venueId, lotId },
    { field: 'addSpaces', added: input.addSpaces ?? [] },
  );
  let changed = 0;
  for (const [at, change] of (input.changeSpaces ?? []).entries())
    changed += await changeSome(work, { venueId, lotId }, { ...change, field: ['changeSpaces', at] });
  await refuseTooManySpaces(work, lotId, wanted.capacity);
  if (added + changed === 0 && isSame(wanted, lot)) return lot;
  await saveLot(tx, { ...wanted, version: lot.version + 1, updatedAt: now });
  if (wanted.countedBy !== lot.countedBy) await forgetObserved(tx, lotId);
  return await announceLot(work, { venueId, lotId, type: 'parking.lot-updated' });
}

/** What the lot is from now on, and how full. */
async function announceLot(
  work: Work,
  {
    venueId,
    lotId,
    type,
  }: {
    readonly venueId: string;
    readonly lotId: string;
    readonly type: 'parking.lot-created' | 'parking.lot-updated';
  },
): Promise<ParkingLot> {
  const occupancy = await announceOccupancy(work, lotId);
  const [lot] = await findLotsByIds(work.tx, venueId, { ids: [lotId], now: work.now });
  if (!lot) throw new NotFoundError('parking lot');
  const { name, version } = lot;
  work.emit({ type, venueId, ...snapshotOfOccupancy(lotId, occupancy), name, version });
  return lot;
}

interface OfLot {
  readonly venueId: string;
  readonly lotId: string;
}

/** Gives how many. */
async function addSpaces(
  { tx, now }: Work,
  lot: OfLot,
  { field, added }: { readonly field: string; readonly added: readonly NewSpaces[] },
): Promise<number> {
  const labelled = added.map((spaces, at) => ({
    kind: spaces.kind,
    labels: inField([field, at], () => labelsOf(spaces)),
  }));
  const count = labelled.reduce((sum, { labels }) => sum + labels.length, 0);
  refuseTooMany(field, count);
  for (const { kind, labels } of labelled)
    await insertSpaces(tx, lot, { ids: labels.map(() => newId()), labels, kind, createdAt: now });
  return count;
}

/** Gives how many are another than before. */
async function changeSome(
  { tx }: Work,
  lot: OfLot,
  {
    field,
    named: meant,
    kind = null,
    status = null,
  }: ChangeSpaces & { readonly field: readonly (string | number)[] },
): Promise<number> {
  const named =
    'ids' in meant
      ? { ids: [...new Set(meant.ids)] }
      : { labels: inField([...field, 'range'], () => labelsOf(meant)) };
  const wanted = 'ids' in named ? named.ids.length : named.labels.length;
  refuseTooMany(field, wanted);
  const { found, changed } = await changeSpaces(tx, lot, { named, kind, status });
  if (found < wanted) throw new NotFoundError('parking space');
  return changed;
}

function refuseTooMany(field: InputPath, count: number): void {
  if (count > MAX_SPACES)
    throw new ValidationError(`At most ${MAX_SPACES} spaces can be named at once.`, { field });
}

async function refuseTooManySpaces({ tx }: Work, lotId: string, capacity: number): Promise<void> {
  if ((await countActiveSpaces(tx, lotId)) > capacity)
    throw new ValidationError('A lot has at most as many open spaces as it takes cars.', {
      field: 'capacity',
    });
}

async function refuseNarrowed({ tx }: Work, { id, capacity }: ParkingLot): Promise<void> {
  const claimed = await readPeak(tx, id);
  if (claimed > capacity) throw new LotClaimedError(claimed);
}

/** Of what can be nothing, null says so; what is left out stays. */
const merged = (known: LotRules, given: Given<LotRules>): LotRules => ({
  name: given.name ?? known.name,
  description: given.description === undefined ? known.description : given.description,
  address: given.address === undefined ? known.address : given.address,
  location: given.location === undefined ? known.location : given.location,
  capacity: given.capacity ?? known.capacity,
  countedBy: given.countedBy ?? known.countedBy,
  staleAfterSeconds: given.staleAfterSeconds ?? known.staleAfterSeconds,
  reservableDays: given.reservableDays ?? known.reservableDays,
  noShowMinutes: given.noShowMinutes === undefined ? known.noShowMinutes : given.noShowMinutes,
  usualStayMinutes: given.usualStayMinutes ?? known.usualStayMinutes,
});
