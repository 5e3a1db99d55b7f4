import { findVenuesByIds } from '../auth/venue-store.ts';
import { NotFoundError, NotOwnerError, ValidationError, VersionConflictError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import { isSame } from '../lib/same.ts';
import { findMachine } from '../machine/store.ts';
import type { Work } from '../work.ts';
import { offerFreed } from './freed-time.ts';
import { canManageBookings } from './policy.ts';
import {
  DEFAULT_RULES,
  parseRules,
  type Resource,
  type ResourceKind,
  type ResourceRules,
  type ResourceStatus,
  refuseSlotless,
} from './resource.ts';
import { insertResource, lockResource, saveResource } from './resource-store.ts';

/** What is left out, or null, stays; of a new resource it is as `DEFAULT_RULES` say. */
type Given<T> = { readonly [K in keyof T]?: T[K] | null | undefined };

export interface CreateResource extends Given<Omit<ResourceRules, 'name'>> {
  readonly venueId: string;
  readonly kind: ResourceKind;
  readonly name: string;
  readonly machineId?: string | null | undefined;
}

/** @throws NotFoundError, NotOwnerError, ValidationError, ResourceTakenError */
export async function createResource(work: Work, input: CreateResource): Promise<Resource> {
  const { tx, now } = work;
  const { venueId, kind, machineId = null } = input;
  if (!canManageBookings(work.actor, venueId)) throw new NotOwnerError('make resources');
  const [venue] = await findVenuesByIds(tx, [venueId]);
  if (!venue) throw new NotFoundError('venue');
  if (machineId !== null && kind !== 'MACHINE')
    throw new ValidationError('machineId goes with kind MACHINE.', { field: 'machineId' });
  if (machineId !== null && !(await findMachine(tx, venueId, machineId))) throw new NotFoundError('machine');
  const resource: Resource = {
    ...parseRules(merged({ ...DEFAULT_RULES, name: input.name }, input), venue.currency),
    id: newId(),
    venueId,
    kind,
    machineId,
    currency: venue.currency,
    timeZone: venue.timeZone,
    status: 'ACTIVE',
    version: 1,
    createdAt: now,
    updatedAt: now,
  };
  refuseSlotless(resource);
  await insertResource(tx, resource);
  work.emit({ type: 'booking.resource-created', ...changeOf(resource) });
  return resource;
}

export interface UpdateResource extends Given<ResourceRules> {
  readonly venueId: string;
  readonly resourceId: string;
  readonly expectedVersion: number;
  readonly status?: ResourceStatus | null | undefined;
}

/**
 * Changes what can be booked from now on; what is booked stays booked. What changes nothing is no change.
 *
 * @throws NotFoundError, NotOwnerError, ValidationError, ResourceTakenError, VersionConflictError
 */
export async function updateResource(work: Work, input: UpdateResource): Promise<Resource> {
  const { venueId, resourceId, expectedVersion } = input;
  const resource = await lockResource(work.tx, venueId, resourceId);
  if (!resource) throw new NotFoundError('resource');
  if (!canManageBookings(work.actor, venueId)) throw new NotOwnerError('change resources');
  if (resource.version !== expectedVersion) throw new VersionConflictError(resource.version);
  const wanted: Resource = {
    ...resource,
    ...parseRules(merged(resource, input), resource.currency),
    status: input.status ?? resource.status,
  };
  if (isSame(wanted, resource)) return resource;
  // One that never had a slot is still closed and renamed.
  if (!isSame(timesOf(wanted), timesOf(resource))) refuseSlotless(wanted);
  const changed = { ...wanted, version: resource.version + 1, updatedAt: work.now };
  await saveResource(work.tx, changed);
  work.emit({ type: 'booking.resource-updated', ...changeOf(changed) });
  // It may take more now, or be open again.
  await offerFreed(work, { venueId, resourceId, startsAt: work.now, endsAt: FOREVER });
  return changed;
}

const timesOf = ({ slotMinutes, openingHours }: ResourceRules) => ({ slotMinutes, openingHours });

const FOREVER = new Date('9999-12-31T00:00:00Z');

/** Of what can be nothing, null says so; what is left out stays. */
const merged = (known: ResourceRules, given: Given<ResourceRules>): ResourceRules => ({
  name: given.name ?? known.name,
  description: given.description === undefined ? known.description : given.description,
  slotMinutes: given.slotMinutes ?? known.slotMinutes,
  capacity: given.capacity ?? known.capacity,
  priceMinor: given.priceMinor ?? known.priceMinor,
  openingHours: given.openingHours ?? known.openingHours,
  bookableDays: given.bookableDays ?? known.bookableDays,
  freeCancellationMinutes: given.freeCancellationMinutes ?? known.freeCancellationMinutes,
  lateRefundPercent: given.lateRefundPercent ?? known.lateRefundPercent,
  noShowMinutes: given.noShowMinutes === undefined ? known.noShowMinutes : given.noShowMinutes,
});

const changeOf = ({ id, venueId, name, version }: Resource) => ({
  venueId,
  resourceId: id,
  name,
  version,
});
