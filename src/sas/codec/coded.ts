/** Codes and bits by name. A machine may send one that is in no table: it is kept as its number, never guessed. */
import type { Field } from './fields.ts';
import { binary } from './number-fields.ts';

export type Codes = Readonly<Record<string, number>>;

/** A name of the table, or the number of a code that is not in it. */
export type CodeIn<T extends Codes> = (keyof T & string) | number;

/** One byte that stands for a name. */
export function coded<const T extends Codes>(codes: T): Field<CodeIn<T>> {
  const byte = binary(1);
  const names = namesOf(codes);
  return {
    size: 1,
    read(cursor) {
      const code = byte.read(cursor);
      return names.get(code) ?? code;
    },
    write: (value, out) => byte.write(numberOf(codes, value), out),
    notation: byte.notation,
    codes: (field) => [{ field, kind: 'CODE', codes }],
  };
}

/** Bits by name, bit 0 in the first byte: those that are set, the lowest first; one without a name as its number. */
export function bits<const T extends Codes>(size: number, table: T): Field<readonly CodeIn<T>[]> {
  const mask = binary(size);
  const names = namesOf(table);
  return {
    size,
    read(cursor) {
      const value = mask.read(cursor);
      const all = Array.from({ length: size * 8 }, (_, bit) => bit);
      return all.filter((bit) => Math.floor(value / 2 ** bit) % 2 === 1).map((bit) => names.get(bit) ?? bit);
    },
    write(value, out) {
      const set = new Set(value.map((each) => numberOf(table, each)));
      mask.write(
        [...set].reduce((sum, bit) => sum + 2 ** bit, 0),
        out,
      );
    },
    notation: mask.notation,
    codes: (field) => [{ field, kind: 'BIT', codes: table }],
  };
}

function namesOf<T extends Codes>(codes: T): ReadonlyMap<number, keyof T & string> {
  return new Map(Object.entries(codes).map(([name, code]) => [code, name]));
}

function numberOf(codes: Codes, value: string | number): number {
  const number = typeof value === 'number' ? value : codes[value];
  if (number === undefined) throw new RangeError(`no code ${value}`);
  return number;
}
