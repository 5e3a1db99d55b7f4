import { newId } from '../lib/ids.ts';
import type { OAuthProviderName, ProviderAccount } from './oauth.ts';

/** Somebody at a provider whose sign-in there is one to an account here. */
export interface LinkedIdentity {
  readonly id: string;
  readonly userId: string;
  readonly provider: OAuthProviderName;
  readonly issuer: string;
  readonly subject: string;
  /** The verified address the provider told last; null when it told none. */
  readonly email: string | null;
  readonly linkedAt: Date;
  readonly lastUsedAt: Date;
}

export const identityFor = (userId: string, person: ProviderAccount, at: Date): LinkedIdentity => ({
  id: newId(),
  userId,
  provider: person.provider,
  issuer: person.issuer,
  subject: person.subject,
  email: person.verifiedEmail,
  linkedAt: at,
  lastUsedAt: at,
});
