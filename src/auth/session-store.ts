import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { AuthSessionTable } from '../db/tables/auth.ts';
import type { Role, Scope } from '../lib/actor.ts';
import type { DeviceStatus } from './device.ts';
import type { Session, SessionHolder } from './session.ts';
import type { UserStatus } from './user.ts';

/** A session as it stands now, and whose power it carries. */
export type SessionStanding = {
  /** Neither revoked nor expired, by PostgreSQL's clock. */
  readonly isOpen: boolean;
} & (UserStanding | DeviceStanding);

interface UserStanding {
  readonly kind: 'user';
  readonly holderId: string;
  readonly status: UserStatus;
  /** Whether he may do nothing but choose another password. */
  readonly mustChangePassword: boolean;
  /** Whether he has shown that he reads the mail to his address. */
  readonly isEmailVerified: boolean;
  /** Of the user at the session's venue. */
  readonly roles: readonly Role[];
  /** Of the user there, besides. */
  readonly grants: readonly Scope[];
}

interface DeviceStanding {
  readonly kind: 'device';
  readonly holderId: string;
  readonly status: DeviceStatus;
}

/** Which of the holder's sessions are meant: all, all but one, one, or those at a venue. */
export type WhichSessions =
  | 'all'
  | { readonly except: string }
  | { readonly only: string }
  | { readonly at: string };

/** How many of one user's sessions are listed at most. */
export const MAX_LISTED_SESSIONS = 100;

export async function findSession(
  db: Kysely<Database>,
  holder: SessionHolder,
  sessionId: string,
): Promise<Session | null> {
  const row = await sessionsOf(db, holder).where('session.id', '=', sessionId).executeTakeFirst();
  return row ? sessionOf(row) : null;
}

export async function getSession(
  db: Kysely<Database>,
  holder: SessionHolder,
  sessionId: string,
): Promise<Session> {
  const session = await findSession(db, holder, sessionId);
  if (!session) throw new Error(`there is no session ${sessionId}`);
  return session;
}

/** The user's sessions at every venue that are neither revoked nor expired, the newest first. */
export async function listOpenSessions(db: Kysely<Database>, userId: string): Promise<Session[]> {
  const rows = await sessionsOf(db, { userId })
    .where('session.revoked_at', 'is', null)
    .where('session.expires_at', '>', sql<Date>`now()`)
    .orderBy('session.created_at', 'desc')
    .orderBy('session.id', 'desc')
    .limit(MAX_LISTED_SESSIONS)
    .execute();
  return rows.map(sessionOf);
}

/** A session is used when its refresh token is: the one that is good now was made then. */
const sessionsOf = (db: Kysely<Database>, holder: SessionHolder) =>
  db
    .selectFrom('auth_session as session')
    .leftJoin('refresh_token as token', (on) =>
      on.onRef('token.session_id', '=', 'session.id').on('token.used_at', 'is', null),
    )
    .selectAll('session')
    .select('token.created_at as renewed_at')
    .$call((query) =>
      'userId' in holder
        ? query.where('session.user_id', '=', holder.userId)
        : query.where('session.device_id', '=', holder.deviceId),
    );

const sessionOf = (row: Selectable<AuthSessionTable> & { readonly renewed_at: Date | null }): Session => ({
  id: row.id,
  venueId: row.venue_id,
  holder: holderOf(row),
  createdAt: row.created_at,
  lastUsedAt: row.renewed_at ?? row.created_at,
  expiresAt: row.expires_at,
  userAgent: row.user_agent,
  address: row.address,
});

/** A row has one of both: `auth_session_one_holder`. */
export function holderOf({
  user_id,
  device_id,
}: Pick<Selectable<AuthSessionTable>, 'user_id' | 'device_id'>): SessionHolder {
  if (user_id !== null) return { userId: user_id };
  if (device_id !== null) return { deviceId: device_id };
  throw new Error('a session is nobody’s');
}

/** Ends these sessions of the holder and answers those that were open until now. */
export async function revokeSessions(
  tx: Transaction<Database>,
  { which, at, ...holder }: SessionHolder & { readonly which: WhichSessions; readonly at: Date },
): Promise<readonly { readonly id: string; readonly venueId: string }[]> {
  const open = await tx
    .selectFrom('auth_session')
    .select(['id', 'venue_id as venueId'])
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', at)
    .$call((query) =>
      'userId' in holder
        ? query.where('user_id', '=', holder.userId)
        : query.where('device_id', '=', holder.deviceId),
    )
    .$call((query) => {
      if (which === 'all') return query;
      if ('at' in which) return query.where('venue_id', '=', which.at);
      return 'only' in which ? query.where('id', '=', which.only) : query.where('id', '!=', which.except);
    })
    // In one order, whoever else ends them.
    .orderBy('id')
    .forUpdate()
    .execute();
  if (open.length === 0) return [];
  const ids = open.map(({ id }) => id);
  await tx.updateTable('auth_session').set({ revoked_at: at }).where('id', 'in', ids).execute();
  return open;
}

/** Makes room for a session of this device: those whose time is over are marked as over. */
export async function retireDeviceSessions(
  tx: Transaction<Database>,
  deviceId: string,
  at: Date,
): Promise<void> {
  await tx
    .updateTable('auth_session')
    .set({ revoked_at: at })
    .where('device_id', '=', deviceId)
    .where('revoked_at', 'is', null)
    .execute();
}

export async function findSessionStanding(
  db: Kysely<Database>,
  venueId: string,
  sessionId: string,
): Promise<SessionStanding | null> {
  const row = await db
    .selectFrom('auth_session as session')
    .leftJoin('app_user', 'app_user.id', 'session.user_id')
    .leftJoin('device', 'device.id', 'session.device_id')
    .select(['app_user.id as user_id', 'app_user.status as user_status', 'app_user.must_change_password'])
    .select('app_user.email_verified_at')
    .select(['device.id as device_id', 'device.status as device_status'])
    .select(sql<boolean>`session.revoked_at is null and session.expires_at > now()`.as('is_open'))
    .select(
      sql<Role[]>`array(select role from user_role
        where user_role.user_id = session.user_id and user_role.venue_id = session.venue_id
        order by role collate "C")`.as('roles'),
    )
    .select(
      sql<Scope[]>`array(select scope from user_grant
        where user_grant.user_id = session.user_id and user_grant.venue_id = session.venue_id
        order by scope collate "C")`.as('grants'),
    )
    .where('session.id', '=', sessionId)
    .where('session.venue_id', '=', venueId)
    .executeTakeFirst();
  if (!row) return null;
  const { is_open: isOpen, roles, grants } = row;
  if (row.device_id && row.device_status)
    return { kind: 'device', holderId: row.device_id, isOpen, status: row.device_status };
  if (!row.user_id || !row.user_status) return null;
  const { user_id: holderId, user_status: status } = row;
  const mustChangePassword = row.must_change_password ?? false;
  const isEmailVerified = row.email_verified_at !== null;
  return { kind: 'user', holderId, isOpen, status, mustChangePassword, isEmailVerified, roles, grants };
}

/**
 * When this session ends, null when it has ended or is none. It cannot be ended by others until
 * the transaction is over.
 */
export async function lockSessionEnd(
  tx: Transaction<Database>,
  { sessionId, now }: { readonly sessionId: string; readonly now: Date },
): Promise<Date | null> {
  const row = await tx
    .selectFrom('auth_session')
    .select('expires_at')
    .where('id', '=', sessionId)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .forShare()
    .executeTakeFirst();
  return row?.expires_at ?? null;
}

export async function insertSession(tx: Transaction<Database>, session: Session): Promise<void> {
  await tx
    .insertInto('auth_session')
    .values({
      id: session.id,
      venue_id: session.venueId,
      user_id: 'userId' in session.holder ? session.holder.userId : null,
      device_id: 'deviceId' in session.holder ? session.holder.deviceId : null,
      created_at: session.createdAt,
      expires_at: session.expiresAt,
      user_agent: session.userAgent,
      address: session.address,
    })
    .execute();
}
