import { type Kysely, sql } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { Actor, Rights } from '../lib/actor.ts';
import { canWriteFirmware } from './policy.ts';

interface Moment {
  readonly venueId: string;
  readonly now: Date;
}

/** From when until when somebody has a device for himself. */
export interface Holding {
  readonly from: Date;
  readonly until: Date;
}

/** The slots for which a person has booked each of these devices for this very moment; those he has not are left out. */
export async function findHeldDevices(
  db: Kysely<Database>,
  { venueId, userId, deviceIds, now }: Moment & OfPerson,
): Promise<ReadonlyMap<string, Holding>> {
  if (deviceIds?.length === 0) return new Map();
  let held = db
    .selectFrom('slot_claim as claim')
    .innerJoin('device', (join) =>
      join
        .onRef('device.resource_id', '=', 'claim.resource_id')
        .onRef('device.venue_id', '=', 'claim.venue_id'),
    )
    .select((found) => [
      'device.id',
      found.fn.min('claim.starts_at').as('from'),
      found.fn.max('claim.ends_at').as('until'),
    ])
    .where('claim.venue_id', '=', venueId)
    .where('claim.user_id', '=', userId)
    .where('claim.kind', '=', 'BOOKING')
    .where('claim.starts_at', '<=', now)
    .where('claim.ends_at', '>', now)
    .where('device.status', '=', 'ACTIVE')
    .groupBy('device.id');
  if (deviceIds) held = held.where('device.id', '=', sql<string>`any(${deviceIds}::uuid[])`);
  return new Map((await held.execute()).map(({ id, from, until }) => [id, { from, until }]));
}

interface OfPerson {
  readonly userId: string;
  /** Undefined: whichever he has. */
  readonly deviceIds?: readonly string[];
}

/** Who may give these devices another firmware: who may give it to any, and who has booked them for this very moment. */
export async function mayWriteFirmware(
  db: Kysely<Database>,
  actor: Actor,
  { venueId, deviceIds, now }: Moment & { readonly deviceIds: readonly string[] },
): Promise<boolean> {
  if (canWriteFirmware(actor, venueId)) return true;
  if (actor.kind !== 'user' || actor.venueId !== venueId) return false;
  const held = await findHeldDevices(db, { venueId, userId: actor.userId, deviceIds, now });
  return deviceIds.every((id) => held.has(id));
}

/** Whether it is for this moment that the person has booked some device. */
export async function holdsDevice(
  db: Kysely<Database>,
  actor: Actor,
  { venueId, now }: Moment,
): Promise<boolean> {
  if (actor.kind !== 'user' || actor.venueId !== venueId) return false;
  return (await findHeldDevices(db, { venueId, userId: actor.userId, now })).size > 0;
}

/** The devices that the viewer is, that are his, or that he has booked for this very moment. */
export async function findOwnDevices(
  db: Kysely<Database>,
  viewer: Rights,
  { venueId, now }: Moment,
): Promise<readonly string[]> {
  if (!('venueId' in viewer) || viewer.venueId !== venueId) return [];
  if (viewer.kind === 'device') return 'deviceId' in viewer ? [String(viewer.deviceId)] : [];
  const userId = userIdOf(viewer);
  if (userId === null) return [];
  const held = await findHeldDevices(db, { venueId, userId, now });
  const owned = await db
    .selectFrom('device')
    .select('id')
    .where('venue_id', '=', venueId)
    .where('owner_id', '=', userId)
    .where('status', '=', 'ACTIVE')
    .execute();
  return [...new Set([...held.keys(), ...owned.map(({ id }) => id)])];
}

/** Null for who is nobody in particular. */
export const userIdOf = (viewer: Rights): string | null =>
  viewer.kind === 'user' && 'userId' in viewer && typeof viewer.userId === 'string' ? viewer.userId : null;
