import { countNotices, type NoticeCounts } from '../notification/notice-counts.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { StatsType } from './stats.ts';

/** How much the people of the venue are told, beside how the server is doing. */

const NoticeCountsType = builder.objectRef<NoticeCounts>('NoticeCounts').implement({
  description:
    'How many notices there are for the people of a venue, one for each who is told, all of one instant.',
  fields: (t) => ({
    unread: t.exposeInt('unread', { description: 'Shown to somebody who has not read them yet.' }),
    lastDay: t.exposeInt('lastDay', {
      description: 'Made within the last 24 hours, read or not, and not thrown away.',
    }),
    mailsDue: t.exposeInt('mailsDue', { description: 'Of which a mail has still to be posted.' }),
  }),
});

builder.objectField(StatsType, 'notices', (t) =>
  t.field({
    type: NoticeCountsType,
    nullable: true,
    complexity: 10,
    description: 'The notices of the venue.',
    resolve: (_stats, _args, context) => {
      const { db, now } = context;
      return countNotices(db, { venueId: venueIdOf(context), now });
    },
  }),
);
