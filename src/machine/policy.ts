import type { Actor } from '../lib/actor.ts';

/** Who may see a venue's machines, their meters and events. */
export function canSeeMachines(actor: Actor, venueId: string): boolean {
  if (actor.kind === 'system') return true;
  if (actor.kind !== 'user' || actor.venueId !== venueId) return false;
  return actor.roles.some((role) => role === 'ADMIN' || role === 'OPERATOR' || role === 'AUDITOR');
}

/** Who may lock machines, switch their bill acceptors and have them read. */
export function canControlMachines(actor: Actor, venueId: string): boolean {
  if (actor.kind === 'system') return true;
  if (actor.kind !== 'user' || actor.venueId !== venueId) return false;
  return actor.roles.some((role) => role === 'ADMIN' || role === 'OPERATOR');
}
