import ICAL from 'ical.js';
import { describe, expect, test } from 'vitest';
import { type CalendarEntry, calendarText } from '../../src/booking/calendar-text.ts';

const entry: CalendarEntry = {
  id: '0190a0b0-0000-7000-8000-000000000001',
  resourceName: 'Bench 1',
  startsAt: new Date('2026-03-29T00:00:00Z'),
  endsAt: new Date('2026-03-29T01:00:00Z'),
  isCancelled: false,
  bookedAt: new Date('2026-01-01T10:00:00.5Z'),
  changedAt: new Date('2026-01-02T10:00:00.5Z'),
  version: 3,
};
/** As another library reads it, which throws on what is no iCalendar. */
const read = (text: string) => new ICAL.Component(ICAL.parse(text));
const eventsOf = (text: string) =>
  read(text)
    .getAllSubcomponents('vevent')
    .map((event) => new ICAL.Event(event));

test('a booking is an event in UTC, by its id, of which each change is a new sequence', () => {
  const [event] = eventsOf(calendarText('Casino', [entry]));
  expect(event?.uid).toBe(`${entry.id}@floorwire`);
  expect(event?.sequence).toBe(2);
  expect(event?.startDate.toJSDate()).toEqual(entry.startsAt);
  expect(event?.endDate.toJSDate()).toEqual(entry.endsAt);
  expect(event?.startDate.zone).toBe(ICAL.Timezone.utcTimezone);
  expect([event?.summary, event?.location]).toEqual(['Bench 1', 'Casino']);
  expect(event?.component.getFirstPropertyValue('status')).toBe('CONFIRMED');
  expect(String(event?.component.getFirstPropertyValue('dtstamp'))).toBe('2026-01-02T10:00:00Z');
  expect(String(event?.component.getFirstPropertyValue('last-modified'))).toBe('2026-01-02T10:00:00Z');
});

test('a cancelled one says so', () => {
  const [event] = eventsOf(calendarText('Casino', [{ ...entry, isCancelled: true }]));
  expect(event?.component.getFirstPropertyValue('status')).toBe('CANCELLED');
});

test('it is a calendar of nobody’s invitations, and one without bookings too', () => {
  for (const entries of [[], [entry]]) {
    const calendar = read(calendarText('Casino', entries));
    expect(calendar.name).toBe('vcalendar');
    expect(calendar.getFirstPropertyValue('version')).toBe('2.0');
    expect(calendar.getFirstPropertyValue('prodid')).toBe('-//floorwire//bookings//EN');
    expect(calendar.hasProperty('method')).toBe(false);
  }
});

test('without bookings it has a component all the same, and shows nothing', () => {
  const components = (entries: readonly CalendarEntry[]) =>
    read(calendarText('Casino', entries))
      .getAllSubcomponents()
      .map(({ name }) => name);
  expect(components([])).toEqual(['vtimezone']);
  expect(components([entry])).toEqual(['vevent']);
});

describe.each([
  ['commas and semicolons', 'Table 1, left; the "big" one'],
  ['backslashes', 'C:\\new\\table'],
  ['line breaks', 'Table\nEND:VEVENT\nBEGIN:VALARM'],
  ['emoji and accents', `${'🎰 Café über '.repeat(12)}🎰`],
])('a name with %s', (_what, name) => {
  const text = calendarText(name, [{ ...entry, resourceName: name }]);

  test('is read as it was', () => {
    const [event, ...others] = eventsOf(text);
    expect([event?.summary, event?.location]).toEqual([name, name]);
    expect(others).toEqual([]);
    expect(read(text).getAllSubcomponents('valarm')).toEqual([]);
  });

  test('is on lines of 75 octets at most, each of which ends with CRLF', () => {
    const lines = text.split('\r\n');
    expect(lines.pop()).toBe('');
    for (const line of lines) {
      expect(line).not.toMatch(/[\r\n]/);
      expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
      expect(line).not.toContain('\ufffd');
    }
  });
});
