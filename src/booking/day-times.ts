import type { OpeningHours } from './resource.ts';
import { type SlotTime, slotTimesOf } from './slot-times.ts';

/** What the times of a day depend on. */
export interface TimeRules {
  readonly slotMinutes: number;
  /** The JSON of `OpeningHours`. */
  readonly openingHours: string;
  readonly timeZone: string;
}

/** Days, each with whatever rules: a year of one resource, or of all that are open alike. */
const MAX_REMEMBERED = 500;

const remembered = new Map<string, readonly SlotTime[]>();

/** The slots of a day in order. Asking a calendar for them is dear, and the same days are asked for again and again. */
export function timesOfDay({ slotMinutes, openingHours, timeZone }: TimeRules, day: string) {
  const key = `${day} ${timeZone} ${slotMinutes} ${openingHours}`;
  const known = remembered.get(key);
  if (known) {
    // A Map iterates in order of insertion: the first is the one unused for longest.
    remembered.delete(key);
    remembered.set(key, known);
    return known;
  }
  const hours: readonly OpeningHours[] = JSON.parse(openingHours);
  const times = slotTimesOf({ slotMinutes, openingHours: hours }, day, timeZone);
  remembered.set(key, times);
  for (const oldest of remembered.keys()) {
    if (remembered.size <= MAX_REMEMBERED) break;
    remembered.delete(oldest);
  }
  return times;
}
