import type { AlertResolution } from '../db/tables/alert.ts';
import type { actorReference } from '../lib/actor.ts';
import type { Watch } from './alert-rule.ts';

export type { AlertResolution } from '../db/tables/alert.ts';

/** One time that a rule was broken, as the rule was then. */
export interface Alert extends Watch {
  readonly id: string;
  readonly venueId: string;
  /** Null: the rule was deleted since. */
  readonly ruleId: string | null;
  /** What the rule was called. */
  readonly name: string;
  /** The figure when it fired. */
  readonly value: number;
  readonly firedAt: Date;
  /** Null: it goes on. */
  readonly resolved: Resolved | null;
  /** Null: nobody has said yet that he sees to it. */
  readonly acknowledged: Acknowledged | null;
}

export interface Resolved {
  readonly at: Date;
  readonly how: AlertResolution;
  /** The figure then; null: there was none, or nobody looked. */
  readonly value: number | null;
}

export interface Acknowledged {
  readonly at: Date;
  readonly by: ReturnType<typeof actorReference>;
}

export type AlertState = 'FIRING' | 'RESOLVED';

export const stateOf = ({ resolved }: Pick<Alert, 'resolved'>): AlertState =>
  resolved ? 'RESOLVED' : 'FIRING';
