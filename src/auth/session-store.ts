import { type Kysely, sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { Role } from '../lib/actor.ts';
import type { Session } from './session.ts';
import type { UserStatus } from './user.ts';

/** A session as it stands now, and whose power it carries. */
export interface SessionStanding {
  readonly userId: string;
  /** Neither revoked nor expired, by PostgreSQL's clock. */
  readonly isOpen: boolean;
  readonly status: UserStatus;
  /** Of the user at the session's venue. */
  readonly roles: readonly Role[];
}

export async function findSession(
  db: Kysely<Database>,
  venueId: string,
  sessionId: string,
): Promise<Session | null> {
  const row = await db
    .selectFrom('auth_session')
    .select(['id', 'venue_id', 'user_id', 'created_at', 'expires_at'])
    .where('id', '=', sessionId)
    .where('venue_id', '=', venueId)
    .executeTakeFirst();
  if (!row) return null;
  return {
    id: row.id,
    venueId: row.venue_id,
    userId: row.user_id,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}

export async function findSessionStanding(
  db: Kysely<Database>,
  venueId: string,
  sessionId: string,
): Promise<SessionStanding | null> {
  const row = await db
    .selectFrom('auth_session as session')
    .innerJoin('app_user', 'app_user.id', 'session.user_id')
    .select(['session.user_id', 'app_user.status'])
    .select(sql<boolean>`session.revoked_at is null and session.expires_at > now()`.as('is_open'))
    .select(
      sql<Role[]>`array(select role from user_role
        where user_role.user_id = session.user_id and user_role.venue_id = session.venue_id
        order by role collate "C")`.as('roles'),
    )
    .where('session.id', '=', sessionId)
    .where('session.venue_id', '=', venueId)
    .executeTakeFirst();
  return row ? { userId: row.user_id, isOpen: row.is_open, status: row.status, roles: row.roles } : null;
}

export async function insertSession(
  tx: Transaction<Database>,
  session: Session,
  client: { readonly address: string | null; readonly userAgent: string | null },
): Promise<void> {
  await tx
    .insertInto('auth_session')
    .values({
      id: session.id,
      venue_id: session.venueId,
      user_id: session.userId,
      created_at: session.createdAt,
      expires_at: session.expiresAt,
      user_agent: client.userAgent,
      address: client.address,
    })
    .execute();
}
