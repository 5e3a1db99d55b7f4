import { type Actor, mayAt } from '../lib/actor.ts';

/** Who may see a venue's machines, their meters and events. */
export const canSeeMachines = (actor: Actor, venueId: string): boolean =>
  mayAt(actor, venueId, { roles: ['ADMIN', 'OPERATOR', 'AUDITOR'], scope: 'MACHINES_READ' });

/** Who may lock machines, switch their bill acceptors and have them read. */
export const canControlMachines = (actor: Actor, venueId: string): boolean =>
  mayAt(actor, venueId, { roles: ['ADMIN', 'OPERATOR'], scope: 'MACHINES_CONTROL' });
