import { createAccount } from '../auth/account-creation.ts';
import { createPasswordHasher } from '../auth/password-hasher.ts';
import { readIdentifier, type User } from '../auth/user.ts';
import { listUsers } from '../auth/user-list-store.ts';
import { lockUser, setUserRoles, unlockUser } from '../auth/user-standing-service.ts';
import { findCredentials } from '../auth/user-store.ts';
import type { Config } from '../config.ts';
import type { FloorDatabase } from '../db/database.ts';
import { ROLES, type Role, SCOPES, type Scope, system } from '../lib/actor.ts';
import { CommandError } from './command-error.ts';
import { doInDatabase, type Tools, venueOf } from './database.ts';
import { firstLine } from './first-line.ts';

/** `floorwire users …`: what an ADMIN does through the API, for whoever has the machine; also while the server runs. */

export interface UsersOptions {
  readonly username?: string | undefined;
  readonly email?: string | undefined;
  /** Names separated by commas; `none`. */
  readonly role?: string | undefined;
  /** Scopes, separated by commas; `none`. */
  readonly grant?: string | undefined;
  /** A slug. */
  readonly venue?: string | undefined;
  /** A username or an e-mail address. */
  readonly user?: string | undefined;
  readonly reason?: string | undefined;
  readonly 'password-stdin'?: boolean | undefined;
}

const CLI = system('cli');
const LISTED = 1_000;

const actions = {
  create: { takes: ['username', 'email', 'role', 'venue', 'password-stdin'], run: create },
  role: { takes: ['user', 'role', 'grant', 'venue'], run: setRole },
  lock: { takes: ['user', 'reason'], run: lock },
  unlock: { takes: ['user'], run: unlock },
  list: { takes: ['venue'], run: list },
} satisfies Record<string, Action>;

interface Action {
  readonly takes: readonly (keyof UsersOptions)[];
  readonly run: (tools: Tools, options: UsersOptions, config: Config) => Promise<string>;
}

/** @throws CommandError */
export async function usersCommand(config: Config, action: string, options: UsersOptions): Promise<void> {
  const known: Readonly<Record<string, Action>> = actions;
  const chosen = Object.hasOwn(known, action) ? known[action] : undefined;
  if (!chosen) throw new CommandError(`users takes ${Object.keys(actions).join(', ')}.`);
  const foreign = Object.keys(options).filter((name) => !chosen.takes.some((taken) => taken === name));
  if (foreign.length > 0) throw new CommandError(`users ${action} does not take --${foreign.join(', --')}.`);

  await doInDatabase(config, (tools) => chosen.run(tools, options, config));
}

async function create(
  { floor, runWork }: Tools,
  options: UsersOptions,
  { passwordPolicy, hashCost }: Config,
): Promise<string> {
  const { username, email, role } = options;
  if (email === undefined || role === undefined)
    throw new CommandError('users create takes --email and --role.');
  const venue = await venueOf(floor, options.venue);
  const hasher = await createPasswordHasher({ cost: hashCost });
  const input = {
    username,
    email,
    roles: readRoles(role),
    venueId: venue.id,
    password: options['password-stdin'] ? await firstLine('--password-stdin', 'a password') : null,
    mustChangePassword: true,
  };
  const { user, temporaryPassword } = await createAccount(
    { runWork, hasher, passwordPolicy },
    { actor: CLI, input, client: {} },
  );
  const made = `${nameOf(user)} is ${user.roles.join(', ')} at ${venue.slug} and chooses another password first.`;
  return temporaryPassword === null ? made : `${made}\nThe password, shown this once: ${temporaryPassword}`;
}

async function setRole({ floor, runWork }: Tools, options: UsersOptions): Promise<string> {
  if (options.role === undefined) throw new CommandError('users role takes --user and --role.');
  const { userId, homeVenueId } = await accountOf(floor, options.user);
  const venue = options.venue === undefined ? null : await venueOf(floor, options.venue);
  const roles = readRoles(options.role);
  const grants = options.grant === undefined ? null : readGrants(options.grant);
  const { user } = await runWork(CLI, (work) =>
    setUserRoles(work, { userId, venueId: venue?.id ?? homeVenueId, roles, grants }),
  );
  const where = venue ? `at ${venue.slug}` : 'at his home venue';
  const granted = user.grants.length > 0 ? ` with ${user.grants.join(', ')}` : '';
  return `${nameOf(user)} is ${user.roles.join(', ') || 'nothing any more'}${granted} ${where}.`;
}

async function lock({ floor, runWork }: Tools, { user: name, reason }: UsersOptions): Promise<string> {
  if (reason === undefined) throw new CommandError('users lock takes --user and --reason.');
  const { userId, homeVenueId: venueId } = await accountOf(floor, name);
  const { user, endedSessions } = await runWork(CLI, (work) => lockUser(work, { userId, venueId, reason }));
  return `${nameOf(user)} is locked; sessions ended: ${endedSessions.length}.`;
}

async function unlock({ floor, runWork }: Tools, { user: name }: UsersOptions): Promise<string> {
  const { userId, homeVenueId: venueId } = await accountOf(floor, name);
  return `${nameOf(await runWork(CLI, (work) => unlockUser(work, { userId, venueId })))} may sign in.`;
}

async function list({ floor }: Tools, options: UsersOptions): Promise<string> {
  const venue = await venueOf(floor, options.venue);
  const users = await listUsers(floor.db, venue.id, {
    filter: { roles: null, status: null, name: null },
    range: { after: null, before: null, limit: LISTED + 1, backward: false },
  });
  const lines = users
    .slice(0, LISTED)
    .map((user) =>
      [nameOf(user), user.email, user.status, listed(user.roles), listed(user.grants)].join('\t'),
    );
  if (users.length > LISTED) lines.push(`… and older ones: these are the newest ${LISTED}.`);
  return lines.join('\n');
}

const listed = (names: readonly string[]): string => names.join(',') || '-';

const nameOf = ({ username, email }: User): string => username ?? email;

/** @throws CommandError */
async function accountOf({ db }: FloorDatabase, name: string | undefined) {
  if (name === undefined) throw new CommandError('--user takes a username or an e-mail address.');
  const identifier = readIdentifier(name);
  const account = identifier && (await findCredentials(db, identifier));
  if (!account) throw new CommandError('There is no such user.');
  return account;
}

/** @throws CommandError */
function readRoles(text: string): readonly Role[] {
  if (text === 'none') return [];
  return text.split(',').map((name) => {
    const role = ROLES.find((known) => known === name.trim().toUpperCase());
    if (!role) throw new CommandError('--role takes roles such as ADMIN or OPERATOR,AUDITOR, or none.');
    return role;
  });
}

/** @throws CommandError */
function readGrants(text: string): readonly Scope[] {
  if (text === 'none') return [];
  return text.split(',').map((name) => {
    const scope = SCOPES.find((known) => known === name.trim().toUpperCase());
    if (!scope) throw new CommandError('--grant takes scopes such as WALLETS_POST, or none.');
    return scope;
  });
}
