import type { Acknowledged, Alert, AlertResolution } from './alert.ts';
import { type AlertRule, type Watch, watchOf } from './alert-rule.ts';

/** What is watched from now on, or was until it was deleted. */
export interface AlertRuleSnapshot extends Watch {
  readonly alertRuleId: string;
  readonly name: string;
  readonly holdSeconds: number;
  readonly clearSeconds: number;
  readonly enabled: boolean;
  readonly version: number;
}

/** An alert as it was then. Times are ISO 8601 in UTC. */
export interface AlertSnapshot extends Watch {
  readonly alertId: string;
  /** Null: the rule was deleted before. */
  readonly alertRuleId: string | null;
  readonly name: string;
  readonly value: number;
  readonly firedAt: string;
  readonly acknowledgedAt: string | null;
  readonly acknowledgedBy: Acknowledged['by'] | null;
  readonly resolvedAt: string | null;
  readonly resolution: AlertResolution | null;
  readonly resolvedValue: number | null;
}

declare module '../events/events.ts' {
  interface EventMap {
    'alert.rule-created': AlertRuleSnapshot;
    'alert.rule-updated': AlertRuleSnapshot;
    'alert.rule-deleted': AlertRuleSnapshot;
    /** A figure has been beyond its threshold for as long as its rule says. */
    'alert.fired': AlertSnapshot;
    /** Somebody sees to it. */
    'alert.acknowledged': AlertSnapshot;
    /** It is over: the figure is back, or nobody watches it so any more. */
    'alert.resolved': AlertSnapshot;
  }
}

export const ALERT_EVENTS = ['alert.fired', 'alert.acknowledged', 'alert.resolved'] as const;
export type AlertEventType = (typeof ALERT_EVENTS)[number];

export const snapshotOfRule = (rule: AlertRule): AlertRuleSnapshot => ({
  alertRuleId: rule.id,
  name: rule.name,
  ...watchOf(rule),
  holdSeconds: rule.holdSeconds,
  clearSeconds: rule.clearSeconds,
  enabled: rule.isEnabled,
  version: rule.version,
});

export const snapshotOfAlert = (alert: Alert): AlertSnapshot => ({
  alertId: alert.id,
  alertRuleId: alert.ruleId,
  name: alert.name,
  ...watchOf(alert),
  value: alert.value,
  firedAt: alert.firedAt.toISOString(),
  acknowledgedAt: alert.acknowledged?.at.toISOString() ?? null,
  acknowledgedBy: alert.acknowledged?.by ?? null,
  resolvedAt: alert.resolved?.at.toISOString() ?? null,
  resolution: alert.resolved?.how ?? null,
  resolvedValue: alert.resolved?.value ?? null,
});

/** The alert that an event tells of, as it was then. */
export function alertOfSnapshot(venueId: string, snapshot: AlertSnapshot): Alert {
  const { acknowledgedAt, acknowledgedBy, resolvedAt, resolution } = snapshot;
  return {
    ...watchOf(snapshot),
    id: snapshot.alertId,
    venueId,
    ruleId: snapshot.alertRuleId,
    name: snapshot.name,
    value: snapshot.value,
    firedAt: new Date(snapshot.firedAt),
    acknowledged:
      acknowledgedAt === null || acknowledgedBy === null
        ? null
        : { at: new Date(acknowledgedAt), by: acknowledgedBy },
    resolved:
      resolvedAt === null || resolution === null
        ? null
        : { at: new Date(resolvedAt), how: resolution, value: snapshot.resolvedValue },
  };
}
