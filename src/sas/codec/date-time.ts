/** A date and a time of day as the machine shows them: no zone, no seconds' fraction (poll 7F). */
import { SasDecodeError } from './decode-error.ts';
import { type Field, strictBcdNumber } from './fields.ts';

export interface SasDateTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** MMDDYYYY HHMMSS in 7 BCD bytes. Reading and writing refuse what is not a date of the calendar. */
export const dateTime: Field<SasDateTime> = {
  size: 7,
  read(cursor) {
    const two = (): number => strictBcdNumber(1).read(cursor);
    const [month, day, year] = [two(), two(), strictBcdNumber(2).read(cursor)];
    const value = { year, month, day, hour: two(), minute: two(), second: two() };
    if (!isDateTime(value)) throw new SasDecodeError('not a date and time of the calendar');
    return value;
  },
  write(value, out) {
    if (!isDateTime(value)) throw new RangeError('not a date and time of the calendar');
    const { month, day, year, hour, minute, second } = value;
    for (const part of [month, day]) strictBcdNumber(1).write(part, out);
    strictBcdNumber(2).write(year, out);
    for (const part of [hour, minute, second]) strictBcdNumber(1).write(part, out);
  },
};

function isDateTime({ year, month, day, hour, minute, second }: SasDateTime): boolean {
  const date = new Date(Date.UTC(2000, 0, 1));
  date.setUTCFullYear(year, month - 1, day);
  const sameDay =
    date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return sameDay && hour < 24 && minute < 60 && second < 60;
}
