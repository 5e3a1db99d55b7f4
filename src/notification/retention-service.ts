import { grouped } from '../lib/grouped.ts';
import type { Work } from '../work.ts';
import { announceMarked } from './marked.ts';
import { deleteOutlived, type Outlived } from './retention-store.ts';

/** Deletes what is not kept any longer, tells those in whose lists it stood, and answers how many it was. */
export async function forgetOutlived(work: Work, outlived: Outlived): Promise<number> {
  const deleted = await deleteOutlived(work.tx, outlived);
  const lists = grouped(
    deleted.filter(({ isShown }) => isShown),
    ({ venueId, userId }) => `${venueId} ${userId}`,
  );
  for (const list of lists.values()) {
    const marked = list.map(({ notificationId, notificationType }) => ({ notificationId, notificationType }));
    for (const { venueId, userId } of list.slice(0, 1))
      announceMarked(work, { type: 'notification.deleted', venueId, userId, marked });
  }
  return deleted.length;
}
