/** Numbers on the wire: BCD is most significant first, binary least significant first (SAS.md 4). */
import { decodeBcd, encodeBcd } from './bcd.ts';
import { SasDecodeError } from './decode-error.ts';
import { type Field, takeBytes } from './fields.ts';

/** Hundredths of the currency's major unit. */
export type Cents = bigint;
/** Units of the accounting denomination of poll 1F. */
export type Credits = bigint;

export function fitting(value: number, size: number): number {
  if (!Number.isInteger(value) || value < 0 || value >= 256 ** size) {
    throw new RangeError(`${value} does not fit ${size} binary bytes`);
  }
  return value;
}

/** Unsigned binary, least significant byte first, at most 6 bytes. */
export function binary(size: number): Field<number> {
  return {
    size,
    read: (cursor) => takeBytes(cursor, size).reduceRight((value, byte) => value * 256 + byte, 0),
    write(value, out) {
      let rest = fitting(value, size);
      for (let at = 0; at < size; at += 1) {
        out.push(rest % 256);
        rest = Math.floor(rest / 256);
      }
    },
    notation: (name) => (size === 1 ? `${name}:1` : `${name}:${size}LE`),
  };
}

export const byte: Field<number> = binary(1);

/** A counter; null when a nibble is above 9. A null cannot be sent. */
export function bcd(size: number): Field<bigint | null> {
  return BCD_FIELDS[size] ?? bcdField(size, '');
}

function bcdField(size: number, unit: string): Field<bigint | null> {
  return {
    size,
    read: (cursor) => decodeBcd(takeBytes(cursor, size)),
    write(value, out) {
      if (value === null) throw new RangeError('an unknown value has no bytes');
      out.push(...encodeBcd(value, size));
    },
    notation: (name) => `${name}:${size}BCD${unit && name !== unit ? `·${unit}` : ''}`,
  };
}

/** Meters of many sizes are read one by one: those that exist are made once. */
const BCD_FIELDS: readonly Field<bigint | null>[] = Array.from({ length: 10 }, (_, size) =>
  bcdField(size, ''),
);

/** An amount in cents, whatever the denomination. */
export const cents = (size: number): Field<Cents | null> => bcdField(size, 'cents');

/** An amount in credits of the accounting denomination. */
export const credits = (size: number): Field<Credits | null> => bcdField(size, 'credits');

/** How many there are of something: games, bills, coins, dollars. */
export const amountOf = (unit: string, size: number): Field<bigint | null> => bcdField(size, unit);

/** A small BCD number that is only reported; null when a nibble is above 9. */
export function bcdNumber(size: number): Field<number | null> {
  const field = bcd(size);
  return {
    size,
    read(cursor) {
      const value = field.read(cursor);
      return value === null ? null : Number(value);
    },
    write: (value, out) => field.write(value === null ? null : BigInt(fitting(value, 6)), out),
    notation: field.notation,
  };
}

/** A BCD number the message cannot be understood without: a game, a date. */
export function strictBcdNumber(size: number): Field<number> {
  const field = bcdNumber(size);
  return {
    size,
    read(cursor) {
      const value = field.read(cursor);
      if (value === null) throw new SasDecodeError('a BCD digit above 9');
      return value;
    },
    write: field.write,
    notation: field.notation,
  };
}

/** Game 0001..N; 0000 is the whole machine (SAS.md 4). */
export const gameNumber: Field<number> = strictBcdNumber(2);

/** 00 off, 01 on; anything else is refused. */
export const flag: Field<boolean> = {
  size: 1,
  read(cursor) {
    const value = byte.read(cursor);
    if (value > 1) throw new SasDecodeError(`${value} is neither off nor on`);
    return value === 1;
  },
  write: (value, out) => byte.write(value ? 1 : 0, out),
  notation: byte.notation,
};

/** FF stands for "unknown", which is null. */
export const byteUnlessFf: Field<number | null> = {
  size: 1,
  read(cursor) {
    const value = byte.read(cursor);
    return value === 0xff ? null : value;
  },
  write: (value, out) => byte.write(value ?? 0xff, out),
  notation: byte.notation,
};

/** A number behind its count of BCD bytes; null when it is unknown, or left out with size 0. */
export interface SizedBcd {
  readonly size: number;
  readonly value: bigint | null;
}

export const sizedBcd: Field<SizedBcd> = {
  size: null,
  read(cursor) {
    const size = byte.read(cursor);
    return { size, value: size === 0 ? null : bcd(size).read(cursor) };
  },
  write({ size, value }, out) {
    byte.write(size, out);
    if (size > 0) bcd(size).write(value, out);
  },
  notation: (name) => `size:1 ${name}:sizeBCD`,
};
