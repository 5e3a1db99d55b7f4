import type { UserActor } from '../lib/actor.ts';
import { NotFoundError } from '../lib/errors.ts';
import type { Work } from '../work.ts';
import { type AccountMail, sendLinkNotice } from './account-mail-service.ts';
import { identityFor, type LinkedIdentity } from './linked-identity.ts';
import {
  deleteIdentitiesOfUser,
  deleteIdentity,
  insertIdentity,
  listIdentities,
} from './linked-identity-store.ts';
import type { OAuthProvider, ProviderAccount } from './oauth.ts';
import { LastWayInError } from './oauth-errors.ts';
import { lockOwnAccount, lockOwnSession } from './own-credentials.ts';
import { findOwnCredentials } from './own-credentials-store.ts';
import type { Account } from './user-store.ts';

const isOf = (identity: LinkedIdentity, { provider, issuer }: Pick<ProviderAccount, 'provider' | 'issuer'>) =>
  identity.provider === provider && identity.issuer === issuer;

/**
 * Lets whoever this is at a provider sign in to the account of the actor. One that is linked to it already stays
 * as it is.
 *
 * @throws IdentityTakenError, ProviderLinkedError
 * @throws SessionRevokedError also when the session has ended while the provider was asked
 */
export async function linkIdentity(
  work: Work,
  actor: UserActor,
  { person, mail }: { readonly person: ProviderAccount; readonly mail: AccountMail },
): Promise<LinkedIdentity> {
  const account = await lockOwnSession(work, actor);
  const { id: userId, homeVenueId: venueId } = account;
  const linked = await listIdentities(work.tx, userId);
  const same = linked.find((each) => isOf(each, person) && each.subject === person.subject);
  if (same) return same;
  const identity = identityFor(userId, person, work.now);
  await insertIdentity(work.tx, identity);
  work.emit({ type: 'auth.identity-linked', venueId, userId, provider: person.provider });
  await sendLinkNotice(work, mail, { account, provider: person.provider });
  return identity;
}

/**
 * Ends that an identity of the actor signs in to his account. Sessions it opened go on.
 *
 * @param offered what there is to sign in with: one that is not offered any more is no way in
 * @throws NotFoundError when it is none of his, LastWayInError, SessionRevokedError
 */
export async function unlinkIdentity(
  work: Work,
  actor: UserActor,
  { identityId, offered }: { readonly identityId: string; readonly offered: readonly OAuthProvider[] },
): Promise<void> {
  const { id: userId, homeVenueId: venueId } = await lockOwnAccount(work, actor);
  const linked = await listIdentities(work.tx, userId);
  const identity = linked.find(({ id }) => id === identityId);
  if (!identity) throw new NotFoundError('identity');
  const isWayIn = (each: LinkedIdentity) =>
    offered.some(({ name, issuer }) => isOf(each, { provider: name, issuer }));
  const others = linked.filter((each) => each !== identity && isWayIn(each));
  const hasPassword = (await findOwnCredentials(work.tx, userId))?.hasPassword ?? false;
  if (!hasPassword && others.length === 0) throw new LastWayInError();
  await deleteIdentity(work.tx, identityId);
  work.emit({ type: 'auth.identity-unlinked', venueId, userId, provider: identity.provider });
}

/** Ends that anybody elsewhere signs in to an account, which has a password. */
export async function unlinkAll(
  work: Work,
  { id: userId, homeVenueId: venueId }: Pick<Account, 'id' | 'homeVenueId'>,
): Promise<void> {
  for (const { provider } of await listIdentities(work.tx, userId))
    work.emit({ type: 'auth.identity-unlinked', venueId, userId, provider });
  await deleteIdentitiesOfUser(work.tx, userId);
}
