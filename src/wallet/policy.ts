import type { LoggedEvent } from '../events/events.ts';
import type { Sight } from '../events/source.ts';
import { type Actor, isOwn, mayAt, type Owned, type Rights } from '../lib/actor.ts';

/** Who may see all wallets of a venue, and what happens to them. */
export const canSeeWallets = (rights: Rights, venueId: string): boolean =>
  mayAt(rights, venueId, { roles: ['ADMIN', 'OPERATOR', 'AUDITOR'], scope: 'WALLETS_READ' });

/** Who may see this one: whoever may see all, or post to it, and whose it is. */
export const canSeeWallet = (actor: Rights, owned: Owned): boolean =>
  canSeeWallets(actor, owned.venueId) || canPostToWallets(actor, owned.venueId) || isOwn(actor, owned);

/** Whoever oversees wallets sees the same of what happens to them; whose a wallet is sees that of his own. */
export function sightOfWallet(
  actor: Actor,
  { venueId, payload }: Pick<LoggedEvent<'wallet.balance-changed'>, 'venueId' | 'payload'>,
): Sight {
  if (canSeeWallets(actor, venueId)) return 'SHARED';
  return isOwn(actor, { venueId, userId: payload.userId }) ? 'OWN' : null;
}

/** Who may post to every wallet of a venue, and settle what is in doubt. */
export const canPostToWallets = (actor: Rights, venueId: string): boolean =>
  mayAt(actor, venueId, { roles: ['ADMIN'], scope: 'WALLETS_POST' });
