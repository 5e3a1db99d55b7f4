import type { Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { type Actor, actorReference, type Origin } from '../lib/actor.ts';
import type { NewEvent } from './events.ts';

/**
 * Leaves the events of a transaction where the sequencer finds them: one statement, the last
 * one before COMMIT, so that `outbox.id` is drawn after every lock and read of its writer.
 */
export async function writeOutbox(
  tx: Transaction<Database>,
  {
    events,
    actor,
    origin,
    at,
  }: {
    readonly events: readonly NewEvent[];
    readonly actor: Actor;
    readonly origin: Origin | null;
    readonly at: Date;
  },
): Promise<void> {
  if (events.length === 0) return;
  const reference = JSON.stringify(actorReference(actor));
  await tx
    .insertInto('outbox')
    .values(
      events.map(({ type, venueId, ...payload }: { type: string; venueId: string }) => ({
        venue_id: venueId,
        type,
        at,
        actor: reference,
        origin: origin && JSON.stringify(origin),
        payload: JSON.stringify(payload),
      })),
    )
    .execute();
}
