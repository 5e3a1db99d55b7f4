import { randomBytes } from 'node:crypto';
import { ANONYMOUS } from '../lib/actor.ts';
import { NotFoundError } from '../lib/errors.ts';
import type { Work } from '../work.ts';
import { admit, type Opening, prepareOpening } from './admission.ts';
import { type AccountLockedError, EmailTakenError } from './errors.ts';
import { identityFor } from './linked-identity.ts';
import { findCredentialsOfPerson, insertIdentity, markIdentityUsed } from './linked-identity-store.ts';
import type { Attempt } from './lock-out.ts';
import type { ProviderAccount } from './oauth.ts';
import {
  IdentityNotLinkedError,
  IdentityTakenError,
  OAuthStateInvalidError,
  ProviderEmailUnverifiedError,
} from './oauth-errors.ts';
import type { OAuthParts } from './oauth-service.ts';
import { type ClientTrace, originOf } from './session.ts';
import { accountSubject, answerOf, type SignedIn } from './sign-in.ts';
import type { SignInOutcome } from './sign-in-challenge-service.ts';
import { createUser } from './user-service.ts';
import { type Credentials, findAccountIdByEmail } from './user-store.ts';
import { findDefaultVenue } from './venue-store.ts';

/** Somebody who came back from a provider, and where he wants to. */
export interface Arrival {
  readonly person: ProviderAccount;
  /** Null: his home, or the default venue for who is new. */
  readonly venueId: string | null;
  readonly client: ClientTrace;
}

/** Two browsers of somebody new may come at once: the later one finds what the other made. */
const MAX_TRIES = 3;

/**
 * Signs in who it is, as `login` does whose password was right. Somebody whom no account has linked gets one as by
 * `register`, without a password, unless there is one with his address: a provider tells an address for as long as
 * the person there has it, whoever reads its mail by now, so an account is linked from within alone.
 *
 * @throws what `login` throws, ProviderEmailUnverifiedError, IdentityNotLinkedError
 * @throws NotFoundError when there is no venue yet
 */
export async function signInArrival(parts: OAuthParts, arrival: Arrival): Promise<SignedIn> {
  const { db, runWork, hasher, mail } = parts;
  const { person, client } = arrival;
  for (let tries = 1; ; tries += 1) {
    const opening = prepareOpening(parts, client);
    const isKnown = (await findCredentialsOfPerson(db, person)) !== null;
    const unknownHash = isKnown ? null : await hasher.hash(randomBytes(32).toString('base64url'));
    try {
      const outcome = await runWork(
        ANONYMOUS,
        (work) => receive(work, parts, { ...arrival, opening, unknownHash }),
        originOf(client),
      );
      mail.mailroom.wake();
      return await answerOf(parts, opening, outcome);
    } catch (error) {
      const isRace = error instanceof EmailTakenError || error instanceof IdentityTakenError;
      if (!isRace || tries === MAX_TRIES) throw error;
    }
  }
}

interface Reception extends Arrival {
  readonly opening: Opening;
  /** Of a password that nobody knows, for who is not known yet. */
  readonly unknownHash: string | null;
}

type Received = SignInOutcome | AccountLockedError | null;

async function receive(work: Work, parts: OAuthParts, reception: Reception): Promise<Received> {
  const { person } = reception;
  const known = await findCredentialsOfPerson(work.tx, person);
  if (known) {
    const outcome = await admitOrRecord(work, parts, { reception, credentials: known });
    if (isAdmitted(outcome))
      await markIdentityUsed(work.tx, person, { email: person.verifiedEmail, at: work.now });
    return outcome;
  }
  const { verifiedEmail: email } = person;
  if (email === null) throw new ProviderEmailUnverifiedError();
  if ((await findAccountIdByEmail(work.tx, email)) !== null) throw new IdentityNotLinkedError();
  return await registerAndAdmit(work, parts, { reception, email });
}

/** The provider answers for the address. */
async function registerAndAdmit(
  work: Work,
  parts: OAuthParts,
  { reception, email }: { readonly reception: Reception; readonly email: string },
): Promise<Received> {
  const { person, unknownHash } = reception;
  // Somebody unlinked him a moment ago.
  if (unknownHash === null) throw new OAuthStateInvalidError();
  const venueId = reception.venueId ?? (await findDefaultVenue(work.tx))?.id;
  if (venueId === undefined) throw new NotFoundError('venue');
  const { id: userId } = await createUser(work, {
    email,
    displayName: person.displayName,
    venueId,
    roles: ['PLAYER'],
    passwordHash: unknownHash,
    hasPassword: false,
    isEmailVerified: true,
  });
  const credentials = { userId, homeVenueId: venueId, passwordHash: unknownHash };
  await insertIdentity(work.tx, identityFor(userId, person, work.now));
  work.emit({ type: 'auth.identity-linked', venueId, userId, provider: person.provider });
  return await admitOrRecord(work, parts, { reception, credentials });
}

/** As `login` does when the password was right. */
async function admitOrRecord(
  work: Work,
  parts: OAuthParts,
  { reception, credentials }: { readonly reception: Reception; readonly credentials: Credentials },
): Promise<Received> {
  const { opening, client } = reception;
  const { userId, homeVenueId } = credentials;
  const venueId = reception.venueId ?? homeVenueId;
  const attempt: Attempt = { kind: 'PASSWORD', subject: accountSubject(userId), address: client.address };
  const admitted = await admit(work, parts, { opening, attempt, credentials, venueId });
  return admitted ?? (await parts.lockOut.fail(work, attempt, { userId, venueId, reason: 'NOT_ADMITTED' }));
}

const isAdmitted = (outcome: Received): outcome is SignInOutcome => outcome !== null && 'kind' in outcome;
