import { type DataExporter, MAX_EXPORTED } from '../auth/data-export.ts';
import { channelKey } from './channel.ts';

/** What was said to a person on his own channel; what he said himself is in his audit record. */
export const CHANNEL_EXPORTERS: readonly DataExporter[] = [
  {
    section: 'channelMessages',
    async read(db, userId) {
      const messages = await db
        .selectFrom('channel_message as message')
        .innerJoin('venue', 'venue.id', 'message.venue_id')
        .select(['message.id', 'venue.slug as venue', 'message.type', 'message.data'])
        .select(['sent_at as sentAt'])
        .where('channel', '=', channelKey({ kind: 'USER', userId }))
        .orderBy('sent_at', 'desc')
        .orderBy('message.id')
        .limit(MAX_EXPORTED)
        .execute();
      return messages.map(({ data, ...message }) => ({ ...message, data: JSON.parse(data) as unknown }));
    },
  },
];
