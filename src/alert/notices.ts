import { type NoticeRules, STAFF } from '../notification/notice.ts';
import type { AlertSnapshot } from './events.ts';
import { METRIC_LABELS } from './metric.ts';

/** Who sees to the floor is told that a figure is beyond its threshold, and that it is back. */
export const ALERT_NOTICES: NoticeRules = {
  'alert.fired': ({ payload }) => {
    const { name, severity, value, comparison, threshold } = payload;
    const limit = `${comparison === 'ABOVE' ? 'above' : 'below'} ${threshold}`;
    return {
      to: STAFF,
      type: 'ALERT',
      severity,
      message: `${name}: ${value} ${METRIC_LABELS[payload.metric]}, ${limit}.`,
      data: { ...dataOf(payload), status: 'FIRING' },
    };
  },
  'alert.resolved': ({ payload }) => {
    // Who changes a rule knows what comes of it.
    if (payload.resolution !== 'RECOVERED') return null;
    return {
      to: STAFF,
      type: 'ALERT',
      severity: 'SUCCESS',
      message: `${payload.name}: it is over.`,
      data: { ...dataOf(payload), status: 'RESOLVED' },
    };
  },
};

const dataOf = ({ alertId, alertRuleId, metric, value, resolvedValue }: AlertSnapshot) => ({
  alertId,
  alertRuleId,
  metric,
  value: resolvedValue ?? value,
});
