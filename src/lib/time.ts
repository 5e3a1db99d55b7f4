/** What a wall clock shows. */
export interface LocalTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** What the wall clock of a zone (IANA) shows at an instant. @throws RangeError for no zone */
export function localTime(at: Date, timeZone: string): LocalTime {
  const parts = new Map(
    formatIn(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  return {
    year: part('year'),
    month: part('month'),
    day: part('day'),
    hour: part('hour'),
    minute: part('minute'),
    second: part('second'),
  };
}

const formatIn = (timeZone: string) =>
  new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });

/** A span as people of a zone (IANA) write it: `Sat 21 Nov 2026, 23:00 to Sun 22 Nov 2026, 01:00`. @throws RangeError for no zone */
export function formatSpan(from: Date, to: Date, timeZone: string): string {
  const [day, lastDay] = [formatDay(from, timeZone), formatDay(to, timeZone)];
  const end = day === lastDay ? formatClock(to, timeZone) : `${lastDay}, ${formatClock(to, timeZone)}`;
  return `${day}, ${formatClock(from, timeZone)} to ${end}`;
}

/** An instant as people of a zone (IANA) write it: `Sat 21 Nov 2026, 23:00`. @throws RangeError for no zone */
export const formatInstant = (at: Date, timeZone: string): string =>
  `${formatDay(at, timeZone)}, ${formatClock(at, timeZone)}`;

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function formatDay(at: Date, timeZone: string): string {
  const { year, month, day } = localTime(at, timeZone);
  const weekday = WEEKDAYS[new Date(Date.UTC(year, month - 1, day)).getUTCDay()];
  return `${weekday} ${day} ${MONTHS[month - 1]} ${year}`;
}

function formatClock(at: Date, timeZone: string): string {
  const { hour, minute } = localTime(at, timeZone);
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}
