import type { Work } from '../work.ts';
import { MAX_MARKED, type MarkedNotification } from './events.ts';

export interface Marked {
  readonly type: 'notification.read' | 'notification.deleted';
  readonly venueId: string;
  readonly userId: string;
  readonly marked: readonly MarkedNotification[];
}

/** Tells a person what was done to notices of his, so many at a time. */
export function announceMarked(work: Work, { type, venueId, userId, marked }: Marked): void {
  const at = work.now.toISOString();
  for (let from = 0; from < marked.length; from += MAX_MARKED)
    work.emit({ type, venueId, userId, notifications: marked.slice(from, from + MAX_MARKED), at });
}
