import { formatInstant } from '../lib/time.ts';
import { type NoticeRules, STAFF } from '../notification/notice.ts';
import type { TakeoverSnapshot } from './takeover-events.ts';

/** Who sees to the floor is told when screens are taken over, and when that has ended. */
export const TAKEOVER_NOTICES: NoticeRules = {
  'signage.takeover-started': async ({ payload }, telling) => {
    const { timeZone } = await telling.venue();
    const { endsAt } = payload;
    const until = endsAt === null ? '' : ` until ${formatInstant(new Date(endsAt), timeZone)}`;
    return {
      to: STAFF,
      type: 'LAYOUT',
      severity: 'CRITICAL',
      message: `${screensOf(payload)} taken over${until}: ${payload.reason}`,
      data: { ...dataOf(payload), status: 'STARTED' },
    };
  },
  'signage.takeover-ended': ({ payload }) => ({
    to: STAFF,
    type: 'LAYOUT',
    severity: 'INFO',
    message: `${screensOf(payload)} no longer taken over: ${payload.reason}`,
    data: { ...dataOf(payload), status: 'ENDED' },
  }),
};

const screensOf = ({ devices }: TakeoverSnapshot): string =>
  devices === 1 ? 'One screen is' : `${devices} screens are`;

const dataOf = ({ takeoverId, layoutId, devices, endsAt }: TakeoverSnapshot) => ({
  takeoverId,
  layoutId,
  devices,
  endsAt,
});
