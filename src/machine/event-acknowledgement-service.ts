import { NotFoundError, NotOwnerError } from '../lib/errors.ts';
import { parseReason } from '../lib/reason.ts';
import type { Work } from '../work.ts';
import { requesterOf } from './command.ts';
import { insertAcknowledgement } from './event-acknowledgement-store.ts';
import type { MachineEvent } from './machine-event.ts';
import { findMachineEventsByIds } from './machine-event-store.ts';
import { canControlMachines, canSeeMachines } from './policy.ts';

/**
 * Notes that somebody has seen to an event. It is on record once: who comes second changes nothing, and
 * finds who was first.
 *
 * @throws NotFoundError, NotOwnerError, ValidationError for an empty or overlong note
 */
export async function acknowledgeEvent(
  work: Work,
  input: { readonly venueId: string; readonly eventId: string; readonly note: string | null },
): Promise<MachineEvent> {
  const { actor, tx } = work;
  const { venueId, eventId } = input;
  const [event] = canSeeMachines(actor, venueId) ? await findMachineEventsByIds(tx, venueId, [eventId]) : [];
  if (!event) throw new NotFoundError('event');
  if (!canControlMachines(actor, venueId)) throw new NotOwnerError('acknowledge this event');

  const note = input.note === null ? null : parseReason(input.note, 'note');
  const isFirst = await insertAcknowledgement(tx, {
    eventId,
    venueId,
    note,
    acknowledgedAt: work.now,
    acknowledgedBy: requesterOf(actor),
  });
  if (isFirst) {
    const { machineId } = event;
    work.emit({ type: 'machine.event-acknowledged', venueId, eventId, machineId, note });
  }
  return event;
}
