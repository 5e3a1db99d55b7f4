/**
 * What travels on a SAS line: a byte with its ninth ("wakeup") bit (SAS.md 1 and 13.1).
 *
 * The host sets the bit on the first byte of each message; an EGM sets it only on a chirp.
 */

/** A byte, or-ed with 0x100 when the ninth bit is set. */
export type LineSymbol = number;

const NINTH_BIT = 0x100;

/** The byte with its ninth bit set. */
export const mark = (byte: number): LineSymbol => byte | NINTH_BIT;

export const isMarked = (symbol: LineSymbol): boolean => symbol >= NINTH_BIT;

export const byteOf = (symbol: LineSymbol): number => symbol & 0xff;

/** A host message as it goes out: the first byte marked, the rest not. */
export function messageSymbols(message: Uint8Array): LineSymbol[] {
  const symbols: LineSymbol[] = [];
  for (const byte of message) symbols.push(symbols.length === 0 ? mark(byte) : byte);
  return symbols;
}

/** The notation of a line log: `*81` is a marked byte, `81` an unmarked one (SAS.md 13.1 item 12). */
export function formatSymbols(symbols: readonly (LineSymbol | 'error')[]): string {
  return symbols.map(formatSymbol).join(' ');
}

function formatSymbol(symbol: LineSymbol | 'error'): string {
  if (symbol === 'error') return '!';
  const hex = byteOf(symbol).toString(16).toUpperCase().padStart(2, '0');
  return isMarked(symbol) ? `*${hex}` : hex;
}
