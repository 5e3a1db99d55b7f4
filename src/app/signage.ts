import { startReactor } from '../events/reactor.ts';
import { overdueDeviceCommands } from '../signage/command-store.ts';
import { startDeploymentWatch } from '../signage/deployment-jobs.ts';
import { startDeviceCommandExpiry, startDeviceRetention, startStatusWatch } from '../signage/device-jobs.ts';
import { startDisplayWatch } from '../signage/display-jobs.ts';
import { dueDisplays } from '../signage/display-store.ts';
import { editorsGone } from '../signage/editing-store.ts';
import { EDITING_REACTOR, startEditingExpiry, startLayoutPushes } from '../signage/layout-jobs.ts';
import { duePushes } from '../signage/layout-push-store.ts';
import { startPlayRetention } from '../signage/play-jobs.ts';
import { scheduleReactor } from '../signage/schedule-reactor.ts';
import { startTakeoverEnd } from '../signage/takeover-jobs.ts';
import { overdueTakeovers } from '../signage/takeover-store.ts';
import type { Ground } from './ground.ts';

/** What time and other domains do to devices, and to what screens show. */
export function startSignage({ config, dues, log, runWork, onError, running }: Ground): void {
  const options = { runWork, onError };
  dues.add(dueDisplays, running.add(startDisplayWatch(options)));
  dues.add(duePushes, running.add(startLayoutPushes(options)));
  dues.add(editorsGone, running.add(startEditingExpiry(options)));
  dues.add(overdueTakeovers, running.add(startTakeoverEnd(options)));
  dues.add(overdueDeviceCommands, running.add(startDeviceCommandExpiry(options)));
  running.add(startStatusWatch({ ...options, heartbeatMs: config.deviceHeartbeatMs }));
  running.add(startDeploymentWatch(options));
  running.add(startDeviceRetention({ ...options, retentionMs: config.deviceHistoryRetentionMs }));
  running.add(startPlayRetention({ ...options, retentionMs: config.playRetentionMs }));
  const editing = running.add(startReactor(EDITING_REACTOR, options));
  const schedules = running.add(startReactor(scheduleReactor, options));
  const conditions: readonly string[] = scheduleReactor.types;
  log.events.add(({ type }) => {
    if (EDITING_REACTOR.types.includes(type)) editing.wake();
    if (conditions.includes(type)) schedules.wake();
  });
}
