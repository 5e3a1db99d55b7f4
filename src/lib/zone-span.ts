import { zoned } from './calendar.ts';

/** For how long the clocks of a zone are as far ahead of UTC as at some instant. */
export interface ZoneSpan {
  readonly offsetMs: number;
  /** An instant of it, in milliseconds since 1970; it may have begun earlier. */
  readonly fromMs: number;
  /** When the clocks are changed; Infinity: never, as far as anybody knows. */
  readonly untilMs: number;
}

/** Zones change their clocks twice a year: more of one is nobody's daily business. */
const MAX_SPANS = 64;
const spansByZone = new Map<string, ZoneSpan[]>();

/** The span an instant lies in. To find it is dear, so it is remembered. @throws RangeError for no zone */
export function zoneSpanAt(atMs: number, timeZone: string): ZoneSpan {
  const spans = spansByZone.get(timeZone) ?? [];
  const known = spans.find(({ fromMs, untilMs }) => fromMs <= atMs && atMs < untilMs);
  if (known) return known;
  const there = zoned(new Date(atMs), timeZone);
  const span: ZoneSpan = {
    offsetMs: Math.round(there.offsetNanoseconds / 1_000_000),
    fromMs: atMs,
    untilMs: there.getTimeZoneTransition('next')?.epochMilliseconds ?? Number.POSITIVE_INFINITY,
  };
  const others = spans.filter(({ untilMs }) => untilMs !== span.untilMs);
  spansByZone.set(timeZone, [span, ...others].slice(0, MAX_SPANS));
  return span;
}
