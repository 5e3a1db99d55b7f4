import type { Kysely, Selectable, Transaction } from 'kysely';
import { isViolationOf } from '../db/errors.ts';
import type { Database } from '../db/schema.ts';
import type { LinkedIdentityTable } from '../db/tables/oauth.ts';
import type { LinkedIdentity } from './linked-identity.ts';
import type { ProviderAccount } from './oauth.ts';
import { IdentityTakenError, LastWayInError, ProviderLinkedError } from './oauth-errors.ts';
import type { Credentials } from './user-store.ts';

/** Who it is at a provider. */
type Person = Pick<ProviderAccount, 'provider' | 'issuer' | 'subject'>;

/** What the account that linked this person signs in with, whatever its status. */
export async function findCredentialsOfPerson(
  db: Kysely<Database>,
  person: Person,
): Promise<Credentials | null> {
  const row = await db
    .selectFrom('linked_identity as identity')
    .innerJoin('app_user', 'app_user.id', 'identity.user_id')
    .select(['app_user.id as userId', 'app_user.venue_id as homeVenueId'])
    .select('app_user.password_hash as passwordHash')
    .where('identity.provider', '=', person.provider)
    .where('identity.issuer', '=', person.issuer)
    .where('identity.subject', '=', person.subject)
    .executeTakeFirst();
  return row ?? null;
}

/** The user's, those of providers that are not offered any more too, the oldest first. */
export async function listIdentities(db: Kysely<Database>, userId: string): Promise<LinkedIdentity[]> {
  const rows = await db
    .selectFrom('linked_identity')
    .selectAll()
    .where('user_id', '=', userId)
    .orderBy('linked_at')
    .orderBy('id')
    .execute();
  return rows.map(identityOf);
}

/**
 * @throws IdentityTakenError when somebody has linked this person
 * @throws ProviderLinkedError when the user has linked another of this provider
 */
export async function insertIdentity(db: Kysely<Database>, identity: LinkedIdentity): Promise<void> {
  try {
    await db
      .insertInto('linked_identity')
      .values({
        id: identity.id,
        user_id: identity.userId,
        provider: identity.provider,
        issuer: identity.issuer,
        subject: identity.subject,
        email: identity.email,
        linked_at: identity.linkedAt,
        last_used_at: identity.lastUsedAt,
      })
      .execute();
  } catch (error) {
    if (isViolationOf(error, 'linked_identity_one_account')) throw new IdentityTakenError({ cause: error });
    if (isViolationOf(error, 'linked_identity_one_of_provider'))
      throw new ProviderLinkedError({ cause: error });
    throw error;
  }
}

/** Notes that the person was here, with the address the provider has of him now. */
export async function markIdentityUsed(
  tx: Transaction<Database>,
  { provider, issuer, subject }: Person,
  { email, at }: { readonly email: string | null; readonly at: Date },
): Promise<void> {
  await tx
    .updateTable('linked_identity')
    .set((eb) => ({ email, last_used_at: eb.fn<Date>('greatest', ['linked_at', eb.val(at)]) }))
    .where('provider', '=', provider)
    .where('issuer', '=', issuer)
    .where('subject', '=', subject)
    .execute();
}

/** @throws LastWayInError when its owner has no password and no other */
export async function deleteIdentity(tx: Transaction<Database>, id: string): Promise<void> {
  try {
    await tx.deleteFrom('linked_identity').where('id', '=', id).execute();
  } catch (error) {
    if (isViolationOf(error, 'linked_identity_last_way_in')) throw new LastWayInError({ cause: error });
    throw error;
  }
}

/** For an account that is deleted. */
export async function deleteIdentitiesOfUser(tx: Transaction<Database>, userId: string): Promise<void> {
  await tx.deleteFrom('linked_identity').where('user_id', '=', userId).execute();
}

const identityOf = (row: Selectable<LinkedIdentityTable>): LinkedIdentity => ({
  id: row.id,
  userId: row.user_id,
  provider: row.provider,
  issuer: row.issuer,
  subject: row.subject,
  email: row.email,
  linkedAt: row.linked_at,
  lastUsedAt: row.last_used_at,
});
