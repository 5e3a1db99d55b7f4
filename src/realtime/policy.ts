import { type Actor, mayAt, type Rights } from '../lib/actor.ts';

/** Whether the actor may see who is connected to this venue. */
export const canSeeConnections = (rights: Rights, venueId: string): boolean =>
  mayAt(rights, venueId, { roles: ['ADMIN', 'OPERATOR', 'AUDITOR'], scope: 'REALTIME_READ' });

/** Whether the actor may close connections of others at this venue. */
export const canDisconnect = (actor: Actor, venueId: string): boolean =>
  mayAt(actor, venueId, { roles: ['ADMIN', 'OPERATOR'], scope: 'REALTIME_CONTROL' });
