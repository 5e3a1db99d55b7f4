import { sql } from 'kysely';
import { type DataExporter, MAX_EXPORTED } from '../auth/data-export.ts';

/** The takeovers that a person began, with what he wrote. */
export const TAKEOVER_EXPORTER: DataExporter = {
  section: 'takeovers',
  read: async (db, userId) =>
    await db
      .selectFrom('takeover')
      .innerJoin('venue', 'venue.id', 'takeover.venue_id')
      .select(['takeover.id', 'venue.slug as venue', 'takeover.layout_id as layoutId', 'takeover.reason'])
      .select(['takeover.started_at as startedAt', 'takeover.ended_at as endedAt'])
      .where(sql<boolean>`started_by ->> 'kind' = 'user' and started_by ->> 'id' = ${userId}`)
      .orderBy('takeover.started_at', 'desc')
      .limit(MAX_EXPORTED)
      .execute(),
};
