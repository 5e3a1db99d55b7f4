/** Dates and times of day as a machine shows them: no zone, no seconds' fraction. */
import { SasDecodeError } from './decode-error.ts';
import { type Field, takeBytes } from './fields.ts';
import { strictBcdNumber } from './number-fields.ts';

export interface SasDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

export interface SasDateTime extends SasDate {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const two = strictBcdNumber(1);
const four = strictBcdNumber(2);

/** MMDDYYYY in 4 BCD bytes. Reading and writing refuse what is not a date of the calendar. */
export const date: Field<SasDate> = {
  size: 4,
  read(cursor) {
    const [month, day, year] = [two.read(cursor), two.read(cursor), four.read(cursor)];
    if (!isDate({ year, month, day })) throw new SasDecodeError('not a date of the calendar');
    return { year, month, day };
  },
  write(value, out) {
    if (!isDate(value)) throw new RangeError('not a date of the calendar');
    two.write(value.month, out);
    two.write(value.day, out);
    four.write(value.year, out);
  },
  notation: (name) => `${name}:4BCD`,
};

/** MMDDYYYY HHMMSS in 7 BCD bytes. Reading and writing refuse what is not a date and a time of day. */
export const dateTime: Field<SasDateTime> = {
  size: 7,
  read(cursor) {
    const day = date.read(cursor);
    const [hour, minute, second] = [two.read(cursor), two.read(cursor), two.read(cursor)];
    const value = { ...day, hour, minute, second };
    if (!isTime(value)) throw new SasDecodeError('not a time of day');
    return value;
  },
  write(value, out) {
    date.write(value, out);
    if (!isTime(value)) throw new RangeError('not a time of day');
    for (const part of [value.hour, value.minute, value.second]) two.write(part, out);
  },
  notation: () => 'date:4BCD time:3BCD',
};

/** A date and time that may be missing: zeros when sent; null when what is read is none of the calendar. */
export const dateTimeOrNone: Field<SasDateTime | null> = {
  size: dateTime.size,
  read(cursor) {
    const bytes = takeBytes(cursor, 7);
    try {
      return dateTime.read({ bytes, at: 0 });
    } catch (error) {
      if (error instanceof SasDecodeError) return null;
      throw error;
    }
  },
  write(value, out) {
    if (value === null) out.push(0, 0, 0, 0, 0, 0, 0);
    else dateTime.write(value, out);
  },
  notation: dateTime.notation,
};

function isDate({ year, month, day }: SasDate): boolean {
  const found = new Date(Date.UTC(2000, 0, 1));
  found.setUTCFullYear(year, month - 1, day);
  return found.getUTCFullYear() === year && found.getUTCMonth() === month - 1 && found.getUTCDate() === day;
}

const isTime = ({ hour, minute, second }: SasDateTime): boolean => hour < 24 && minute < 60 && second < 60;
