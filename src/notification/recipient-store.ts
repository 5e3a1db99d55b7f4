import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { Audience } from './notice.ts';
import type { NotificationType } from './notification.ts';
import { USUAL } from './preference.ts';

/** Somebody who is told something, and how. */
export interface Recipient {
  readonly userId: string;
  readonly inApp: boolean;
  /** Only where his address is known to be his. */
  readonly byMail: boolean;
}

/** Whoever is meant and wants to be told, in one way or the other. */
export async function findRecipients(
  db: Kysely<Database>,
  { venueId, to, type }: { readonly venueId: string; readonly to: Audience; readonly type: NotificationType },
): Promise<readonly Recipient[]> {
  const usual = USUAL[type];
  const isUsual =
    usual.inApp === null ? sql`true` : hasRole(venueId, sql`role = any(${usual.inApp}::text[])`);
  const { rows } = await sql<Recipient>`
    select * from (
      select app_user.id as "userId",
        coalesce(chosen.in_app, ${isUsual}) as "inApp",
        email_verified_at is not null and coalesce(chosen.by_mail, ${usual.byMail}) as "byMail"
      from app_user left join notification_preference as chosen
        on chosen.user_id = app_user.id and chosen.venue_id = ${venueId} and chosen.type = ${type}
      where app_user.status <> 'DELETED' and ${isMeant(venueId, to)}
    ) as meant
    where "inApp" or "byMail" order by "userId"`.execute(db);
  return rows;
}

function isMeant(venueId: string, to: Audience): RawBuilder<unknown> {
  if (to === 'EVERYBODY') return hasRole(venueId, sql`true`);
  return 'roles' in to
    ? hasRole(venueId, sql`role = any(${to.roles}::text[])`)
    : sql`app_user.id = any(${to.userIds}::uuid[])`;
}

const hasRole = (venueId: string, isOne: RawBuilder<unknown>) =>
  sql`exists (select from user_role where user_id = app_user.id and venue_id = ${venueId} and ${isOne})`;

/** How many of these are people of the venue. */
export async function countPeople(
  db: Kysely<Database>,
  venueId: string,
  userIds: readonly string[],
): Promise<number> {
  const { count } = await db
    .selectFrom('app_user')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('id', '=', sql<string>`any(${userIds}::uuid[])`)
    .where('status', '<>', 'DELETED')
    .where(sql<boolean>`${hasRole(venueId, sql`true`)}`)
    .executeTakeFirstOrThrow();
  return count;
}
