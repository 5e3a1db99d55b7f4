import type { Kysely } from 'kysely';
import { isViolationOf } from '../db/errors.ts';
import type { Database } from '../db/schema.ts';
import { AddressTakenError, LineNameTakenError, MachineNameTakenError, PortTakenError } from './errors.ts';
import { findLinesByIds, insertLine } from './line-store.ts';
import type { Machine, SasLine } from './machine.ts';
import type { LineSettings, MachineSettings } from './registry.ts';
import { insertMachine, lockMachineRow, type NewMachine } from './store.ts';

/** A line as it stands until the transaction ends; null for one that was removed. */
export async function lockLine(tx: Kysely<Database>, venueId: string, id: string): Promise<SasLine | null> {
  await tx
    .selectFrom('sas_line')
    .select('id')
    .where('venue_id', '=', venueId)
    .where('id', '=', id)
    // Commands that are queued for it meanwhile hold its key.
    .forNoKeyUpdate()
    .execute();
  const [line] = await findLinesByIds(tx, venueId, [id]);
  return line && !line.removedAt ? line : null;
}

/** @throws LineNameTakenError, PortTakenError */
export async function addLine(
  tx: Kysely<Database>,
  line: LineSettings & Pick<SasLine, 'id' | 'venueId'>,
): Promise<void> {
  try {
    await insertLine(tx, line);
  } catch (error) {
    throw asRefusal(error);
  }
}

/** @throws LineNameTakenError, PortTakenError */
export async function updateLineSettings(
  tx: Kysely<Database>,
  line: Pick<SasLine, 'id' | 'venueId' | 'version'>,
  settings: LineSettings,
): Promise<void> {
  try {
    await tx
      .updateTable('sas_line')
      .set({
        name: settings.name,
        port: settings.port,
        wakeup_mode: settings.wakeupMode,
        driven_by: settings.drivenBy,
        profile: settings.profile,
        version: line.version + 1,
      })
      .where('venue_id', '=', line.venueId)
      .where('id', '=', line.id)
      .execute();
  } catch (error) {
    throw asRefusal(error);
  }
}

export async function markLineRemoved(tx: Kysely<Database>, line: SasLine, at: Date): Promise<void> {
  await tx
    .updateTable('sas_line')
    .set({ removed_at: at, version: line.version + 1 })
    .where('venue_id', '=', line.venueId)
    .where('id', '=', line.id)
    .execute();
}

/** @throws MachineNameTakenError, AddressTakenError */
export async function addMachine(tx: Kysely<Database>, machine: NewMachine): Promise<void> {
  try {
    await insertMachine(tx, machine);
  } catch (error) {
    throw asRefusal(error);
  }
}

/**
 * Gives a machine another place or name, or brings it back. What was seen of it at another place says
 * nothing about this one.
 *
 * @throws MachineNameTakenError, AddressTakenError
 */
export async function moveMachine(
  tx: Kysely<Database>,
  machine: Machine,
  { lineId, address, name, profile, hostCashOut }: MachineSettings & Pick<Machine, 'lineId'>,
): Promise<void> {
  const stays = lineId === machine.lineId && address === machine.address && machine.removedAt === null;
  try {
    await tx
      .updateTable('machine')
      .set((eb) => ({
        line_id: lineId,
        address,
        name,
        profile,
        host_cash_out: hostCashOut,
        removed_at: null,
        ...(!stays && { connection: 'UNKNOWN' as const, connection_changed_at: null, in_game: false }),
        registration_version: machine.registrationVersion + 1,
        version: eb('version', '+', 1n),
      }))
      .where('venue_id', '=', machine.venueId)
      .where('id', '=', machine.id)
      .execute();
  } catch (error) {
    throw asRefusal(error);
  }
}

export async function markRemoved(tx: Kysely<Database>, machine: Machine, at: Date): Promise<Machine | null> {
  await tx
    .updateTable('machine')
    .set((eb) => ({
      removed_at: at,
      connection: 'OFFLINE',
      connection_changed_at: at,
      in_game: false,
      registration_version: machine.registrationVersion + 1,
      version: eb('version', '+', 1n),
    }))
    .where('venue_id', '=', machine.venueId)
    .where('id', '=', machine.id)
    .execute();
  return await lockMachineRow(tx, machine.venueId, machine.id);
}

function asRefusal(error: unknown): unknown {
  if (isViolationOf(error, 'sas_line_name_unique')) return new LineNameTakenError({ cause: error });
  if (isViolationOf(error, 'sas_line_port_unique')) return new PortTakenError({ cause: error });
  if (isViolationOf(error, 'machine_name_unique')) return new MachineNameTakenError({ cause: error });
  if (isViolationOf(error, 'machine_address_unique')) return new AddressTakenError({ cause: error });
  return error;
}
