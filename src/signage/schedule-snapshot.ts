import type { Schedule } from './schedule.ts';
import type { ScheduleSnapshot } from './schedule-events.ts';

export const snapshotOfSchedule = (schedule: Schedule): ScheduleSnapshot => ({
  scheduleId: schedule.id,
  layoutId: schedule.layoutId,
  name: schedule.name,
  priority: schedule.priority,
  enabled: schedule.isEnabled,
  version: schedule.version,
});
