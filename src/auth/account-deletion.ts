import { randomBytes } from 'node:crypto';
import { eraseAuditedWords } from '../events/audit-store.ts';
import { newId } from '../lib/ids.ts';
import { deleteMailOfUser } from '../mail/mail-store.ts';
import type { Work } from '../work.ts';
import {
  anonymizeUser,
  deleteRolesEverywhere,
  deleteUnfinished,
  forgetWhereSessionsCameFrom,
  type Remains,
} from './account-deletion-store.ts';
import { deleteIdentitiesOfUser } from './linked-identity-store.ts';
import { deleteFailuresOfUser } from './lock-out-store.ts';
import {
  credentialsOf,
  lockShownAccount,
  type OwnPasswordParts,
  type ShownPassword,
} from './own-credentials.ts';
import { deleteSecondFactor } from './second-factor-store.ts';
import { originOf } from './session.ts';
import type { SessionActors } from './session-actors.ts';
import { endSessions } from './session-service.ts';
import type { Account } from './user-store.ts';

/**
 * What another domain puts in order before an account goes, in the same work. It throws where that cannot be done.
 * Each gives its own; `app.ts` lists them.
 */
export type BeforeDeletion = (work: Work, userId: string) => Promise<void>;

/** What deleting an account takes. */
export interface DeletionParts extends OwnPasswordParts {
  readonly sessions: SessionActors;
  readonly beforeDeletion: readonly BeforeDeletion[];
}

/**
 * Deletes the account of the actor at every venue: what names him, how he signs in and where he came
 * from go, and his address is free again. The account stays as a nameless row, because the log and the
 * books name it by its id. What he wrote about what was his goes from the audit record too, and from the
 * log with its retention: whoever catches up there misses nothing. Answers how many sessions ended.
 *
 * @throws InvalidCredentialsError, FreshSignInRequiredError, AccountLockedError, TimeoutError
 * @throws LastAdminError when a venue would be left without an ADMIN
 * @throws AccountHasMoneyError when a wallet is not empty
 * @throws SessionRevokedError when the account is locked or gone
 */
export async function deleteAccount(parts: DeletionParts, shown: ShownPassword): Promise<number> {
  const { runWork, hasher, sessions, beforeDeletion } = parts;
  const credentials = await credentialsOf(parts, shown);
  const remains: Remains = {
    email: `deleted-${newId()}@account.invalid`,
    passwordHash: await hasher.hash(randomBytes(32).toString('base64url')),
  };
  const ended = await runWork(
    shown.actor,
    async (work) => {
      const account = await lockShownAccount(work, credentials, shown.actor);
      return await removeAccount(work, account, { remains, beforeDeletion });
    },
    originOf(shown.client),
  );
  for (const id of ended) sessions.forget(id);
  return ended.length;
}

interface Removal extends Pick<DeletionParts, 'beforeDeletion'> {
  readonly remains: Remains;
}

async function removeAccount(
  work: Work,
  account: Account,
  { remains, beforeDeletion }: Removal,
): Promise<readonly string[]> {
  const { tx } = work;
  const { id: userId } = account;

  for (const prepare of beforeDeletion) await prepare(work, userId);
  await anonymizeUser(tx, userId, remains);
  await eraseAuditedWords(tx, userId);
  await deleteRolesEverywhere(tx, userId);
  const ended = await endSessions(work, { userId, which: 'all', reason: 'USER_DELETED' });
  await forgetWhereSessionsCameFrom(tx, userId);
  await deleteSecondFactor(tx, userId);
  await deleteIdentitiesOfUser(tx, userId);
  await deleteFailuresOfUser(tx, userId);
  await deleteUnfinished(tx, { userId, email: account.email });
  await deleteMailOfUser(tx, userId);
  work.emit({ type: 'auth.user-deleted', venueId: account.homeVenueId, userId });
  return ended;
}
