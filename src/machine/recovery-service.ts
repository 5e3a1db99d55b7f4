import { isDeepStrictEqual } from 'node:util';
import type { Work } from '../work.ts';
import { findRecoveries, type MachineRecovery, saveRecovery } from './recovery-store.ts';
import { lockMachineRow } from './store.ts';

/** Records what a machine says of its tickets as it comes online, and announces it where it says something else than before. */
export async function recordRecovery(work: Work, told: MachineRecovery): Promise<void> {
  const { venueId, machineId, kind, answer } = told;
  if (!(await lockMachineRow(work.tx, venueId, machineId))) return;
  const before = await findRecoveries(work.tx, venueId, [machineId]);
  await saveRecovery(work.tx, told);
  if (before.some((earlier) => earlier.kind === kind && isDeepStrictEqual(earlier.answer, answer))) return;
  work.emit({
    type: 'machine.recovery-recorded',
    venueId,
    machineId,
    kind,
    answer,
    at: told.at.toISOString(),
  });
}

/** Numbers that are worth money to whoever knows them: the barcode of a ticket, its validation number. */
const WORTH_MONEY: ReadonlySet<string> = new Set(['data', 'number']);
const SHOWN_DIGITS = 4;

/** An answer as JSON values: 64-bit numbers as texts, bytes in hexadecimal, of numbers worth money the last digits. */
export function plainOf(answer: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(answer).map(([key, value]) => [key, plainValue(key, value)]));
}

function plainValue(key: string, value: unknown): unknown {
  if (value === undefined) return null;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'string' && WORTH_MONEY.has(key)) return `…${value.slice(-SHOWN_DIGITS)}`;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex').toUpperCase();
  if (Array.isArray(value)) return value.map((entry) => plainValue(key, entry));
  return typeof value === 'object' && value !== null ? plainOf(value) : value;
}
