import type { LoggedEvent } from '../events/events.ts';
import type { Sight } from '../events/source.ts';
import { type Actor, mayAt, type Rights } from '../lib/actor.ts';
import { canSeeWallet } from '../wallet/policy.ts';

/** Who may see a venue's machines, their meters and events. */
export const canSeeMachines = (rights: Rights, venueId: string): boolean =>
  mayAt(rights, venueId, { roles: ['ADMIN', 'OPERATOR', 'AUDITOR'], scope: 'MACHINES_READ' });

/** Whoever may see a venue's machines sees the same of what happens to them. */
export const sightOfMachines = (actor: Actor, { venueId }: { readonly venueId: string }): Sight =>
  canSeeMachines(actor, venueId) ? 'SHARED' : null;

/** Who may lock machines, switch their bill acceptors and have them read. */
export const canControlMachines = (actor: Actor, venueId: string): boolean =>
  mayAt(actor, venueId, { roles: ['ADMIN', 'OPERATOR'], scope: 'MACHINES_CONTROL' });

/** Who says which lines and machines a venue has: a port is a device of the computer that drives it. */
export const canConfigureMachines = (actor: Actor, venueId: string): boolean =>
  mayAt(actor, venueId, { roles: ['ADMIN'], scope: 'MACHINES_CONFIGURE' });

/** Whose the wallet is, and whoever oversees wallets; each sees with his own eyes who and what else is told with it. */
export const sightOfTransfer = (
  actor: Actor,
  { venueId, payload }: Pick<LoggedEvent<'machine.aft-transfer-changed'>, 'venueId' | 'payload'>,
): Sight => (canSeeWallet(actor, { venueId, userId: payload.transfer.userId }) ? 'OWN' : null);
