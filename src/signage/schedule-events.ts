/** A schedule as it was then. */
export interface ScheduleSnapshot {
  readonly scheduleId: string;
  readonly layoutId: string;
  readonly name: string;
  readonly priority: number;
  readonly enabled: boolean;
  readonly version: number;
}

/** Whether the condition of a schedule holds from then on. */
interface ConditionTurned {
  readonly scheduleId: string;
  readonly layoutId: string;
  readonly holds: boolean;
}

declare module '../events/events.ts' {
  interface EventMap {
    'signage.schedule-created': ScheduleSnapshot;
    'signage.schedule-updated': ScheduleSnapshot;
    'signage.schedule-removed': ScheduleSnapshot;
    'signage.schedule-condition-turned': ConditionTurned;
  }
}
