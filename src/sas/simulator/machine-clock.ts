/** The clock a machine shows: it runs with the real one and is set by poll 7F. It knows no time zone. */
import type { SasDateTime } from '../codec/date-time.ts';

/** Now, for what a machine does. */
export interface Moment {
  /** Milliseconds of the epoch: what outlasts a power loss is counted in them. */
  readonly ms: number;
  /** What the machine's clock shows. */
  readonly shown: SasDateTime;
}

/** What the clock shows at a moment. */
export function shownTime(now: Date, offsetMs: number): SasDateTime {
  const shown = new Date(now.getTime() + offsetMs);
  return {
    year: shown.getUTCFullYear(),
    month: shown.getUTCMonth() + 1,
    day: shown.getUTCDate(),
    hour: shown.getUTCHours(),
    minute: shown.getUTCMinutes(),
    second: shown.getUTCSeconds(),
  };
}

/** The offset with which the clock shows `wanted` now. */
export function offsetFor(wanted: SasDateTime, now: Date): number {
  const shown = new Date(0);
  shown.setUTCFullYear(wanted.year, wanted.month - 1, wanted.day);
  shown.setUTCHours(wanted.hour, wanted.minute, wanted.second);
  return shown.getTime() - now.getTime();
}
