/** Text, digits and raw bytes on the wire. */
import { decodeBcd } from './bcd.ts';
import { type Field, restOf, takeBytes } from './fields.ts';
import { byte } from './number-fields.ts';

const PRINTABLE = /^[\x20-\x7e]*$/;

/** Exactly `size` ASCII characters. What is not printable reads as `?`, so that text is always safe to store. */
export function ascii(size: number): Field<string> {
  return {
    size,
    read: (cursor) => text(takeBytes(cursor, size)),
    write: (value, out) => writeText(value, size, out),
    notation: (name) => `${name}:${size}A`,
  };
}

/** ASCII up to the end of the message, at most `limit` characters. */
export function asciiRest(limit: number): Field<string> {
  return {
    size: null,
    read: (cursor) => text(takeBytes(cursor, Math.min(limit, restOf(cursor)))),
    write(value, out) {
      if (value.length > limit) throw new RangeError(`${JSON.stringify(value)} is longer than ${limit}`);
      writeText(value, value.length, out);
    },
    notation: (name) => `${name}:A`,
  };
}

/** ASCII behind a byte that says how long it is; longer than `limit` is never sent. */
export function asciiCounted(limit: number): Field<string> {
  return {
    size: null,
    read: (cursor) => text(takeBytes(cursor, byte.read(cursor))),
    write(value, out) {
      if (value.length > limit) throw new RangeError(`${JSON.stringify(value)} is longer than ${limit}`);
      byte.write(value.length, out);
      writeText(value, value.length, out);
    },
    notation: (name) => `${name}Len:1 ${name}:A`,
  };
}

export function text(bytes: Uint8Array): string {
  return Array.from(bytes, (code) => (code >= 0x20 && code <= 0x7e ? String.fromCharCode(code) : '?')).join(
    '',
  );
}

/** @throws RangeError unless it is `size` printable ASCII characters. */
export function writeText(value: string, size: number, out: number[]): void {
  if (value.length !== size || !PRINTABLE.test(value)) {
    throw new RangeError(`${JSON.stringify(value)} is not ${size} printable ASCII characters`);
  }
  for (const character of value) out.push(character.charCodeAt(0));
}

/** A number that is a name, such as a validation number: all its digits, zeros in front included. Null when not BCD. */
export function digits(size: number): Field<string | null> {
  return {
    size,
    read(cursor) {
      const bytes = takeBytes(cursor, size);
      return decodeBcd(bytes) === null ? null : hexDigits(bytes);
    },
    write(value, out) {
      if (value?.length !== size * 2 || !/^\d*$/.test(value)) {
        throw new RangeError(`${value} is not ${size * 2} digits`);
      }
      writeHexDigits(value, out);
    },
    notation: (name) => `${name}:${size}BCD`,
  };
}

/** Bytes as upper-case hex without spaces: BCD data read as their digits. */
export const hexDigits = (bytes: Uint8Array): string =>
  Array.from(bytes, (each) => each.toString(16).toUpperCase().padStart(2, '0')).join('');

/** @throws RangeError when it is not an even number of hex digits. */
export function writeHexDigits(value: string, out: number[]): void {
  if (value.length % 2 !== 0 || !/^[\dA-Fa-f]*$/.test(value)) {
    throw new RangeError(`${JSON.stringify(value)} is not bytes in hex`);
  }
  for (let at = 0; at < value.length; at += 2) out.push(Number.parseInt(value.slice(at, at + 2), 16));
}

/** Exactly `size` bytes as they are. */
export function rawBytes(size: number): Field<Uint8Array> {
  return {
    size,
    read: (cursor) => takeBytes(cursor, size).slice(),
    write(value, out) {
      if (value.length !== size) throw new RangeError(`${value.length} bytes instead of ${size}`);
      out.push(...value);
    },
    notation: (name) => `${name}:${size}`,
  };
}

/** Bytes as they are, behind a byte that says how many. */
export const rawCounted: Field<Uint8Array> = {
  size: null,
  read: (cursor) => takeBytes(cursor, byte.read(cursor)).slice(),
  write(value, out) {
    byte.write(value.length, out);
    out.push(...value);
  },
  notation: (name) => `${name}Len:1 ${name}`,
};

/** Bytes as they are, up to the end of the message. */
export const rawRest: Field<Uint8Array> = {
  size: null,
  read: (cursor) => takeBytes(cursor, restOf(cursor)).slice(),
  write: (value, out) => void out.push(...value),
  notation: (name) => name,
};
