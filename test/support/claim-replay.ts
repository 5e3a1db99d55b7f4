import type { Kysely } from 'kysely';
import { SLOT_EVENTS } from '../../src/booking/events.ts';
import type { Database } from '../../src/db/schema.ts';
import type { LoggedEvent } from '../../src/events/events.ts';
import { readHead, readLog } from '../../src/events/log.ts';
import { eventually } from './deadline.ts';

/** What the log says of who had what. */
export interface Replay {
  /** Where it says that more had a slot than can, or that a hold ended before its time. */
  readonly faults: readonly string[];
  readonly taken: number;
  /** Of which resource a hold expired, and so many milliseconds after its time. */
  readonly expiries: readonly { readonly resourceId: string; readonly delayMs: number }[];
  /** How many slots are still held. */
  readonly held: number;
}

interface Live {
  readonly kind: 'BOOKING' | 'HOLD';
  readonly resourceId: string;
  readonly userId: string;
  readonly startsAt: string;
  readonly endsAt: string;
}

const MOST_EVENTS = 1_000_000;
const LOGGED_MS = 60_000;

/** Plays all of the log again; to be asked when nothing more happens. */
export async function replayClaims(db: Kysely<Database>): Promise<Replay> {
  await eventually(async () => !(await db.selectFrom('outbox').select('id').executeTakeFirst()), {
    deadlineMs: LOGGED_MS,
  });
  const rows = await db.selectFrom('resource').select(['id', 'capacity']).execute();
  const capacities = new Map(rows.map(({ id, capacity }) => [id, capacity]));
  const live = new Map<string, Live>();
  const faults: string[] = [];
  const expiries: { resourceId: string; delayMs: number }[] = [];
  let taken = 0;

  function take(id: string, claim: Live, at: LoggedEvent): void {
    const sharing = [...live.values()].filter((other) => overlap(other, claim)).length;
    if (sharing >= (capacities.get(claim.resourceId) ?? 0))
      faults.push(
        `${at.type} at ${at.position}: ${sharing} had ${claim.resourceId} ${claim.startsAt} already`,
      );
    live.set(id, claim);
    taken += 1;
  }
  function free(id: string, at: LoggedEvent): void {
    if (!live.delete(id)) faults.push(`${at.type} at ${at.position}: ${id} had nothing`);
  }

  const events = await readLog(db, { after: 0n, limit: MOST_EVENTS, types: SLOT_EVENTS });
  if (events.length === 0 && (await readHead(db)) > 0n) faults.push('the log has nothing of slots');
  for (const event of events)
    switch (event.type) {
      case 'booking.placed': {
        const claim: Live = { kind: 'BOOKING', ...event.payload };
        const hold = [...live].find(([, other]) => isTurnedInto(other, claim));
        if (hold) live.delete(hold[0]);
        take(event.payload.bookingId, claim, event);
        break;
      }
      case 'booking.rescheduled':
        free(event.payload.bookingId, event);
        take(event.payload.bookingId, { kind: 'BOOKING', ...event.payload }, event);
        break;
      case 'booking.cancelled':
        free(event.payload.bookingId, event);
        break;
      case 'booking.slot-held':
        take(event.payload.slotHoldId, { kind: 'HOLD', ...event.payload }, event);
        break;
      case 'booking.slot-hold-released':
        free(event.payload.slotHoldId, event);
        break;
      case 'booking.slot-hold-expired': {
        free(event.payload.slotHoldId, event);
        const delayMs = event.at.getTime() - new Date(event.payload.expiresAt).getTime();
        if (delayMs < 0) faults.push(`${event.payload.slotHoldId} ended ${-delayMs} ms early`);
        expiries.push({ resourceId: event.payload.resourceId, delayMs });
      }
    }
  const held = [...live.values()].filter(({ kind }) => kind === 'HOLD').length;
  return { faults, taken, expiries, held };
}

const overlap = (a: Live, b: Live): boolean =>
  a.resourceId === b.resourceId &&
  new Date(a.startsAt) < new Date(b.endsAt) &&
  new Date(b.startsAt) < new Date(a.endsAt);

/** A person who books what he holds has it once. */
const isTurnedInto = (hold: Live, booking: Live): boolean =>
  hold.kind === 'HOLD' && hold.userId === booking.userId && overlap(hold, booking);
