import { findDevicesByIds } from '../auth/device-store.ts';
import { type NoticeRules, STAFF } from '../notification/notice.ts';

/** A device that comes and goes is told to be gone once in this time. */
const QUIET_MS = 15 * 60_000;

/** What who sees to the devices is told of them. */
export const DEVICE_NOTICES: NoticeRules = {
  'signage.device-status-changed': async ({ venueId, payload }, telling) => {
    const { deviceId, status, lastSeenAt } = payload;
    if (status !== 'OFFLINE') return null;
    const [device] = await findDevicesByIds(telling.tx, venueId, [deviceId]);
    // One that was removed is missed by nobody.
    if (device?.status !== 'ACTIVE') return null;
    if (!(await telling.isNews(deviceId, new Date(telling.now.getTime() - QUIET_MS)))) return null;
    return {
      to: STAFF,
      type: 'DEVICE',
      severity: 'WARNING',
      message: `${device.name} does not report any more.`,
      data: { deviceId, deviceNumber: device.deviceNumber, status, lastSeenAt },
    };
  },
};
