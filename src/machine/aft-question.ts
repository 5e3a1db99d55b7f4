import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { meterCode, modulusOf } from '../sas/codec/meters.ts';
import type { AftLine } from '../sas/host/aft-commands.ts';
import { type Recovery, recoverAft } from '../sas/host/aft-history.ts';
import { readTraces } from '../sas/host/aft-meters.ts';
import type { GameMeters } from '../sas/host/game-meters.ts';
import { readSerialNumber } from '../sas/host/serial-number.ts';
import { hasMovedBefore, listEarlierIds } from './aft-earlier-store.ts';
import { findLastReconciliation, findUnreconciled } from './aft-reconciliation-store.ts';
import { expectedOf } from './aft-step.ts';
import type { AftTransfer } from './aft-transfer.ts';
import { findAddressee } from './aft-transfer-store.ts';
import { countMachineEvents } from './machine-event-store.ts';
import { definitionOf, meterDelta } from './meter.ts';
import { findMeters } from './meter-store.ts';
import { findMachine } from './store.ts';

/** What came of asking a machine for a transfer. */
export type Recovered =
  | Exclude<Recovery, { readonly kind: 'NO_TRACE' }>
  /** It has no record of it, and nothing shows that it never had one. */
  | { readonly kind: 'MEMORY_LOST' };

/**
 * Asks the machine at an address what became of a transfer that was sent, or may have been. Where it has no record of
 * it, nor any from before, or may have said that it had it, it has to be the same machine, and its meters have to say
 * that nothing moved: else it may have lost its memory since, or some of it.
 */
export async function recoverTransfer(
  db: Kysely<Database>,
  transfer: AftTransfer,
  { line, address }: { readonly line: AftLine; readonly address: number },
): Promise<Recovered> {
  const earlier = await listEarlierIds(db, transfer);
  const { assetNumber, hadIt } = await findAddressee(db, transfer);
  const found = await recoverAft(line, address, {
    ...expectedOf(transfer),
    assetNumber,
    isEarlier: (id) => earlier.has(id),
  });
  if (found.kind !== 'NO_TRACE' && found.kind !== 'NEVER_HAPPENED') return found;
  // Of any other it may have said that it had it.
  if (found.kind === 'NEVER_HAPPENED' && transfer.state === 'SENT') return found;
  const place = await askWhetherElsewhere(db, transfer, { line, address });
  if (place.kind !== 'SAME_MACHINE') return place;
  if (found.kind === 'NO_TRACE' && hadIt) return { kind: 'MEMORY_LOST' };
  const said = await readTraces(line, address);
  if (said.kind === 'NO_ANSWER') return said;
  // It was not there to answer, or does not speak of its meters yet.
  if (said.values.size === 0 && (await hasToldMeters(db, transfer)))
    return { kind: 'NO_ANSWER', failure: 'SILENT', attempts: 1 };
  return { kind: (await isUntouched(db, transfer, said.values)) ? 'NEVER_HAPPENED' : 'MEMORY_LOST' };
}

type Place =
  | Extract<Recovered, { readonly kind: 'OTHER_MACHINE' | 'NO_ANSWER' }>
  | { readonly kind: 'SAME_MACHINE' };

/** Whether the machine that it was sent to was exchanged: the next one may go by the same asset number. */
async function askWhetherElsewhere(
  db: Kysely<Database>,
  { venueId, machineId, sentAt }: AftTransfer,
  { line, address }: { readonly line: AftLine; readonly address: number },
): Promise<Place> {
  const machine = await findMachine(db, venueId, machineId);
  if (machine?.exchangedAt && sentAt && machine.exchangedAt > sentAt) return { kind: 'OTHER_MACHINE' };
  const known = machine?.identity?.serialNumber;
  // One that never told its number is held for no answer to that.
  if (!known) return { kind: 'SAME_MACHINE' };
  // What it says of itself may not be on record yet.
  const asked = await readSerialNumber(line, address);
  if (asked.kind === 'NO_ANSWER') return asked;
  const { serialNumber } = asked;
  return { kind: serialNumber && serialNumber !== known ? 'OTHER_MACHINE' : 'SAME_MACHINE' };
}

type Read = NonNullable<GameMeters>;

async function hasToldMeters(db: Kysely<Database>, { venueId, machineId }: AftTransfer): Promise<boolean> {
  const [known] = await findMeters(db, venueId, [machineId]);
  return known?.values.some(({ value }) => value > 0n) ?? false;
}

/** Whether the meters stand where they did before the transfer; one that tells nothing of that has to be a new machine. */
async function isUntouched(db: Kysely<Database>, transfer: AftTransfer, read: Read): Promise<boolean> {
  const { venueId, machineId, direction, sentAt } = transfer;
  const [known] = await findMeters(db, venueId, [machineId]);
  const isCleared = known?.values.some((before) => {
    const now = read.get(before.code);
    return now && meterDelta(definitionOf(before.code)?.kind ?? 'COUNTER', before, now).kind === 'reset';
  });
  // What is known of it may be from after it was cleared.
  const resets = { machineIds: [machineId], types: ['METER_RESET'], from: sentAt } as const;
  if (isCleared || (await countMachineEvents(db, venueId, resets)) > 0) return false;
  const code = COUNTED[direction];
  const last = await findLastReconciliation(db, venueId, machineId);
  const before = last?.meters.find((meter) => meter.code === code);
  const now = read.get(code);
  if (!before || !now) return !(await hasMovedBefore(db, transfer));
  const { booked, transferIds } = await findUnreconciled(db, venueId, machineId);
  // What a person says that this one moved is what is asked.
  const own = transferIds.includes(transfer.id) ? movedCentsOf(transfer) : 0n;
  const since = (direction === 'TO_MACHINE' ? booked.toMachine : booked.fromMachine) - own;
  const modulus = modulusOf(Math.min(before.bcdBytes, now.bcdBytes));
  return (before.closing + since - now.value) % modulus === 0n;
}

/** Cents and minor units of a currency are in the proportion of the order. */
const movedCentsOf = ({ movedMinor, cents, amountMinor }: AftTransfer): bigint =>
  ((movedMinor ?? 0n) * cents) / amountMinor;

const COUNTED = {
  TO_MACHINE: meterCode('AFT_CASHABLE_IN_CENTS'),
  FROM_MACHINE: meterCode('AFT_CASHABLE_OUT_CENTS'),
} as const;
