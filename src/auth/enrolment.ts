import type { UserActor } from '../lib/actor.ts';
import { credentialsOf, type OwnPasswordParts } from './own-credentials.ts';
import { type PasswordPolicy, refuseTooShortAlone } from './password.ts';
import { makeRecoveryCodes, recoveryCodeHash } from './recovery-code.ts';
import type { Sealer } from './sealing.ts';
import {
  confirmSecondFactor,
  disableSecondFactor,
  enrollSecondFactor,
  refusalOf,
} from './second-factor-service.ts';
import { type ClientTrace, originOf } from './session.ts';
import { base32Of, makeTotpSecret, totpUri } from './totp.ts';
import { findUsersByIds } from './user-store.ts';
import { findVenuesByIds } from './venue-store.ts';

/** The secret of a second factor, shown once. */
export interface Enrolment {
  /** In base32, to be typed into an app. */
  readonly secret: string;
  /** The same for a QR code. */
  readonly uri: string;
}

export interface Confirmation {
  /** Shown once. */
  readonly recoveryCodes: readonly string[];
  /** Which of the user's sessions ended by it. */
  readonly endedSessions: readonly string[];
}

/** What somebody does about his own second factor. */
export interface SecondFactors {
  /**
   * Makes a secret that waits for its first code, in place of one that did.
   *
   * @throws InvalidCredentialsError when the password is wrong, FreshSignInRequiredError, AccountLockedError
   * @throws SecondFactorEnabledError, SessionRevokedError, TimeoutError
   */
  enroll(actor: UserActor, password: string | null, client: ClientTrace): Promise<Enrolment>;
  /** @throws SecondFactorWrongError, AccountLockedError, SessionRevokedError, NotFoundError when no secret waits for a code */
  confirm(actor: UserActor, code: string, client: ClientTrace): Promise<Confirmation>;
  /**
   * @throws InvalidCredentialsError, FreshSignInRequiredError, SecondFactorWrongError, AccountLockedError
   * @throws WeakPasswordError when the password is too short to be asked for alone
   * @throws SessionRevokedError, TimeoutError, NotFoundError when there is none
   */
  disable(
    actor: UserActor,
    shown: { password: string | null; code: string },
    client: ClientTrace,
  ): Promise<void>;
}

export interface SecondFactorParts extends OwnPasswordParts {
  readonly sealer: Sealer;
  readonly passwordPolicy: PasswordPolicy;
}

/** What the secrets of second factors are sealed for. */
export const TOTP_PURPOSE = 'totp';

export function createSecondFactors(parts: SecondFactorParts): SecondFactors {
  const { runWork, sealer } = parts;
  return {
    async enroll(actor, password, client) {
      const credentials = await credentialsOf(parts, { actor, password, client });
      const secret = makeTotpSecret();
      const secretEncrypted = sealer.seal(secret, actor.userId);
      const enrolment = { secret: base32Of(secret), uri: totpUri(secret, await labelFor(parts, actor)) };
      await runWork(
        actor,
        (work) => enrollSecondFactor(work, actor, { credentials, secretEncrypted }),
        originOf(client),
      );
      return enrolment;
    },
    async confirm(actor, code, client) {
      const recoveryCodes = makeRecoveryCodes();
      const codeHashes = recoveryCodes.map(recoveryCodeHash).filter((hash) => hash !== null);
      const outcome = await runWork(
        actor,
        (work) => confirmSecondFactor(work, sealer, { actor, code, codeHashes }),
        originOf(client),
      );
      if (outcome.kind !== 'confirmed') throw refusalOf(outcome);
      return { recoveryCodes, endedSessions: outcome.endedSessions };
    },
    async disable(actor, { password, code }, client) {
      const credentials = await credentialsOf(parts, { actor, password, client });
      if (password !== null) refuseTooShortAlone(password, parts.passwordPolicy);
      const outcome = await runWork(
        actor,
        (work) => disableSecondFactor(work, sealer, { actor, credentials, code }),
        originOf(client),
      );
      if (outcome.kind !== 'right') throw refusalOf(outcome);
    },
  };
}

/** How the app lists it: the home venue and the address of the account. */
async function labelFor({ db }: SecondFactorParts, { userId, venueId }: UserActor) {
  const [user] = await findUsersByIds(db, venueId, [userId]);
  const [venue] = user ? await findVenuesByIds(db, [user.homeVenueId]) : [];
  return { issuer: venue?.name ?? 'floorwire', account: user?.email ?? userId };
}
