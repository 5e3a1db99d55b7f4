import { sql } from 'kysely';
import { type DataExporter, MAX_EXPORTED } from '../auth/data-export.ts';

/** The alerts that a person said he sees to. */
export const ALERT_EXPORTER: DataExporter = {
  section: 'alertAcknowledgements',
  read: async (db, userId) =>
    await db
      .selectFrom('alert')
      .innerJoin('venue', 'venue.id', 'alert.venue_id')
      .select(['alert.id as alertId', 'venue.slug as venue', 'alert.name', 'alert.metric'])
      .select(['alert.acknowledged_at as acknowledgedAt'])
      .where(sql<boolean>`acknowledged_by ->> 'kind' = 'user' and acknowledged_by ->> 'id' = ${userId}`)
      .orderBy('alert.acknowledged_at', 'desc')
      .limit(MAX_EXPORTED)
      .execute(),
};
