import { sql } from 'kysely';
import { type DataExporter, MAX_EXPORTED } from '../auth/data-export.ts';

/** What a person had written into files. */
export const BULK_EXPORT_EXPORTER: DataExporter = {
  section: 'bulkExports',
  read: async (db, userId) =>
    await db
      .selectFrom('bulk_export')
      .innerJoin('venue', 'venue.id', 'bulk_export.venue_id')
      .select(['bulk_export.id as bulkExportId', 'venue.slug as venue', 'kind', 'filter'])
      .select(['bulk_export.status', 'bulk_export.created_at as createdAt', 'finished_at as finishedAt'])
      .where(sql<boolean>`requested_by ->> 'kind' = 'user' and requested_by ->> 'id' = ${userId}`)
      .orderBy('bulk_export.created_at', 'desc')
      .limit(MAX_EXPORTED)
      .execute(),
};
