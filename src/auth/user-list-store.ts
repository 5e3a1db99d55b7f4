import { type Kysely, type RawBuilder, sql } from 'kysely';
import { type KeysetRange, keysetPage } from '../db/keyset.ts';
import type { Database } from '../db/schema.ts';
import type { Role } from '../lib/actor.ts';
import type { User, UserStatus } from './user.ts';
import { guestsAt, type UserRow, userOf, usersAtHome } from './user-store.ts';

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

interface UserPage {
  readonly filter: UserFilter;
  readonly range: KeysetRange;
}

/** The users of a venue in the order of their making, the newest first, or in reverse when read backward. */
export async function listUsers(db: Kysely<Database>, venueId: string, page: UserPage): Promise<User[]> {
  const { rows } = await userPage(db, venueId, page).execute(db);
  return rows.map(userOf);
}

/** Who is at home comes by an index in this order and is read no further than the page; guests are few. */
export function userPage(
  db: Kysely<Database>,
  venueId: string,
  { filter, range }: UserPage,
): RawBuilder<UserRow> {
  const [home, guests] = [usersAtHome(db, venueId), guestsAt(db, venueId)].map((users) =>
    keysetPage(filtered(users, venueId, filter), ORDER, range),
  );
  const direction = range.backward ? sql`asc` : sql`desc`;
  return sql`select * from (${home} union all ${guests}) found
    order by created_at ${direction}, id ${direction} limit ${range.limit}`;
}

const ORDER = { time: 'created_at', newestFirst: true };

export async function countUsers(db: Kysely<Database>, venueId: string, filter: UserFilter): Promise<number> {
  const [home, guests] = [usersAtHome(db, venueId), guestsAt(db, venueId)].map((users) =>
    db
      .selectFrom(filtered(users, venueId, filter).as('found'))
      .select((found) => found.fn.countAll<string>().as('count')),
  );
  const { rows } = await sql<{ count: number }>`select (${home} + ${guests})::integer as count`.execute(db);
  return rows[0]?.count ?? 0;
}

function filtered(
  users: ReturnType<typeof usersAtHome>,
  venueId: string,
  { roles, status, name }: UserFilter,
): ReturnType<typeof usersAtHome> {
  let query = users;
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
