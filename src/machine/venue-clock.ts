import type { Kysely } from 'kysely';
import { findVenuesByIds } from '../auth/venue-store.ts';
import type { Database } from '../db/schema.ts';
import type { Logger } from '../lib/logger.ts';
import { type LocalTime, localTime } from '../lib/time.ts';
import { startWakeable } from '../lib/wakeable.ts';
import type { SasLine } from './machine.ts';

/** The wall clock of a line's venue, as far as its machines are to show it. */
export interface VenueClock extends AsyncDisposable {
  /** What it shows at an instant. */
  readonly at: (at: Date) => LocalTime;
  /** Looks now whether it was moved. */
  wake(): void;
}

export interface VenueClockOptions {
  readonly db: Kysely<Database>;
  readonly line: SasLine;
  /** Of the venue, at the start. */
  readonly timeZone: string;
  /** It was put forward or back: daylight saving began or ended, or the venue has another zone. */
  readonly onMoved: () => void;
  readonly logger: Logger;
  readonly now?: () => Date;
}

/** How soon after that it is noticed. */
const LOOK_MS = 10_000;

export function startVenueClock(options: VenueClockOptions): VenueClock {
  const { db, line, onMoved, logger, now = () => new Date() } = options;
  let { timeZone } = options;
  let offset = offsetMs(now(), timeZone);
  const loop = startWakeable({
    idleMs: LOOK_MS,
    onError: (error) => logger.warn({ err: error, line: line.name }, 'the time zone is not known anew'),
    async run() {
      timeZone = await zoneOf(db, line);
      const before = offset;
      offset = offsetMs(now(), timeZone);
      if (offset !== before) onMoved();
      return 'idle';
    },
  });
  return {
    at: (at) => localTime(at, timeZone),
    wake: loop.wake,
    [Symbol.asyncDispose]: () => loop[Symbol.asyncDispose](),
  };
}

/** Where the machines' wall clock hangs. @throws Error when the line belongs to no venue */
export async function zoneOf(db: Kysely<Database>, { venueId, name }: SasLine): Promise<string> {
  const [venue] = await findVenuesByIds(db, [venueId]);
  if (!venue) throw new Error(`line ${name} belongs to no venue`);
  return venue.timeZone;
}

/** How far the wall clock of a zone is ahead of UTC. */
function offsetMs(at: Date, timeZone: string): number {
  const { year, month, day, hour, minute, second } = localTime(at, timeZone);
  const wholeSeconds = Math.floor(at.getTime() / 1_000) * 1_000;
  return Date.UTC(year, month - 1, day, hour, minute, second) - wholeSeconds;
}
