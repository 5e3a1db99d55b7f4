/** What long polls and events are made of: each field knows its bytes in both directions, and how it is written down. */
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
  /** The field under that name in the notation of SAS.md 0: `coinIn:4BCD`. */
  notation(name: string): string;
  /** The codes in it, each table under the name of its field; nothing where there are none. */
  codes?(name: string): readonly CodeTable[];
}

/** What the codes of a field mean, or its bits. */
export interface CodeTable {
  readonly field: string;
  readonly kind: 'CODE' | 'BIT';
  readonly codes: Readonly<Record<string, number>>;
}

/** The tables of the fields of a record, or of any other set of them. */
export function codesOf(fields: Readonly<Record<string, Field<unknown>>>): readonly CodeTable[] {
  return Object.entries(fields).flatMap(([name, field]) => field.codes?.(name) ?? []);
}

/** The value of a field set: what `record` of these fields reads and writes. */
export type ValueOf<F extends Readonly<Record<string, Field<unknown>>>> = {
  readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never;
};

/** A request or an answer without data. */
export type NoFields = Readonly<Record<string, never>>;

/** How many bytes the message still has. */
export const restOf = (cursor: Cursor): number => cursor.bytes.length - cursor.at;

/** The next `length` bytes. @throws SasDecodeError when the message ends before. */
export function takeBytes(cursor: Cursor, length: number): Uint8Array {
  const end = cursor.at + length;
  if (end > cursor.bytes.length)
    throw new SasDecodeError(`the data ends ${end - cursor.bytes.length} bytes early`);
  const taken = cursor.bytes.subarray(cursor.at, end);
  cursor.at = end;
  return taken;
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
    notation: (name) => `${field.notation(name)} reserved:${padding}`,
    codes: (name) => field.codes?.(name) ?? [],
  };
}

/** A group repeated until the message ends. More than `most` are not sent. */
export function listOf<T>(item: Field<T>, most = Number.POSITIVE_INFINITY): Field<readonly T[]> {
  return {
    size: null,
    read(cursor) {
      const items: T[] = [];
      while (restOf(cursor) > 0) items.push(item.read(cursor));
      return items;
    },
    write(items, out) {
      if (items.length > most) throw new RangeError(`${items.length} items, and ${most} are the most`);
      for (const each of items) item.write(each, out);
    },
    notation: (name) => `(${item.notation(singular(name))})*`,
    codes: (name) => item.codes?.(singular(name)) ?? [],
  };
}

/** A group repeated as often as the byte before it says. */
export function countedList<T>(item: Field<T>): Field<readonly T[]> {
  return {
    size: null,
    read(cursor) {
      const count = takeBytes(cursor, 1)[0] ?? 0;
      return Array.from({ length: count }, () => item.read(cursor));
    },
    write(items, out) {
      if (items.length > 0xff) throw new RangeError(`${items.length} items do not fit one count byte`);
      out.push(items.length);
      for (const each of items) item.write(each, out);
    },
    notation: (name) => `count:1 (${item.notation(singular(name))})*`,
    codes: (name) => item.codes?.(singular(name)) ?? [],
  };
}

/** A group repeated a fixed number of times. */
export function times<T>(count: number, item: Field<T>): Field<readonly T[]> {
  return {
    size: item.size === null ? null : item.size * count,
    read: (cursor) => Array.from({ length: count }, () => item.read(cursor)),
    write(items, out) {
      if (items.length !== count) throw new RangeError(`${items.length} items instead of ${count}`);
      for (const each of items) item.write(each, out);
    },
    notation: (name) => `(${item.notation(singular(name))})×${count}`,
    codes: (name) => item.codes?.(singular(name)) ?? [],
  };
}

/** The last group of a message that may be left out: null then. */
export function optional<T>(field: Field<T>): Field<T | null> {
  return {
    size: null,
    read: (cursor) => (restOf(cursor) === 0 ? null : field.read(cursor)),
    write(value, out) {
      if (value !== null) field.write(value, out);
    },
    notation: (name) => `[${field.notation(name)}]`,
    codes: (name) => field.codes?.(name) ?? [],
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
    notation: () => entries.map(([name, field]) => field.notation(name)).join(' '),
    codes: () => codesOf(fields),
  };
}

/** No data at all. */
export const nothing: Field<NoFields> = { size: 0, read: () => ({}), write: () => {}, notation: () => '' };

const singular = (name: string): string => name.replace(/s$/, '');
