import { type Kysely, sql } from 'kysely';
import { type KeysetRange, keysetPage } from '../db/keyset.ts';
import type { Database } from '../db/schema.ts';
import type { Role } from '../lib/actor.ts';
import type { User, UserStatus } from './user.ts';
import { userOf, usersAt } from './user-store.ts';

/** Which users of a venue are meant; null: whatever there is. */
export interface UserFilter {
  readonly roles: readonly Role[] | null;
  readonly status: UserStatus | null;
  readonly name: NamePrefix | null;
}

/** How a username or a display name begins, in lower case; an e-mail address too, where those may be looked through. */
export interface NamePrefix {
  readonly prefix: string;
  readonly withEmail: boolean;
}

/** The users of a venue in the order of their making, the newest first, or in reverse when read backward. */
export async function listUsers(
  db: Kysely<Database>,
  venueId: string,
  { filter, range }: { readonly filter: UserFilter; readonly range: KeysetRange },
): Promise<User[]> {
  const query = filtered(db, venueId, filter);
  const rows = await keysetPage(query, { time: 'created_at', newestFirst: true }, range).execute();
  return rows.map(userOf);
}

export async function countUsers(db: Kysely<Database>, venueId: string, filter: UserFilter): Promise<number> {
  const { count } = await db
    .selectFrom(filtered(db, venueId, filter).as('found'))
    .select((found) => found.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

function filtered(db: Kysely<Database>, venueId: string, { roles, status, name }: UserFilter) {
  let query = usersAt(db, venueId);
  if (status) query = query.where('status', '=', status);
  if (roles) {
    query = query.where(
      sql<boolean>`exists (select 1 from user_role where user_role.user_id = app_user.id
        and user_role.venue_id = ${venueId} and user_role.role = any(${roles}))`,
    );
  }
  if (name) {
    const begins = `${name.prefix.replace(/[\\%_]/g, '\\$&')}%`;
    const { withEmail } = name;
    query = query.where((row) =>
      row.or([
        sql<boolean>`lower(username collate "C") like ${begins}`,
        sql<boolean>`lower(display_name) like ${begins}`,
        ...(withEmail ? [sql<boolean>`lower(email collate "C") like ${begins}`] : []),
      ]),
    );
  }
  return query;
}
