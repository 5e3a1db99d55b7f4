import { type Kysely, type Selectable, sql } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { DiscoveredAddressTable } from '../db/tables/machine.ts';
import type { DiscoveredAddress } from './discovered-address.ts';
import type { Discovery } from './discovery.ts';

/** What was heard on these lines where no machine is registered, by address. */
export async function listDiscoveredAddresses(
  db: Kysely<Database>,
  venueId: string,
  lineIds: readonly string[],
): Promise<readonly DiscoveredAddress[]> {
  if (lineIds.length === 0) return [];
  const rows = await addresses(db)
    .where('found.venue_id', '=', venueId)
    .where('found.line_id', 'in', lineIds)
    .orderBy('found.address')
    .execute();
  return rows.map(toAddress);
}

interface Place {
  readonly venueId: string;
  readonly lineId: string;
  readonly address: number;
}

export async function findDiscoveredAddress(
  db: Kysely<Database>,
  { venueId, lineId, address }: Place,
): Promise<DiscoveredAddress | null> {
  const row = await addresses(db)
    .where('found.venue_id', '=', venueId)
    .where('found.line_id', '=', lineId)
    .where('found.address', '=', address)
    .executeTakeFirst();
  return row ? toAddress(row) : null;
}

export async function saveDiscoveredAddress(
  tx: Kysely<Database>,
  found: Omit<DiscoveredAddress, 'knownMachineId'>,
): Promise<void> {
  const columns = {
    last_heard_at: found.lastHeardAt,
    answered_at: found.answeredAt,
    missed_at: found.missedAt,
    sas_version: found.sasVersion,
    serial_number: found.serialNumber,
    game_id: found.gameId,
    additional_id: found.additionalId,
    denomination_code: found.denominationCode,
    paytable_id: found.paytableId,
  };
  await tx
    .insertInto('discovered_address')
    .values({
      venue_id: found.venueId,
      line_id: found.lineId,
      address: found.address,
      first_heard_at: found.firstHeardAt,
      ...columns,
    })
    .onConflict((conflict) => conflict.columns(['line_id', 'address']).doUpdateSet(columns))
    .execute();
}

/** A machine is registered there by now. */
export async function forgetDiscoveredAddress(
  tx: Kysely<Database>,
  { venueId, lineId, address }: Place,
): Promise<void> {
  await tx
    .deleteFrom('discovered_address')
    .where('venue_id', '=', venueId)
    .where('line_id', '=', lineId)
    .where('address', '=', address)
    .execute();
}

/** Nobody listens on this line any more. */
export async function forgetDiscoveredAddresses(
  tx: Kysely<Database>,
  { venueId, lineId }: Pick<Place, 'venueId' | 'lineId'>,
): Promise<void> {
  await tx
    .deleteFrom('discovered_address')
    .where('venue_id', '=', venueId)
    .where('line_id', '=', lineId)
    .execute();
}

/** Forgets whoever was missed before and not heard of since this search began. */
export async function forgetLost(tx: Kysely<Database>, discovery: Discovery): Promise<void> {
  await tx
    .deleteFrom('discovered_address')
    .where('venue_id', '=', discovery.venueId)
    .where('line_id', '=', discovery.lineId)
    .where('address', '>=', discovery.fromAddress)
    .where('address', '<=', discovery.toAddress)
    .where('missed_at', 'is not', null)
    .where('last_heard_at', '<', discovery.startedAt)
    .execute();
}

/** Notes who did not answer this search; answers all of them, by address. */
export async function markMissed(
  tx: Kysely<Database>,
  discovery: Discovery,
  at: Date,
): Promise<readonly number[]> {
  const rows = await tx
    .updateTable('discovered_address')
    .set((eb) => ({ missed_at: eb.fn.coalesce('missed_at', sql<Date>`${at}::timestamptz`) }))
    .where('venue_id', '=', discovery.venueId)
    .where('line_id', '=', discovery.lineId)
    .where('address', '>=', discovery.fromAddress)
    .where('address', '<=', discovery.toAddress)
    .where((eb) => eb.or([eb('answered_at', 'is', null), eb('answered_at', '<', discovery.startedAt)]))
    .returning('address')
    .execute();
  return rows.map(({ address }) => address).sort((one, other) => one - other);
}

const addresses = (db: Kysely<Database>) =>
  db
    .selectFrom('discovered_address as found')
    .selectAll('found')
    .select((eb) =>
      eb
        .selectFrom('machine')
        .whereRef('machine.venue_id', '=', 'found.venue_id')
        .whereRef('machine.serial_number', '=', 'found.serial_number')
        .where('machine.serial_number', '<>', '')
        .having(sql`count(*)`, '=', 1)
        .select(sql<string>`(array_agg(machine.id))[1]`.as('id'))
        .as('known_machine_id'),
    );

const toAddress = (
  row: Selectable<DiscoveredAddressTable> & { readonly known_machine_id: string | null },
): DiscoveredAddress => ({
  venueId: row.venue_id,
  lineId: row.line_id,
  address: row.address,
  firstHeardAt: row.first_heard_at,
  lastHeardAt: row.last_heard_at,
  answeredAt: row.answered_at,
  missedAt: row.missed_at,
  sasVersion: row.sas_version,
  serialNumber: row.serial_number,
  gameId: row.game_id,
  additionalId: row.additional_id,
  denominationCode: row.denomination_code,
  paytableId: row.paytable_id,
  knownMachineId: row.known_machine_id,
});
