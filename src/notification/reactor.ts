import { findVenuesByIds } from '../auth/venue-store.ts';
import type { EventType, LoggedEvent } from '../events/events.ts';
import type { Narrowing } from '../events/log.ts';
import type { Reactor } from '../events/reaction.ts';
import type { Work } from '../work.ts';
import type { NoticeRule, NoticeRules, Telling } from './notice.ts';
import { type Posting, tell } from './telling-service.ts';
import { noteTold } from './telling-store.ts';

const DAY_MS = 86_400_000;

/**
 * Tells people what their rules say of what happened. It begins where migration 0048 put it: nobody is told of what
 * was over before there were notices.
 */
export function noticeReactor(
  rules: NoticeRules,
  { mails, narrowed }: Posting & { readonly narrowed: readonly Narrowing[] },
): Reactor<EventType, Work> {
  return {
    name: 'notices',
    // One that cannot be told is no reason to tell nobody anything.
    whenItFails: 'LEAVE_OUT',
    types: Object.keys(rules) as EventType[],
    narrowed,
    async react(work, event) {
      // Of each type there is the rule for its events.
      const rule = rules[event.type] as NoticeRule<EventType> | undefined;
      const notice = await rule?.(event, tellingOf(work, event));
      if (!notice) return;
      const { to, mailUntil = new Date(work.now.getTime() + DAY_MS), ...told } = notice;
      await tell(work, {
        ...told,
        to,
        mails: mails && mailUntil > work.now,
        mailUntil,
        venueId: event.venueId,
        eventType: event.type,
        position: event.position,
        sentId: null,
      });
    },
  };
}

const tellingOf = ({ tx, now }: Work, { venueId, type: eventType }: LoggedEvent): Telling => ({
  tx,
  now,
  async venue() {
    const [venue] = await findVenuesByIds(tx, [venueId]);
    if (!venue) throw new Error('an event is of no venue');
    return venue;
  },
  isNews: (about, since) => noteTold(tx, { venueId, eventType, about, since, now }),
});
