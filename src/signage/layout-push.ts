import type { Doer } from './layout.ts';

/** A push that is to be made at a time. */
export interface LayoutPush {
  readonly id: string;
  readonly venueId: string;
  readonly layoutId: string;
  /** Null: whatever was pushed the layout then. */
  readonly deviceIds: readonly string[] | null;
  readonly dueAt: Date;
  readonly status: LayoutPushStatus;
  readonly createdAt: Date;
  readonly createdBy: Doer;
}

export type LayoutPushStatus = 'WAITING' | 'DONE' | 'CANCELLED';

/** Of one layout. */
export const MAX_WAITING_PUSHES = 100;
/** Named one by one. */
export const MAX_PUSHED_DEVICES = 1_000;
export const MAX_PUSHED_GROUPS = 100;
export const MAX_DAYS_AHEAD = 366;
