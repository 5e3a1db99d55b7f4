import type { Work } from '../work.ts';
import { deleteChoicesOf } from './preference-store.ts';
import { deleteNotificationsOf } from './retention-store.ts';

/** What somebody was told goes with his account, and so does how he wanted to be told. */
export async function forgetNotifications({ tx }: Work, userId: string): Promise<void> {
  await deleteNotificationsOf(tx, userId);
  await deleteChoicesOf(tx, userId);
}
