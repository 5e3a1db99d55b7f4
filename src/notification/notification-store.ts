import { type Kysely, type Selectable, type SelectQueryBuilder, sql, type Transaction } from 'kysely';
import { type KeysetRange, keysetPage } from '../db/keyset.ts';
import type { Database } from '../db/schema.ts';
import type { NotificationTable } from '../db/tables/notification.ts';
import type { Role } from '../lib/actor.ts';
import type { MarkedNotification } from './events.ts';
import type { Notification, NotificationType } from './notification.ts';

/** Whose notices are looked at: somebody with these roles at a venue. */
export interface Reader {
  readonly userId: string;
  readonly venueId: string;
  readonly roles: readonly Role[];
}

export interface NotificationFilter {
  /** Null: of all. */
  readonly types: readonly NotificationType[] | null;
  readonly unreadOnly: boolean;
}

/** The newest first, or in reverse when read backward. */
export async function listNotifications(
  db: Kysely<Database>,
  reader: Reader,
  { filter, range }: { readonly filter: NotificationFilter; readonly range: KeysetRange },
): Promise<readonly Notification[]> {
  const query = filtered(shownTo(db, reader).select(COLUMNS), filter);
  return (await keysetPage(query, { time: 'created_at', newestFirst: true }, range).execute()).map(
    notificationOf,
  );
}

export async function countNotifications(
  db: Kysely<Database>,
  reader: Reader,
  filter: NotificationFilter,
): Promise<number> {
  const { count } = await filtered(
    shownTo(db, reader).select(sql<number>`count(*)::int`.as('count')),
    filter,
  ).executeTakeFirstOrThrow();
  return count;
}

export async function findNotificationsByIds(
  db: Kysely<Database>,
  reader: Reader,
  ids: readonly string[],
): Promise<readonly Notification[]> {
  const rows = await shownTo(db, reader)
    .select(COLUMNS)
    .where('id', '=', sql<string>`any(${ids}::uuid[])`)
    .execute();
  return rows.map(notificationOf);
}

/** Which of a person's notices are meant. */
export interface Selection {
  /** Null: all. */
  readonly ids: readonly string[] | null;
  readonly types: readonly NotificationType[] | null;
  /** Only those made at or before it. */
  readonly until: Date | null;
}

/** Those of them that were not read; what is not his stays as it is. */
export async function markRead(
  tx: Transaction<Database>,
  reader: Reader,
  { selection, at }: { readonly selection: Selection; readonly at: Date },
): Promise<readonly MarkedNotification[]> {
  return await tx
    .updateTable('notification')
    .set({ read_at: at })
    .where('id', 'in', selected(shownTo(tx, reader).select('id'), selection))
    .where('read_at', 'is', null)
    .returning(['id as notificationId', 'type as notificationType'])
    .execute();
}

export async function deleteSelected(
  tx: Transaction<Database>,
  reader: Reader,
  { selection, readOnly }: { readonly selection: Selection; readonly readOnly: boolean },
): Promise<readonly MarkedNotification[]> {
  const query = tx
    .deleteFrom('notification')
    .where('id', 'in', selected(shownTo(tx, reader).select('id'), selection))
    .returning(['id as notificationId', 'type as notificationType']);
  return await (readOnly ? query.where('read_at', 'is not', null) : query).execute();
}

const COLUMNS = [
  'id',
  'venue_id',
  'user_id',
  'type',
  'severity',
  'message',
  'data',
  'roles',
  'event_type',
  'created_at',
  'read_at',
] as const;

const notificationOf = (
  row: Pick<Selectable<NotificationTable>, (typeof COLUMNS)[number]>,
): Notification => ({
  id: row.id,
  venueId: row.venue_id,
  userId: row.user_id,
  type: row.type,
  severity: row.severity,
  message: row.message,
  data: row.data,
  roles: row.roles,
  eventType: row.event_type,
  createdAt: row.created_at,
  readAt: row.read_at,
});

const shownTo = (db: Kysely<Database>, { userId, venueId, roles }: Reader) =>
  db
    .selectFrom('notification')
    .where('user_id', '=', userId)
    .where('venue_id', '=', venueId)
    .where('is_shown', '=', true)
    .where(sql<boolean>`(roles is null or roles && ${roles}::text[])`);

type Query<O> = SelectQueryBuilder<Database, 'notification', O>;

function filtered<O>(query: Query<O>, { types, unreadOnly }: NotificationFilter): Query<O> {
  const ofTypes = types ? query.where('type', '=', sql<NotificationType>`any(${types}::text[])`) : query;
  return unreadOnly ? ofTypes.where('read_at', 'is', null) : ofTypes;
}

function selected<O>(query: Query<O>, { ids, types, until }: Selection): Query<O> {
  let chosen = filtered(query, { types, unreadOnly: false });
  if (ids) chosen = chosen.where('id', '=', sql<string>`any(${ids}::uuid[])`);
  if (until) chosen = chosen.where('created_at', '<=', until);
  return chosen;
}
