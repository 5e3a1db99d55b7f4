/** By which number a machine was made, asked now (SAS.md 6.3). */
import { SAS_VERSION } from '../codec/long-polls/identity.ts';
import type { AftLine, NoAnswer } from './aft-commands.ts';

/** Null where it has none, or does not tell. */
export type SerialNumber =
  | { readonly kind: 'SERIAL_NUMBER'; readonly serialNumber: string | null }
  | NoAnswer;

export async function readSerialNumber(line: AftLine, address: number): Promise<SerialNumber> {
  const result = await line.execute(address, SAS_VERSION, {});
  if ('answer' in result) return { kind: 'SERIAL_NUMBER', serialNumber: result.answer.serialNumber || null };
  const { outcome: failure, attempts } = result;
  // It answers other polls, and not this one.
  if (failure === 'SILENT' || failure === 'NACK') return { kind: 'SERIAL_NUMBER', serialNumber: null };
  return { kind: 'NO_ANSWER', failure, attempts };
}
