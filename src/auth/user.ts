import type { Role, Scope } from '../lib/actor.ts';
import { ValidationError } from '../lib/errors.ts';

export type UserStatus = 'ACTIVE' | 'LOCKED' | 'DELETED';

/** A person with an account, as one venue sees him. */
export interface User {
  readonly id: string;
  /** The home venue, where a sign-in without a venue leads. */
  readonly homeVenueId: string;
  readonly email: string;
  readonly username: string | null;
  readonly displayName: string | null;
  readonly status: UserStatus;
  /** At the venue that was asked for, in alphabetical order. */
  readonly roles: readonly Role[];
  /** What he may there besides what the roles allow, in alphabetical order. */
  readonly grants: readonly Scope[];
  /** When its owner showed that he reads its mail; null before. */
  readonly emailVerifiedAt: Date | null;
  /** Whether somebody else chose the password, so that he may do nothing but choose another. */
  readonly mustChangePassword: boolean;
  /** Counts the changes of the profile, the status, the roles and the grants. */
  readonly version: number;
  readonly createdAt: Date;
}

/** What names a person, before the account exists. */
export interface UserIdentity {
  readonly email: string;
  readonly username: string | null;
  readonly displayName: string | null;
}

/** How somebody who signs in says who he is. */
export type Identifier =
  | { readonly kind: 'email'; readonly email: string }
  | { readonly kind: 'username'; readonly username: string };

/** As HTML defines an address; ASCII, so that no two look alike and case folds the same everywhere. */
const EMAIL =
  /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i;
const USERNAME = /^[a-z0-9][a-z0-9._-]{2,31}$/i;
const MAX_EMAIL_LENGTH = 254;
const MAX_DISPLAY_NAME_LENGTH = 100;

/**
 * Who a new account is for; blanks around the words are not part of them.
 *
 * @throws ValidationError
 */
export function parseUserIdentity(input: {
  email: string;
  username?: string | null | undefined;
  displayName?: string | null | undefined;
}): UserIdentity {
  return {
    email: parseEmail(input.email),
    username: parseUsername(input.username ?? null),
    displayName: parseDisplayName(input.displayName ?? null),
  };
}

/** @throws ValidationError */
export function parseEmail(text: string, field = 'email'): string {
  const email = text.trim();
  if (!isEmail(email)) throw new ValidationError(`${field} takes one e-mail address in ASCII.`, { field });
  return email;
}

/** Null for none. @throws ValidationError */
export function parseUsername(text: string | null): string | null {
  const username = text?.trim() ?? null;
  if (username !== null && !USERNAME.test(username)) {
    throw new ValidationError('username takes 3 to 32 letters, digits, dots, hyphens and underscores.', {
      field: 'username',
    });
  }
  return username;
}

/** Null for none. @throws ValidationError */
export function parseDisplayName(text: string | null): string | null {
  const displayName = text?.trim() ?? null;
  if (displayName !== null && !isDisplayName(displayName)) {
    throw new ValidationError(`displayName takes 1 to ${MAX_DISPLAY_NAME_LENGTH} printable characters.`, {
      field: 'displayName',
    });
  }
  return displayName;
}

/** What somebody else calls a person, where an account can be called so; null where it cannot. */
export function readDisplayName(text: string): string | null {
  const displayName = text.trim();
  return isDisplayName(displayName) ? displayName : null;
}

/** What is meant by a sign-in name; null when no account can have it. */
export function readIdentifier(text: string): Identifier | null {
  const name = text.trim();
  if (isEmail(name)) return { kind: 'email', email: name };
  return USERNAME.test(name) ? { kind: 'username', username: name } : null;
}

const isEmail = (text: string) => text.length <= MAX_EMAIL_LENGTH && EMAIL.test(text);

const isDisplayName = (text: string) =>
  text.length > 0 && text.length <= MAX_DISPLAY_NAME_LENGTH && !/[\p{Cc}\p{Cs}]/u.test(text);
