import { type DataExporter, MAX_EXPORTED } from '../auth/data-export.ts';

/** What a person was told, as long as it is kept. */
const NOTIFICATION_EXPORTER: DataExporter = {
  section: 'notifications',
  read: async (db, userId) =>
    await db
      .selectFrom('notification')
      .innerJoin('venue', 'venue.id', 'notification.venue_id')
      .select(['notification.id', 'venue.slug as venue', 'type', 'severity', 'message', 'data'])
      .select(['notification.created_at as createdAt', 'read_at as readAt'])
      .where('user_id', '=', userId)
      .orderBy('notification.created_at', 'desc')
      .orderBy('notification.id', 'desc')
      .limit(MAX_EXPORTED)
      .execute(),
};

/** How he wants to be told, where he has said so. */
const PREFERENCE_EXPORTER: DataExporter = {
  section: 'notificationPreferences',
  read: async (db, userId) =>
    await db
      .selectFrom('notification_preference')
      .innerJoin('venue', 'venue.id', 'notification_preference.venue_id')
      .select(['venue.slug as venue', 'type', 'in_app as inApp', 'by_mail as email'])
      .select('changed_at as changedAt')
      .where('user_id', '=', userId)
      .orderBy('venue.slug')
      .orderBy('type')
      .execute(),
};

export const NOTIFICATION_EXPORTERS: readonly DataExporter[] = [NOTIFICATION_EXPORTER, PREFERENCE_EXPORTER];
