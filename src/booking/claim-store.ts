import { type Kysely, type RawBuilder, type Selectable, sql, type Transaction } from 'kysely';
import { isViolationOf } from '../db/errors.ts';
import type { Database } from '../db/schema.ts';
import type { SlotClaimTable } from '../db/tables/booking.ts';
import { type Actor, actorReference } from '../lib/actor.ts';
import { NotFoundError } from '../lib/errors.ts';
import type { Claim } from './slot.ts';
import { isAwaited } from './waitlist-store.ts';

/** What is wanted of a resource's time. */
export interface Wanted {
  readonly resourceId: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
}

/** A claim to be made. */
export interface NewClaim
  extends Wanted,
    Pick<Claim, 'kind' | 'userId' | 'bookingId' | 'holdId' | 'expiresAt'> {
  readonly id: string;
  readonly venueId: string;
  /** Of an offer. */
  readonly waitlistEntryId?: string;
  readonly reason?: string | null;
  readonly createdAt: Date;
  readonly createdBy: Actor;
}

/** As many as a resource can ever take: a block claims them all. */
const ALL_SEATS = 1_000;

/** What claims any of this time and has not expired, by the resource. */
export async function listClaims(
  db: Kysely<Database>,
  resourceIds: readonly string[],
  { from, to, now }: { readonly from: Date; readonly to: Date; readonly now: Date },
): Promise<ReadonlyMap<string, readonly Claim[]>> {
  if (resourceIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('slot_claim')
    .selectAll()
    .where('resource_id', 'in', resourceIds)
    .where(overlaps({ startsAt: from, endsAt: to }))
    .where((is) => is.or([is('expires_at', 'is', null), is('expires_at', '>', now)]))
    .orderBy('starts_at')
    .orderBy('first_seat')
    .execute();
  const claims = new Map<string, Claim[]>();
  for (const row of rows) {
    const known = claims.get(row.resource_id);
    if (known) known.push(claimOf(row));
    else claims.set(row.resource_id, [claimOf(row)]);
  }
  return claims;
}

/** What claims any of each of these times and has not expired, in their order: one statement for them all. */
export async function listClaimsOfEach(
  db: Kysely<Database>,
  times: readonly Wanted[],
  now: Date,
): Promise<readonly (readonly Claim[])[]> {
  if (times.length === 0) return [];
  const { rows } = await sql<Selectable<SlotClaimTable> & { at: bigint }>`
    select slot_claim.*, wanted.at
    from unnest(
      ${times.map(({ resourceId }) => resourceId)}::uuid[],
      ${times.map(({ startsAt }) => startsAt)}::timestamptz[],
      ${times.map(({ endsAt }) => endsAt)}::timestamptz[]
    ) with ordinality as wanted (resource_id, starts_at, ends_at, at)
    join slot_claim on slot_claim.resource_id = wanted.resource_id
      and tstzrange(slot_claim.starts_at, slot_claim.ends_at) && tstzrange(wanted.starts_at, wanted.ends_at)
    where slot_claim.expires_at is null or slot_claim.expires_at > ${now}
    order by slot_claim.starts_at, slot_claim.first_seat`.execute(db);
  const claims = times.map((): Claim[] => []);
  for (const row of rows) claims[Number(row.at) - 1]?.push(claimOf(row));
  return claims;
}

/**
 * Claims one of so many seats, whichever is free; or answers false: there is none, or somebody waits for the time who
 * is offered it first. Who claims the same at the same time is waited for.
 */
export async function claimSeat(
  tx: Transaction<Database>,
  claim: NewClaim,
  capacity: number,
): Promise<boolean> {
  // Each time another one took the seat that was free when it was looked.
  for (let tries = 0; tries <= capacity; tries += 1) {
    const seat = await findFreeSeat(tx, claim, capacity);
    if (seat === null) return false;
    if (await insertClaim(tx, claim, { first: seat, last: seat })) return true;
  }
  return false;
}

/** Claims all of the time; or answers false: some of it is claimed. */
export const claimWhole = (tx: Transaction<Database>, claim: NewClaim): Promise<boolean> =>
  insertClaim(tx, claim, { first: 0, last: ALL_SEATS - 1 });

async function findFreeSeat(
  tx: Transaction<Database>,
  claim: NewClaim,
  capacity: number,
): Promise<number | null> {
  const { resourceId, startsAt, endsAt } = claim;
  const { rows } = await sql<{ seat: number | null }>`
    with taken as materialized (select first_seat, last_seat from slot_claim where resource_id = ${resourceId}
      and tstzrange(starts_at, ends_at) && tstzrange(${startsAt}, ${endsAt}))
    select min(seat) as seat from generate_series(0, ${capacity}::integer - 1) seat
    -- Seats that were given when there were more of them count as well.
    where (select count(distinct first_seat) from taken) < ${capacity}::integer
      and not exists (select from taken where seat between first_seat and last_seat)
      and ${isOpenTo(claim)}`.execute(tx);
  return rows[0]?.seat ?? null;
}

/** Whether nobody waits for the time that is claimed; an offer is his who waits, and a block takes it from all. */
function isOpenTo({ kind, resourceId, startsAt, endsAt, createdAt: now }: NewClaim): RawBuilder<boolean> {
  if (kind === 'OFFER' || kind === 'BLOCK') return sql<boolean>`true`;
  const time = { resourceId: sql`${resourceId}`, startsAt: sql`${startsAt}`, endsAt: sql`${endsAt}` };
  return sql<boolean>`not ${isAwaited(time, now)}`;
}

async function insertClaim(
  tx: Transaction<Database>,
  claim: NewClaim,
  seats: { readonly first: number; readonly last: number },
): Promise<boolean> {
  const inserted = await refusingTheGone(() =>
    tx
      .insertInto('slot_claim')
      .columns([
        ...([
          'id',
          'venue_id',
          'resource_id',
          'first_seat',
          'last_seat',
          'starts_at',
          'ends_at',
          'kind',
        ] as const),
        ...(['user_id', 'booking_id', 'hold_id', 'waitlist_entry_id', 'expires_at', 'reason'] as const),
        ...(['created_at', 'created_by'] as const),
      ])
      .expression(
        tx
          .selectNoFrom(({ val }) => [
            val(claim.id).as('id'),
            val(claim.venueId).as('venue_id'),
            val(claim.resourceId).as('resource_id'),
            val(seats.first).as('first_seat'),
            val(seats.last).as('last_seat'),
            val(claim.startsAt).as('starts_at'),
            val(claim.endsAt).as('ends_at'),
            val(claim.kind).as('kind'),
            val(claim.userId).as('user_id'),
            val(claim.bookingId).as('booking_id'),
            val(claim.holdId).as('hold_id'),
            val(claim.waitlistEntryId ?? null).as('waitlist_entry_id'),
            val(claim.expiresAt).as('expires_at'),
            val(claim.reason ?? null).as('reason'),
            val(claim.createdAt).as('created_at'),
            val(JSON.stringify(actorReference(claim.createdBy))).as('created_by'),
          ])
          .where(isOpenTo(claim)),
      )
      // Of `slot_claim_no_overlap`, as of any.
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .executeTakeFirst(),
  );
  return inserted !== undefined;
}

/** Whose account was deleted meanwhile is not there any more. */
async function refusingTheGone<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (isViolationOf(error, 'slot_claim_owner_lives')) throw new NotFoundError('user', { cause: error });
    throw error;
  }
}

/** What a claim is kept for that ends by itself. */
type KeptFor = { readonly holdId: string } | { readonly waitlistEntryId: string };

/** What was held or offered becomes what is booked, without being free in between; false: it is so no more. */
export async function bookKeptClaim(
  tx: Transaction<Database>,
  { of, bookingId, now }: { readonly of: KeptFor; readonly bookingId: string; readonly now: Date },
): Promise<boolean> {
  const query = tx
    .updateTable('slot_claim')
    .set({
      kind: 'BOOKING',
      booking_id: bookingId,
      hold_id: null,
      waitlist_entry_id: null,
      expires_at: null,
    })
    .where('expires_at', '>', now)
    .returning('id');
  const turned = await ('holdId' in of
    ? query.where('hold_id', '=', of.holdId)
    : query.where('waitlist_entry_id', '=', of.waitlistEntryId)
  ).executeTakeFirst();
  return turned !== undefined;
}

export async function deleteClaimOf(
  tx: Transaction<Database>,
  of: { readonly bookingId: string } | KeptFor,
): Promise<boolean> {
  const query = tx.deleteFrom('slot_claim').returning('id');
  let ofIt = query.where('booking_id', '=', 'bookingId' in of ? of.bookingId : null);
  if ('holdId' in of) ofIt = query.where('hold_id', '=', of.holdId);
  if ('waitlistEntryId' in of) ofIt = query.where('waitlist_entry_id', '=', of.waitlistEntryId);
  const deleted = await ofIt.executeTakeFirst();
  return deleted !== undefined;
}

/** As the constraint sees it, so that its index serves. */
export const overlaps = ({ startsAt, endsAt }: Pick<Wanted, 'startsAt' | 'endsAt'>) =>
  sql<boolean>`tstzrange(starts_at, ends_at) && tstzrange(${startsAt}, ${endsAt})`;

export const claimOf = (row: Selectable<SlotClaimTable>): Claim => ({
  id: row.id,
  kind: row.kind,
  firstSeat: row.first_seat,
  lastSeat: row.last_seat,
  startsAt: row.starts_at,
  endsAt: row.ends_at,
  userId: row.user_id,
  bookingId: row.booking_id,
  holdId: row.hold_id,
  expiresAt: row.expires_at,
  reason: row.reason,
});
