import { type Kysely, sql } from 'kysely';
import { type KeysetRange, keysetPage } from '../db/keyset.ts';
import type { Database } from '../db/schema.ts';
import type { Handpay, ToldHandpay } from './handpay.ts';

/** Puts a handpay on record as the one its machine holds; false when its id was there before. */
export async function insertHandpay(tx: Kysely<Database>, handpay: ToldHandpay): Promise<boolean> {
  const { numInsertedOrUpdatedRows = 0n } = await tx
    .insertInto('handpay')
    .values({
      id: handpay.id,
      venue_id: handpay.venueId,
      machine_id: handpay.machineId,
      kind: handpay.kind,
      progressive_group: handpay.progressiveGroup,
      level: handpay.level,
      cents: handpay.cents,
      partial_pay: handpay.partialPay,
      can_go_to_credit_meter: handpay.canGoToCreditMeter,
      pending_at: handpay.pendingAt,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows > 0n;
}

/** That these machines were told of these handpays, as far as they hold them still. */
export async function releaseHandpays(
  tx: Kysely<Database>,
  released: readonly { readonly machineId: string; readonly eventId: string }[],
): Promise<void> {
  if (released.length === 0) return;
  await tx
    .updateTable('handpay')
    .set({ held: false })
    .where('held', '=', true)
    .where(
      'id',
      'in',
      released.map(({ eventId }) => eventId),
    )
    .execute();
}

/** That a machine was told of whatever it held but this one. */
export async function releaseOthers(
  tx: Kysely<Database>,
  { id, venueId, machineId }: ToldHandpay,
): Promise<void> {
  await tx
    .updateTable('handpay')
    .set({ held: false })
    .where('venue_id', '=', venueId)
    .where('machine_id', '=', machineId)
    .where('id', '<>', id)
    .where('held', '=', true)
    .execute();
}

/** What the machines may still hold though it is on record, by machine. */
export async function listHeldHandpays(
  db: Kysely<Database>,
  venueId: string,
  machineIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (machineIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('handpay')
    .select(['machine_id', 'id'])
    .where('venue_id', '=', venueId)
    .where('machine_id', 'in', machineIds)
    .where('held', '=', true)
    .execute();
  return new Map(rows.map((row) => [row.machine_id, row.id]));
}

export async function findHandpaysByIds(
  db: Kysely<Database>,
  venueId: string,
  ids: readonly string[],
): Promise<readonly Handpay[]> {
  if (ids.length === 0) return [];
  const rows = await handpays(db).where('venue_id', '=', venueId).where('id', 'in', ids).execute();
  return rows.map(toHandpay);
}

/** Which handpays of a venue are meant; null: whatever there is. */
export interface HandpayFilter {
  readonly machineIds: readonly string[] | null;
  /** Only those that a machine of the floor waits with, or only those that were reset. */
  readonly isOpen: boolean | null;
  readonly from: Date | null;
  readonly to: Date | null;
}

/** The newest first, or in reverse when read backward. */
export async function listHandpays(
  db: Kysely<Database>,
  venueId: string,
  { filter, range }: { readonly filter: HandpayFilter; readonly range: KeysetRange },
): Promise<readonly Handpay[]> {
  const query = filtered(db, venueId, filter);
  const rows = await keysetPage(query, { time: 'pending_at', newestFirst: true }, range).execute();
  return rows.map(toHandpay);
}

export async function countHandpays(
  db: Kysely<Database>,
  venueId: string,
  filter: HandpayFilter,
): Promise<number> {
  const { count } = await filtered(db, venueId, filter)
    .clearSelect()
    .select(sql<number>`count(*)::int`.as('count'))
    .executeTakeFirstOrThrow();
  return count;
}

/** How many handpays of the machines of a venue were not reset. */
export async function countWaitingHandpays(db: Kysely<Database>, venueId: string): Promise<number> {
  const { count } = await db
    .selectFrom('handpay')
    .innerJoin('machine', 'machine.id', 'handpay.machine_id')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('handpay.venue_id', '=', venueId)
    .where('handpay.reset_at', 'is', null)
    .where('machine.removed_at', 'is', null)
    .executeTakeFirstOrThrow();
  return count;
}

function filtered(db: Kysely<Database>, venueId: string, { machineIds, isOpen, from, to }: HandpayFilter) {
  let found = handpays(db).where('venue_id', '=', venueId);
  if (machineIds !== null) found = found.where('machine_id', '=', sql<string>`any(${machineIds}::uuid[])`);
  if (isOpen !== null) found = found.where('reset_at', isOpen ? 'is' : 'is not', null);
  // A machine that was taken off the floor waits with nothing any more.
  if (isOpen)
    found = found.where(
      sql<boolean>`exists (select from machine where id = machine_id and removed_at is null)`,
    );
  if (from !== null) found = found.where('pending_at', '>=', from);
  if (to !== null) found = found.where('pending_at', '<', to);
  return found;
}

/** Each with the command that reset it, as a table of its own. */
const handpays = (db: Kysely<Database>) =>
  db
    .selectFrom((eb) =>
      eb
        .selectFrom('handpay')
        .leftJoin('machine_command as command', 'command.id', 'handpay.reset_command_id')
        .selectAll('handpay')
        .select([
          'command.handpay_method as method',
          'command.requested_by as requestedBy',
          'command.requested_by_kind as requestedByKind',
          'command.reason as reason',
        ])
        .as('shown'),
    )
    .selectAll();

type HandpayRow = Awaited<ReturnType<ReturnType<typeof handpays>['executeTakeFirstOrThrow']>>;

function toHandpay(row: HandpayRow): Handpay {
  return {
    id: row.id,
    venueId: row.venue_id,
    machineId: row.machine_id,
    kind: row.kind,
    progressiveGroup: row.progressive_group,
    level: row.level,
    cents: row.cents,
    partialPay: row.partial_pay,
    canGoToCreditMeter: row.can_go_to_credit_meter,
    pendingAt: row.pending_at,
    reset: row.reset_at && {
      at: row.reset_at,
      command: row.reset_command_id
        ? {
            id: row.reset_command_id,
            method: row.method ?? 'STANDARD',
            requestedBy:
              row.requestedBy && row.requestedByKind
                ? { kind: row.requestedByKind, id: row.requestedBy }
                : null,
            reason: row.reason,
          }
        : null,
    },
  };
}
