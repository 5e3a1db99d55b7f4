import { startReactor } from '../events/reactor.ts';
import { startDeploymentWatch } from '../signage/deployment-jobs.ts';
import { startDeviceCommandExpiry, startDeviceRetention, startStatusWatch } from '../signage/device-jobs.ts';
import { startDisplayWatch } from '../signage/display-jobs.ts';
import { EDITING_REACTOR, startEditingExpiry, startLayoutPushes } from '../signage/layout-jobs.ts';
import { startPlayRetention } from '../signage/play-jobs.ts';
import { scheduleReactor } from '../signage/schedule-reactor.ts';
import { startTakeoverEnd } from '../signage/takeover-jobs.ts';
import type { Ground } from './ground.ts';

/** What time and other domains do to devices, and to what screens show. */
export function startSignage({ config, log, runWork, onError, running }: Ground): void {
  const options = { runWork, onError };
  running.add(startDisplayWatch(options));
  running.add(startStatusWatch({ ...options, heartbeatMs: config.deviceHeartbeatMs }));
  running.add(startDeviceCommandExpiry(options));
  running.add(startDeploymentWatch(options));
  running.add(startDeviceRetention({ ...options, retentionMs: config.deviceHistoryRetentionMs }));
  running.add(startLayoutPushes(options));
  running.add(startEditingExpiry(options));
  running.add(startTakeoverEnd(options));
  running.add(startPlayRetention({ ...options, retentionMs: config.playRetentionMs }));
  const editing = running.add(startReactor(EDITING_REACTOR, options));
  const schedules = running.add(startReactor(scheduleReactor, options));
  const conditions: readonly string[] = scheduleReactor.types;
  log.events.add(({ type }) => {
    if (EDITING_REACTOR.types.includes(type)) editing.wake();
    if (conditions.includes(type)) schedules.wake();
  });
}
