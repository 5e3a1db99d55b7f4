import { byteOf, isMarked, type LineSymbol } from '../codec/symbol.ts';

/** Cuts what the host sends into messages: only the first symbol of a message is marked. @throws RangeError */
export function messagesOf(symbols: readonly LineSymbol[]): readonly Uint8Array[] {
  const messages: number[][] = [];
  for (const symbol of symbols) {
    const current = messages.at(-1);
    if (isMarked(symbol)) messages.push([byteOf(symbol)]);
    else if (current === undefined) throw new RangeError('A message starts with a marked symbol.');
    else current.push(symbol);
  }
  return messages.map((message) => Uint8Array.from(message));
}
