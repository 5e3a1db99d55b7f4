import { randomInt } from 'node:crypto';
import { ValidationError } from '../lib/errors.ts';
import type { Work } from '../work.ts';
import { findLastRomSignature, insertRomSignature, type RomSignature } from './rom-signature-store.ts';
import { raise } from './service.ts';
import { lockMachineRow } from './store.ts';

/** Records a signature, once for each id, and whether the program memory is another than it was. */
export async function recordRomSignature(work: Work, told: Omit<RomSignature, 'changed'>): Promise<void> {
  const machine = await lockMachineRow(work.tx, told.venueId, told.machineId);
  if (!machine) return;
  const before = told.seed === null ? null : await findLastRomSignature(work.tx, told, told.seed);
  const changed = before && before.signature !== told.signature;
  if (!(await insertRomSignature(work.tx, { ...told, changed }))) return;
  const data = {
    signature: hexOf(told.signature),
    seed: told.seed === null ? null : hexOf(told.seed),
    changed,
  };
  await raise(work, machine, { type: 'ROM_SIGNATURE', data, occurredAt: told.at });
}

const HIGHEST_SEED = 0xffff;

/** What a machine is asked with: as wanted, or as it was last asked. @throws ValidationError */
export async function chooseSeed(
  { tx }: Work,
  {
    romSeed,
    ...subject
  }: { readonly venueId: string; readonly machineId: string; readonly romSeed?: number },
): Promise<number> {
  if (romSeed === undefined)
    return (await findLastRomSignature(tx, subject, null))?.seed ?? randomInt(HIGHEST_SEED + 1);
  if (!Number.isInteger(romSeed) || romSeed < 0 || romSeed > HIGHEST_SEED)
    throw new ValidationError(`A seed is a number from 0 to ${HIGHEST_SEED}.`, { field: 'seed' });
  return romSeed;
}

/** Four digits, as machines and their makers write them. */
export const hexOf = (bits: number): string => bits.toString(16).toUpperCase().padStart(4, '0');
