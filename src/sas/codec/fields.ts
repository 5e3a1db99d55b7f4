/**
 * The pieces long polls and events are made of: each field knows its bytes in both directions.
 *
 * BCD and ASCII are most significant first, binary is least significant first (SAS.md 4).
 */
import { decodeBcd, encodeBcd } from './bcd.ts';
import { SasDecodeError } from './decode-error.ts';

/** Where a decoder stands in the bytes it may read. */
export interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

export interface Field<T> {
  /** Bytes on the wire, or null when the length is part of the message. */
  readonly size: number | null;
  /** @throws SasDecodeError */
  read(cursor: Cursor): T;
  /** @throws RangeError when the value does not fit. */
  write(value: T, out: number[]): void;
}

/** The value of a field set: what `record` of these fields reads and writes. */
export type ValueOf<F extends Readonly<Record<string, Field<unknown>>>> = {
  readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never;
};

/** A request or an answer without data. */
export type NoFields = Readonly<Record<string, never>>;

/** The next `length` bytes. @throws SasDecodeError when the message ends before. */
export function takeBytes(cursor: Cursor, length: number): Uint8Array {
  const end = cursor.at + length;
  if (end > cursor.bytes.length)
    throw new SasDecodeError(`the data ends ${end - cursor.bytes.length} bytes early`);
  const taken = cursor.bytes.subarray(cursor.at, end);
  cursor.at = end;
  return taken;
}

function fitting(value: number, size: number): number {
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
  };
}

export const byte: Field<number> = binary(1);

/** An amount or a counter; null when a nibble is above 9. A null cannot be sent. */
export function bcd(size: number): Field<bigint | null> {
  return BCD_FIELDS[size] ?? bcdField(size);
}

function bcdField(size: number): Field<bigint | null> {
  return {
    size,
    read: (cursor) => decodeBcd(takeBytes(cursor, size)),
    write(value, out) {
      if (value === null) throw new RangeError('an unknown value has no bytes');
      out.push(...encodeBcd(value, size));
    },
  };
}

/** Meters of many sizes are read one by one: those that exist are made once. */
const BCD_FIELDS: readonly Field<bigint | null>[] = Array.from({ length: 10 }, (_, size) => bcdField(size));

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
};

const PRINTABLE = /^[\x20-\x7e]*$/;

/** Exactly `size` ASCII characters. What is not printable reads as `?`, so that text is always safe to store. */
export function ascii(size: number): Field<string> {
  return {
    size,
    read: (cursor) => text(takeBytes(cursor, size)),
    write: (value, out) => writeText(value, size, out),
  };
}

/** ASCII up to the end of the message, at most `limit` characters. */
export function asciiRest(limit: number): Field<string> {
  return {
    size: null,
    read: (cursor) => text(takeBytes(cursor, Math.min(limit, cursor.bytes.length - cursor.at))),
    write(value, out) {
      if (value.length > limit) throw new RangeError(`${JSON.stringify(value)} is longer than ${limit}`);
      writeText(value, value.length, out);
    },
  };
}

function text(bytes: Uint8Array): string {
  return Array.from(bytes, (code) => (code >= 0x20 && code <= 0x7e ? String.fromCharCode(code) : '?')).join(
    '',
  );
}

function writeText(value: string, size: number, out: number[]): void {
  if (value.length !== size || !PRINTABLE.test(value)) {
    throw new RangeError(`${JSON.stringify(value)} is not ${size} printable ASCII characters`);
  }
  for (const character of value) out.push(character.charCodeAt(0));
}

/** A field followed by bytes without a meaning: zeros when sent, ignored when read. */
export function padded<T>(field: Field<T>, padding: number): Field<T> {
  return {
    size: field.size === null ? null : field.size + padding,
    read(cursor) {
      const value = field.read(cursor);
      takeBytes(cursor, padding);
      return value;
    },
    write(value, out) {
      field.write(value, out);
      for (let at = 0; at < padding; at += 1) out.push(0);
    },
  };
}

/** A group repeated until the message ends. */
export function listOf<T>(item: Field<T>): Field<readonly T[]> {
  return {
    size: null,
    read(cursor) {
      const items: T[] = [];
      while (cursor.at < cursor.bytes.length) items.push(item.read(cursor));
      return items;
    },
    write(items, out) {
      for (const each of items) item.write(each, out);
    },
  };
}

/** Fields one after another. */
export function record<F extends Readonly<Record<string, Field<unknown>>>>(fields: F): Field<ValueOf<F>> {
  const entries = Object.entries(fields);
  const sizes = entries.map(([, field]) => field.size);
  return {
    size: sizes.some((size) => size === null)
      ? null
      : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0),
    read(cursor) {
      const value: Record<string, unknown> = {};
      for (const [name, field] of entries) value[name] = field.read(cursor);
      return value as ValueOf<F>;
    },
    write(value, out) {
      for (const [name, field] of entries) field.write(value[name], out);
    },
  };
}

/** No data at all. */
export const nothing: Field<NoFields> = { size: 0, read: () => ({}), write: () => {} };
