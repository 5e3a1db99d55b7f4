import type { Generated, GeneratedAlways, JSONColumnType } from 'kysely';
import type { Role, Scope } from '../../lib/actor.ts';

export interface AppUserTable {
  id: string;
  /** The home venue. Where the user may act is in `user_role`. */
  venue_id: string;
  email: string;
  username: string | null;
  display_name: string | null;
  /** A PHC string, `$argon2id$v=19$…`. */
  password_hash: string;
  /** No: the hash is of bytes that nobody knows. */
  has_password: Generated<boolean>;
  status: Generated<'ACTIVE' | 'LOCKED' | 'DELETED'>;
  /** Null until its owner has shown that he reads its mail. */
  email_verified_at: Date | null;
  /** Somebody else chose the password: it is good for choosing another. */
  must_change_password: Generated<boolean>;
  /** Whether anybody hits on the one that was chosen for him; null when nobody knows. */
  has_guessable_password: Generated<boolean | null>;
  password_changed_at: Date | null;
  version: Generated<number>;
  created_at: Generated<Date>;
}

export interface UserRoleTable {
  user_id: string;
  venue_id: string;
  role: Role;
  /** Whether his home is another venue. */
  is_guest: GeneratedAlways<boolean>;
}

export interface UserGrantTable {
  user_id: string;
  venue_id: string;
  /** The role of his that it stands beside. */
  role: Role;
  scope: Scope;
}

export interface AuthSessionTable {
  id: string;
  /** The venue this sign-in is for. */
  venue_id: string;
  /** Whose it is: this user's, or this device's; one of both. */
  user_id: string | null;
  device_id: string | null;
  created_at: Date;
  expires_at: Date;
  revoked_at: Date | null;
  user_agent: string | null;
  address: string | null;
}

export interface RealtimeTokenTable {
  /** SHA-256 of the token. */
  token_hash: Buffer;
  venue_id: string;
  actor_kind: 'user' | 'device' | 'partner';
  actor_id: string;
  /** The session or API key whose power it has. */
  credential_id: string;
  /** Of the key that signed what it was asked for with; null where none did. */
  key_id: string | null;
  single_use: boolean;
  created_at: Date;
  expires_at: Date;
}

export interface RefreshTokenTable {
  /** SHA-256 of the token. */
  token_hash: Buffer;
  venue_id: string;
  session_id: string;
  created_at: Date;
  /** When it was exchanged for its successor; null for the one that is good. */
  used_at: Date | null;
}

export interface ApiKeyTable {
  id: string;
  venue_id: string;
  name: string;
  prefix: string;
  /** SHA-256 of the key. */
  secret_hash: Buffer;
  scopes: string[];
  event_types: string[];
  created_by: string | null;
  created_at: Date;
  expires_at: Date | null;
  last_used_at: Date | null;
  revoked_at: Date | null;
}

export interface SignInFailureTable {
  id: string;
  kind: 'PASSWORD' | 'SECOND_FACTOR' | 'PAIRING_CODE';
  /** HMAC-SHA-256 of the name that was tried. */
  subject_digest: Buffer;
  /** The IPv4 address or IPv6 /64 it came from. */
  address: string | null;
  user_id: string | null;
  failed_at: Date;
  /** What is locked from this failure on, for as long as failures count. */
  locks: 'ADDRESS' | 'ACCOUNT' | null;
}

export interface SigningKeyTable {
  kid: string;
  algorithm: 'EdDSA';
  public_jwk: JSONColumnType<{ kty: 'OKP'; crv: 'Ed25519'; x: string }>;
  private_key_encrypted: Buffer;
  created_at: Generated<Date>;
  retired_at: Date | null;
}

export interface SecondFactorTable {
  user_id: string;
  /** Sealed, bound to `user_id`. */
  secret_encrypted: Buffer;
  created_at: Date;
  /** Null until a code of it was shown. */
  enabled_at: Date | null;
  /** The step of the last code that was taken: seconds since 1970, divided by thirty. */
  last_step: number | null;
  /** Wrong codes in a row, the last of them at `failed_at`. */
  failures: Generated<number>;
  failed_at: Date | null;
}

export interface RecoveryCodeTable {
  user_id: string;
  /** SHA-256 of the code. */
  code_hash: Buffer;
  used_at: Date | null;
}

export interface SignInChallengeTable {
  /** SHA-256 of the challenge. */
  token_hash: Buffer;
  venue_id: string;
  user_id: string;
  /** SHA-256 of the password's hash when the challenge was given. */
  password_digest: Buffer;
  tries_left: number;
  created_at: Date;
  expires_at: Date;
}

export interface AccountTokenTable {
  /** SHA-256 of the token. */
  token_hash: Buffer;
  venue_id: string;
  user_id: string;
  purpose: 'VERIFY_EMAIL' | 'RESET_PASSWORD' | 'CHANGE_EMAIL';
  /** The address whose mail it is in. */
  email: string;
  created_at: Date;
  /** `now` or earlier: void. */
  expires_at: Date;
}

export interface AccountMailRequestTable {
  id: string;
  purpose: 'VERIFY_EMAIL' | 'RESET_PASSWORD';
  /** As it was given: nobody need have it. */
  email: string;
  origin: JSONColumnType<{ requestId: string; address: string | null }> | null;
  created_at: Date;
}
