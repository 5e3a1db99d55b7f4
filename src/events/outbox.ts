import type { Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { type Actor, actorReference, type Origin } from '../lib/actor.ts';
import type { NewEvent } from './events.ts';

/** An event, on whose behalf it happened, and which request it came of. */
export interface OutgoingEvent {
  readonly event: NewEvent;
  readonly actor: Actor;
  readonly origin: Origin | null;
}

/** Of one statement: PostgreSQL takes 65,535 parameters. */
const MAX_ROWS = 5_000;

/**
 * Leaves the events of a transaction where the sequencer finds them: the last thing before COMMIT, so that
 * `outbox.id` is drawn after every lock and read of its writer.
 */
export async function writeOutbox(
  tx: Transaction<Database>,
  { events, at }: { readonly events: readonly OutgoingEvent[]; readonly at: Date },
): Promise<void> {
  for (let from = 0; from < events.length; from += MAX_ROWS)
    await tx
      .insertInto('outbox')
      .values(events.slice(from, from + MAX_ROWS).map((outgoing) => rowOf(outgoing, at)))
      .execute();
}

function rowOf({ event, actor, origin }: OutgoingEvent, at: Date) {
  const { type, venueId, ...payload }: { type: string; venueId: string } = event;
  return {
    venue_id: venueId,
    type,
    at,
    actor: JSON.stringify(actorReference(actor)),
    origin: origin && JSON.stringify(origin),
    payload: JSON.stringify(payload),
  };
}
