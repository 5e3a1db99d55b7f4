import { NotFoundError, ValidationError } from '../lib/errors.ts';
import type { Work } from '../work.ts';
import { announceMarked, type Marked } from './marked.ts';
import {
  countNotifications,
  deleteSelected,
  findNotificationsByIds,
  markRead,
  type Reader,
  type Selection,
} from './notification-store.ts';

/** How many ids one request takes. */
export const MAX_IDS = 100;

/** To which it was done, and how many the person has not read yet. */
export interface Marking {
  readonly ids: readonly string[];
  readonly unread: number;
}

/**
 * Notes that somebody has read what is selected; what he read before stays as it was.
 *
 * @throws NotFoundError, ValidationError
 */
export async function markNotificationsRead(
  work: Work,
  { reader, selection }: { readonly reader: Reader; readonly selection: Selection },
): Promise<Marking> {
  await refuseOthers(work, reader, selection);
  const marked = await markRead(work.tx, reader, { selection, at: work.now });
  return await announce(work, reader, { type: 'notification.read', marked });
}

/**
 * Throws away what is selected, or of it only what was read.
 *
 * @throws NotFoundError, ValidationError
 */
export async function deleteNotifications(
  work: Work,
  {
    reader,
    selection,
    readOnly,
  }: { readonly reader: Reader; readonly selection: Selection; readonly readOnly: boolean },
): Promise<Marking> {
  await refuseOthers(work, reader, selection);
  const marked = await deleteSelected(work.tx, reader, { selection, readOnly });
  return await announce(work, reader, { type: 'notification.deleted', marked });
}

/** All or nothing: an id that is not his to see leaves the others alone. */
async function refuseOthers({ tx }: Work, reader: Reader, { ids }: Selection): Promise<void> {
  if (ids === null) return;
  if (ids.length === 0 || ids.length > MAX_IDS)
    throw new ValidationError(`ids takes 1 to ${MAX_IDS} entries.`, { field: 'ids' });
  const found = await findNotificationsByIds(tx, reader, ids);
  if (found.length < new Set(ids).size) throw new NotFoundError('notification');
}

async function announce(
  work: Work,
  reader: Reader,
  { type, marked }: Pick<Marked, 'type' | 'marked'>,
): Promise<Marking> {
  const { venueId, userId } = reader;
  announceMarked(work, { type, venueId, userId, marked });
  const unread = await countNotifications(work.tx, reader, { types: null, unreadOnly: true });
  return { ids: marked.map(({ notificationId }) => notificationId), unread };
}
