import { findDevicesByIds } from '../auth/device-store.ts';
import { type NoticeRules, STAFF } from '../notification/notice.ts';
import { findRevisions } from './revision-store.ts';

/** A screen that fails again and again is told of once in this time. */
const QUIET_MS = 15 * 60_000;
/** Of what a device says, in a notice of 500 characters. */
const SHOWN_REASON = 200;

/** Who sees to the floor is told of screens that cannot show what they shall. */
export const LAYOUT_NOTICES: NoticeRules = {
  'signage.layout-failed': async ({ venueId, payload }, telling) => {
    const { deviceId, layoutId, revision, displayVersion, reason } = payload;
    if (!(await telling.isNews(deviceId, new Date(telling.now.getTime() - QUIET_MS)))) return null;
    const [device] = await findDevicesByIds(telling.tx, venueId, [deviceId]);
    const wanted = layoutId === null || revision === null ? [] : [{ layoutId, revision }];
    const [layout] = await findRevisions(telling.tx, venueId, wanted);
    return {
      to: STAFF,
      type: 'LAYOUT',
      severity: 'WARNING',
      message: `${device?.name ?? 'A screen'} cannot show ${layout?.name ?? 'nothing'}: ${shortened(reason)}`,
      data: { deviceId, layoutId, revision, displayVersion, status: 'FAILED' },
    };
  },
};

/** A sign of two UTF-16 units stays whole: PostgreSQL keeps no half of one. */
const shortened = (reason: string): string =>
  reason.length > SHOWN_REASON
    ? `${reason
        .slice(0, SHOWN_REASON)
        .replace(/\p{Cs}$/u, '')
        .trimEnd()}…`
    : reason;
