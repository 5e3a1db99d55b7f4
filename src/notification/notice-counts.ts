import { type Kysely, sql } from 'kysely';
import type { Database } from '../db/schema.ts';

/** What the people of a venue are told, in notices. */
export interface NoticeCounts {
  /** Nobody has read them yet; what is shown by mail alone is not among them. */
  readonly unread: number;
  /** Made within the last 24 hours, read or not, and still there. */
  readonly lastDay: number;
  /** Of which a mail has still to be posted. */
  readonly mailsDue: number;
}

const DAY_MS = 86_400_000;

/** Of one instant. */
export async function countNotices(
  db: Kysely<Database>,
  { venueId, now }: { readonly venueId: string; readonly now: Date },
): Promise<NoticeCounts> {
  const since = new Date(now.getTime() - DAY_MS);
  const { rows } = await sql<NoticeCounts>`
    select
      (select count(*)::int from notification where venue_id = ${venueId} and is_shown and read_at is null) as unread,
      (select count(*)::int from notification where venue_id = ${venueId} and created_at > ${since}) as "lastDay",
      (select count(*)::int from notification where venue_id = ${venueId} and mail_until is not null) as "mailsDue"`.execute(
    db,
  );
  return rows[0] ?? { unread: 0, lastDay: 0, mailsDue: 0 };
}
