import type { EventType } from '../events/events.ts';
import type { Scope } from '../lib/actor.ts';

/** Each type of event a partner may follow, and the scope of the fields that show the same. */
export const FOLLOWABLE_EVENTS: ReadonlyMap<EventType, Scope> = new Map<EventType, Scope>([
  ['machine.event-raised', 'MACHINES_READ'],
  ['machine.command-queued', 'MACHINES_READ'],
  ['machine.command-finished', 'MACHINES_READ'],
]);
