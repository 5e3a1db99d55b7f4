import type { FirstAdmin } from './auth/first-admin.ts';
import { isGuessable } from './auth/guessable-password.ts';
import { normalizePassword, type PasswordPolicy } from './auth/password.ts';
import { parseUserIdentity } from './auth/user.ts';
import { parseVenue } from './auth/venue.ts';
import { ValidationError } from './lib/errors.ts';

const VARIABLES = [
  'DEFAULT_USERNAME',
  'DEFAULT_PASSWORD',
  'DEFAULT_EMAIL',
  'DEFAULT_VENUE',
  'DEFAULT_TIME_ZONE',
  'DEFAULT_CURRENCY',
] as const;

const NEEDED = ['DEFAULT_USERNAME', 'DEFAULT_PASSWORD'] as const;

/** The first ADMIN as the environment names him; what is empty there is left out. */
export type FirstAdminVariables = { readonly [Name in (typeof VARIABLES)[number]]?: string | undefined };

const ANY_VENUE = { slug: 'main', name: 'main', timeZone: 'UTC', currency: 'USD' } as const;

/** Who is to be the first ADMIN, or one line for each reason why he cannot be; nothing when nobody is named. */
export interface ReadFirstAdmin {
  readonly firstAdmin: FirstAdmin | null;
  readonly problems: readonly string[];
}

/**
 * In production the password must be one that nobody hits on: until it is changed, whoever knows it
 * is the ADMIN.
 */
export function readFirstAdmin(
  variables: FirstAdminVariables,
  rules: { readonly production: boolean; readonly passwordPolicy: PasswordPolicy },
): ReadFirstAdmin {
  const { DEFAULT_USERNAME: username, DEFAULT_PASSWORD: password } = variables;
  if (username === undefined || password === undefined) {
    const alone = VARIABLES.filter((name) => variables[name] !== undefined);
    const missing = NEEDED.filter((name) => variables[name] === undefined).join(' and ');
    return { firstAdmin: null, problems: alone.map((name) => `${name}: takes ${missing} beside it`) };
  }
  const email = variables.DEFAULT_EMAIL ?? `${username}@localhost`;
  const slug = variables.DEFAULT_VENUE ?? ANY_VENUE.slug;
  const venue = {
    slug,
    name: slug,
    timeZone: variables.DEFAULT_TIME_ZONE ?? ANY_VENUE.timeZone,
    currency: variables.DEFAULT_CURRENCY ?? ANY_VENUE.currency,
  };
  const problems = [
    problemOf('DEFAULT_USERNAME', () => parseUserIdentity({ email: 'any@localhost', username })),
    problemOf('DEFAULT_EMAIL', () => parseUserIdentity({ email })),
    problemOf('DEFAULT_VENUE', () => parseVenue({ ...ANY_VENUE, slug })),
    problemOf('DEFAULT_TIME_ZONE', () => parseVenue({ ...ANY_VENUE, timeZone: venue.timeZone })),
    problemOf('DEFAULT_CURRENCY', () => parseVenue({ ...ANY_VENUE, currency: venue.currency })),
    passwordProblem(password, { username, email, ...rules }),
  ].filter((problem) => problem !== null);
  return { firstAdmin: problems.length > 0 ? null : { username, email, password, venue }, problems };
}

function problemOf(variable: string, parse: () => unknown): string | null {
  try {
    parse();
    return null;
  } catch (error) {
    if (error instanceof ValidationError) return `${variable}: ${error.message}`;
    throw error;
  }
}

function passwordProblem(
  password: string,
  {
    production,
    passwordPolicy,
    ...owner
  }: { username: string; email: string; production: boolean; passwordPolicy: PasswordPolicy },
): string | null {
  if (normalizePassword(password) === null) return 'DEFAULT_PASSWORD: is too long';
  if (!production) return null;
  if (!isGuessable(password, owner, passwordPolicy)) return null;
  return `DEFAULT_PASSWORD: production takes ${passwordPolicy.minLengthAlone} characters or more, neither common nor containing the username`;
}
