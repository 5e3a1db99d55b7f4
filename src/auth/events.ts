import type { Role, Scope } from '../lib/actor.ts';
import type { AttemptKind, FailureReason, LockScope } from './lock-out.ts';
import type { OAuthProviderName } from './oauth.ts';
import type { RevocationReason, SessionHolder } from './session.ts';

declare module '../events/events.ts' {
  interface EventMap {
    'auth.venue-created': { readonly slug: string };
    /** What a venue is from now on. */
    'auth.venue-updated': {
      readonly slug: string;
      readonly name: string;
      readonly timeZone: string;
      readonly currency: string;
    };
    /** Another key signs from now on. */
    'auth.key-rotated': { readonly kid: string };
    /** What this key signed is accepted no longer, before its time. */
    'auth.key-revoked': { readonly kid: string };
    /** So many secrets of the installation are sealed with another SECRET_KEY now. */
    'auth.secrets-rewrapped': { readonly count: number };
    /** Somebody registered, or an account was made for him. */
    'auth.user-registered': { readonly userId: string; readonly roles: readonly Role[] };
    /** What somebody is at this venue, and may besides: exactly this from now on. */
    'auth.roles-changed': {
      readonly userId: string;
      readonly roles: readonly Role[];
      readonly grants: readonly Scope[];
    };
    /** The account is shut everywhere. The reason is in the words of whoever did it. */
    'auth.user-locked': { readonly userId: string; readonly reason: string };
    /** The account is open again. */
    'auth.user-unlocked': { readonly userId: string };
    /** He chose another password; his other sessions are over. */
    'auth.password-changed': { readonly userId: string };
    /** Somebody asked for another password, and a token was sent to the address of the account. */
    'auth.password-reset-requested': { readonly userId: string };
    /** That token was used; all sessions are over. */
    'auth.password-reset': { readonly userId: string };
    /** He showed that he reads the mail of his address. */
    'auth.email-verified': { readonly userId: string };
    /** The account has another address, which is verified. */
    'auth.email-changed': { readonly userId: string };
    /** He changed what he is called. */
    'auth.profile-updated': { readonly userId: string };
    /** Somebody was told what is kept about him. */
    'auth.data-exported': { readonly userId: string };
    /** He deleted his account: his names are gone, at every venue. */
    'auth.user-deleted': { readonly userId: string };
    /** A password, second factor or pairing code was wrong; null when no such account is there. */
    'auth.sign-in-failed': {
      readonly userId: string | null;
      readonly deviceId?: string;
      readonly reason: FailureReason;
    };
    /** It was one too many: the right one is refused too for a while, from one address or from all. */
    'auth.account-locked-out': {
      readonly userId: string | null;
      readonly deviceId?: string;
      readonly kind: AttemptKind;
      readonly scope: LockScope;
    };
    /** A sign-in succeeded. */
    'auth.session-opened': { readonly sessionId: string } & SessionHolder;
    /** A session went on with a new pair of tokens. */
    'auth.session-renewed': { readonly sessionId: string } & SessionHolder;
    /** A sign-in is over before its time. Every process drops what is open on its behalf. */
    'auth.session-revoked': { readonly sessionId: string; readonly reason: RevocationReason } & SessionHolder;
    /** Somebody was given the secret of a second factor, which is not asked for yet. */
    'auth.second-factor-enrolled': { readonly userId: string };
    /** He showed a code of it: sign-ins ask for one from now on. */
    'auth.second-factor-confirmed': { readonly userId: string };
    'auth.second-factor-disabled': { readonly userId: string };
    /** The password was right, and a code is awaited. */
    'auth.second-factor-required': { readonly userId: string };
    /** A code was wrong, or was taken before. */
    'auth.second-factor-failed': { readonly userId: string; readonly failuresInARow: number };
    'auth.recovery-code-used': { readonly userId: string; readonly codesLeft: number };
    /** He can sign in with who he is at this provider. */
    'auth.identity-linked': { readonly userId: string; readonly provider: OAuthProviderName };
    'auth.identity-unlinked': { readonly userId: string; readonly provider: OAuthProviderName };
    'auth.device-registered': { readonly deviceId: string };
    'auth.api-key-created': { readonly apiKeyId: string; readonly scopes: readonly Scope[] };
    /** A key is good for nothing any more. Every process drops what is open on its behalf. */
    'auth.api-key-revoked': { readonly apiKeyId: string };
  }
}
