import { type Kysely, type SelectQueryBuilder, sql } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { HostCashOut } from './aft-cash-out.ts';
import type { Requester } from './command.ts';
import type { Capabilities, Connection, Machine, MachineIdentity, MachineLock } from './machine.ts';

export async function findMachinesByIds(
  db: Kysely<Database>,
  venueId: string,
  ids: readonly string[],
): Promise<readonly Machine[]> {
  if (ids.length === 0) return [];
  const rows = await machines(db).where('venue_id', '=', venueId).where('id', 'in', ids).execute();
  return rows.map(toMachine);
}

export async function findMachine(
  db: Kysely<Database>,
  venueId: string,
  id: string,
): Promise<Machine | null> {
  const [machine] = await findMachinesByIds(db, venueId, [id]);
  return machine ?? null;
}

/** The same row, locked until the transaction ends. */
export async function lockMachineRow(
  tx: Kysely<Database>,
  venueId: string,
  id: string,
): Promise<Machine | null> {
  const row = await machines(tx)
    .where('venue_id', '=', venueId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row ? toMachine(row) : null;
}

/** The machines on a line, by address; not those that were removed. */
export function listMachinesOfLine(
  db: Kysely<Database>,
  venueId: string,
  lineId: string,
): Promise<readonly Machine[]> {
  return listMachinesOfLines(db, venueId, [lineId]);
}

/** The same for several lines at once. */
export async function listMachinesOfLines(
  db: Kysely<Database>,
  venueId: string,
  lineIds: readonly string[],
): Promise<readonly Machine[]> {
  if (lineIds.length === 0) return [];
  const rows = await machines(db)
    .where('venue_id', '=', venueId)
    .where('line_id', 'in', lineIds)
    .where('removed_at', 'is', null)
    .orderBy('address')
    .execute();
  return rows.map(toMachine);
}

export async function insertMachine(tx: Kysely<Database>, machine: NewMachine): Promise<void> {
  await tx
    .insertInto('machine')
    .values({
      id: machine.id,
      venue_id: machine.venueId,
      line_id: machine.lineId,
      address: machine.address,
      name: machine.name,
      profile: machine.profile,
      host_cash_out: machine.hostCashOut ?? 'OFF',
      created_at: machine.createdAt,
    })
    .execute();
}

export interface NewMachine {
  readonly id: string;
  readonly venueId: string;
  readonly lineId: string;
  readonly address: number;
  readonly name: string;
  readonly profile: string | null;
  readonly hostCashOut?: HostCashOut;
  readonly createdAt: Date;
}

/** Changes a machine's row and answers it as it is then. */
export async function updateMachine(
  tx: Kysely<Database>,
  machine: Pick<Machine, 'id' | 'venueId'>,
  change: MachineChange,
): Promise<Machine> {
  const row = await tx
    .updateTable('machine')
    .set((eb) => ({ ...toColumns(change), version: eb('version', '+', 1n) }))
    .where('venue_id', '=', machine.venueId)
    .where('id', '=', machine.id)
    .returningAll()
    .executeTakeFirstOrThrow();
  return toMachine(row);
}

export interface MachineChange {
  readonly connection?: { readonly state: Connection; readonly at: Date };
  readonly inGame?: boolean;
  readonly lock?: MachineLock | null;
  readonly billAcceptorEnabled?: boolean;
  readonly identity?: { readonly value: MachineIdentity; readonly at: Date };
  readonly exchangedAt?: Date;
  readonly enabledGames?: readonly number[];
}

/** Notes when machines were last heard, without a new version. */
export async function touchMachines(tx: Kysely<Database>, ids: readonly string[], at: Date): Promise<void> {
  if (ids.length === 0) return;
  await tx
    .updateTable('machine')
    .set({ last_seen_at: at })
    .where('id', 'in', ids)
    .where((eb) => eb.or([eb('last_seen_at', 'is', null), eb('last_seen_at', '<', at)]))
    .execute();
}

/** How many machines of a venue are in each state of connection. */
export const countConnections = (db: Kysely<Database>, venueId: string): Promise<ConnectionCounts> =>
  countByConnection(present(db).where('venue_id', '=', venueId));

/** The same of all venues together. */
export const countAllConnections = (db: Kysely<Database>): Promise<ConnectionCounts> =>
  countByConnection(present(db));

type ConnectionCounts = Readonly<Record<Connection, number>>;

async function countByConnection(some: ReturnType<typeof machines>): Promise<ConnectionCounts> {
  const rows = await some
    .clearSelect()
    .groupBy('connection')
    .select(['connection', sql<number>`count(*)::int`.as('count')])
    .execute();
  const counts = { ONLINE: 0, OFFLINE: 0, UNKNOWN: 0 };
  for (const { connection, count } of rows) counts[connection] = count;
  return counts;
}

/** Every row there is. */
export const machines = (db: Kysely<Database>) => db.selectFrom('machine').selectAll();

const present = (db: Kysely<Database>) => machines(db).where('removed_at', 'is', null);

type MachineRow =
  ReturnType<typeof machines> extends SelectQueryBuilder<Database, 'machine', infer Row> ? Row : never;

export function toMachine(row: MachineRow): Machine {
  return {
    id: row.id,
    venueId: row.venue_id,
    lineId: row.line_id,
    address: row.address,
    name: row.name,
    connection: row.connection,
    connectionChangedAt: row.connection_changed_at,
    lastSeenAt: row.last_seen_at,
    inGame: row.in_game,
    lock:
      row.locked_at && row.lock_reason !== null
        ? { reason: row.lock_reason, lockedAt: row.locked_at, lockedBy: lockerOf(row) }
        : null,
    billAcceptorEnabled: row.bill_acceptor_enabled,
    identity: row.identified_at && {
      serialNumber: row.serial_number,
      sasVersion: row.sas_version,
      gameId: row.game_id,
      paytableId: row.paytable_id,
      basePercent: row.base_percent,
      denominationCode: row.denomination_code,
      additionalId: row.additional_id,
      maxBet: row.max_bet,
      numberOfGames: row.number_of_games,
      assetNumber: row.asset_number === null ? null : Number(row.asset_number),
      // Only `updateMachine` writes this column.
      capabilities: row.features as Capabilities | null,
      enabledGames: row.enabled_games,
      selectedGame: row.selected_game,
      enabledDenominations: row.enabled_denominations,
    },
    exchangedAt: row.exchanged_at,
    profile: row.profile,
    hostCashOut: row.host_cash_out,
    version: row.version,
    registrationVersion: row.registration_version,
    createdAt: row.created_at,
    removedAt: row.removed_at,
  };
}

const lockerOf = ({ locked_by, locked_by_kind }: MachineRow): Requester | null =>
  locked_by && locked_by_kind ? { kind: locked_by_kind, id: locked_by } : null;

const listOf = (numbers: readonly number[] | null) => numbers && [...numbers];

function toColumns(change: MachineChange) {
  const { connection, inGame, lock, billAcceptorEnabled, identity, exchangedAt, enabledGames } = change;
  return {
    ...(connection && {
      connection: connection.state,
      connection_changed_at: connection.at,
      ...(connection.state === 'ONLINE' && { last_seen_at: connection.at }),
    }),
    ...(inGame !== undefined && { in_game: inGame }),
    ...(lock !== undefined && {
      lock_reason: lock?.reason ?? null,
      locked_at: lock?.lockedAt ?? null,
      locked_by: lock?.lockedBy?.id ?? null,
      locked_by_kind: lock?.lockedBy?.kind ?? null,
    }),
    ...(billAcceptorEnabled !== undefined && { bill_acceptor_enabled: billAcceptorEnabled }),
    ...(identity && {
      identified_at: identity.at,
      serial_number: identity.value.serialNumber,
      sas_version: identity.value.sasVersion,
      game_id: identity.value.gameId,
      paytable_id: identity.value.paytableId,
      base_percent: identity.value.basePercent,
      denomination_code: identity.value.denominationCode,
      additional_id: identity.value.additionalId,
      max_bet: identity.value.maxBet,
      number_of_games: identity.value.numberOfGames,
      asset_number: identity.value.assetNumber === null ? null : BigInt(identity.value.assetNumber),
      features: identity.value.capabilities && JSON.stringify(identity.value.capabilities),
      enabled_games: listOf(identity.value.enabledGames),
      selected_game: identity.value.selectedGame,
      enabled_denominations: listOf(identity.value.enabledDenominations),
    }),
    ...(exchangedAt && { exchanged_at: exchangedAt }),
    ...(enabledGames && { enabled_games: [...enabledGames] }),
  };
}
