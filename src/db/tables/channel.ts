import type { ColumnType } from 'kysely';
import type { Actor } from '../../lib/actor.ts';

/** What was said on a channel of a venue. */
export interface ChannelMessageTable {
  id: Fixed<string>;
  venue_id: Fixed<string>;
  /** `venue`, `user:<id>`, `device:<id>`, or the name of a custom one. */
  channel: Fixed<string>;
  type: Fixed<string>;
  /** JSON as it was sent. */
  data: Fixed<string>;
  sender: ColumnType<{ readonly kind: Actor['kind']; readonly id: string | null }, string, never>;
  sent_at: Fixed<Date>;
}

/** To how many subscriptions one process handed a message. */
export interface ChannelDeliveryTable {
  message_id: Fixed<string>;
  process_id: Fixed<string>;
  subscriptions: Fixed<number>;
}

type Fixed<T> = ColumnType<T, T, never>;
