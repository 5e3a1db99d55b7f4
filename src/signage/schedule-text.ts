import { formatMoney, moneyOfCents } from '../lib/money.ts';
import type { Condition, ConditionSubject } from './condition.ts';
import type { Daypart, ScheduleDays, ScheduleTimes } from './schedule-times.ts';

/** When a schedule is on, in words: `Mon to Fri, 11:30 to 14:00`. */
export function timesText({ days, dayparts }: ScheduleTimes): string {
  const texts = [
    spanText(days),
    days.weekdays.length > 0 ? runs(days.weekdays, WEEKDAYS) : '',
    days.everyWeeks > 1 ? `every ${days.everyWeeks} weeks` : '',
    days.monthDays.length > 0 ? `on ${days.monthDays.map(monthDayText).join(', ')} of the month` : '',
    days.dates.length > 0 ? `on ${countText(days.dates)}` : '',
    days.exceptDates.length > 0 ? `not on ${countText(days.exceptDates)}` : '',
    dayparts.map(daypartText).join(' and '),
  ].filter((text) => text !== '');
  return texts.length === 0 ? 'always' : texts.join(', ');
}

/** What has to hold, and how that stands. */
export function conditionText(
  condition: Condition,
  subject: ConditionSubject | null,
  currency: string,
): string {
  if (condition.kind === 'JACKPOT') {
    const money = (cents: bigint) => formatMoney(moneyOfCents(cents, currency), 'en-US');
    const wanted = `${condition.test === 'AT_LEAST' ? 'at least' : 'below'} ${money(condition.cents)}`;
    return subject?.kind === 'JACKPOT'
      ? `jackpot “${subject.name}” ${wanted}, and it stands at ${money(subject.cents)}`
      : `a jackpot ${wanted}, and it is gone`;
  }
  const wanted =
    condition.test === 'FREE_AT_MOST'
      ? `at most ${condition.value} places free`
      : `at least ${condition.value} % full`;
  return subject?.kind === 'OCCUPANCY'
    ? `lot “${subject.name}” with ${wanted}, and ${subject.free} of ${subject.capacity} are free`
    : `a lot with ${wanted}, and it is gone`;
}

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** 1, 2, 3, 6 as `Mon to Wed, Sat`. */
function runs(numbers: readonly number[], names: readonly string[]): string {
  const spans: { first: number; last: number }[] = [];
  for (const number of numbers) {
    const span = spans.at(-1);
    if (span && span.last === number - 1) span.last = number;
    else spans.push({ first: number, last: number });
  }
  const name = (number: number) => names[number - 1] ?? String(number);
  return spans
    .map(({ first, last }) => (first === last ? name(first) : `${name(first)} to ${name(last)}`))
    .join(', ');
}

function spanText({ from, until }: ScheduleDays): string {
  if (from !== null && from === until) return `on ${from}`;
  return [from === null ? '' : `from ${from}`, until === null ? '' : `to ${until}`]
    .filter((text) => text !== '')
    .join(' ');
}

const monthDayText = (day: number): string => (day === -1 ? 'the last' : String(day));

const countText = (dates: readonly string[]): string =>
  dates.length <= 3 ? dates.join(', ') : `${dates.length} dates`;

const daypartText = ({ from, to }: Daypart): string => `${clockText(from)} to ${clockText(to)}`;

const clockText = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
