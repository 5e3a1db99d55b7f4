import { type Alert, type AlertResolution, type AlertState, stateOf } from '../alert/alert.ts';
import { findAlertsByIds, findOpenAlerts } from '../alert/alert-store.ts';
import { canSeeAlerts } from '../alert/policy.ts';
import { NotFoundError } from '../lib/errors.ts';
import { AlertComparisonEnum, AlertMetricEnum, AlertRuleType, AlertSeverityEnum } from './alert-rule-type.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { foundOrNull } from './found.ts';
import { EventActorType } from './log-event.ts';
import { ParkingLotType } from './parking-lot-type.ts';
import { perContext } from './per-context.ts';

export const AlertStateEnum = builder.enumType('AlertState', {
  description: 'Whether an alert goes on.',
  values: {
    FIRING: { description: 'It goes on.' },
    RESOLVED: { description: 'It is over.' },
  } satisfies Record<AlertState, { description: string }>,
});

const AlertResolutionEnum = builder.enumType('AlertResolution', {
  description: 'How an alert came to be over. Clients must survive values they do not know.',
  values: {
    RECOVERED: { description: 'The figure is back on the right side, or there is none any more.' },
    RULE_CHANGED: { description: 'Its rule watches something else now, or otherwise.' },
    RULE_DISABLED: { description: 'Its rule is not in force any more.' },
    RULE_DELETED: { description: 'Its rule was deleted.' },
  } satisfies Record<AlertResolution, { description: string }>,
});

export const AlertType = builder.loadableNodeRef<Alert, never, string, string>('Alert', {
  id: { resolve: ({ id }: Alert) => id },
  load: loadAlerts,
});

AlertType.implement({
  description:
    'One time that a rule was broken, with the terms the rule had then. A rule has one that goes on at most. Kept for ALERT_RETENTION after it is over. Seen with ALERTS_READ.',
  fields: (t) => ({
    rule: t.field({
      type: AlertRuleType,
      nullable: true,
      description: 'The rule as it is now; null: it was deleted since.',
      resolve: ({ ruleId }, _args, context) =>
        ruleId && foundOrNull(AlertRuleType.getDataloader(context), ruleId),
    }),
    name: t.exposeString('name', { description: 'What the rule was called.' }),
    metric: t.expose('metric', { type: AlertMetricEnum, description: 'What is watched.' }),
    lot: t.field({
      type: ParkingLotType,
      nullable: true,
      description: 'Of which parking lot, where it is that of one.',
      resolve: ({ lotId }) => lotId,
    }),
    window: t.field({
      type: 'Duration',
      nullable: true,
      description: 'How far back was counted, where it is what happened within a time.',
      resolve: ({ windowSeconds }) => windowSeconds,
    }),
    comparison: t.expose('comparison', { type: AlertComparisonEnum, description: 'Which side was too far.' }),
    threshold: t.exposeInt('threshold', { description: 'What the figure had to be above or below.' }),
    severity: t.expose('severity', { type: AlertSeverityEnum, description: 'How grave it is.' }),
    state: t.field({ type: AlertStateEnum, description: 'Whether it goes on.', resolve: stateOf }),
    value: t.exposeInt('value', { description: 'The figure when it fired.' }),
    firedAt: t.expose('firedAt', { type: 'DateTime', description: 'When it fired.' }),
    resolvedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was over; null: it goes on.',
      resolve: ({ resolved }) => resolved?.at,
    }),
    resolution: t.field({
      type: AlertResolutionEnum,
      nullable: true,
      description: 'How it came to be over; null: it goes on.',
      resolve: ({ resolved }) => resolved?.how,
    }),
    resolvedValue: t.int({
      nullable: true,
      description: 'The figure then; null: there was none, or nobody looked.',
      resolve: ({ resolved }) => resolved?.value,
    }),
    acknowledgedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When somebody said that he sees to it; null: nobody has.',
      resolve: ({ acknowledged }) => acknowledged?.at,
    }),
    acknowledgedBy: t.field({
      type: EventActorType,
      nullable: true,
      description: 'Who said so first.',
      resolve: ({ acknowledged }) => acknowledged?.by,
    }),
  }),
});

builder.objectField(AlertRuleType, 'openAlert', (t) =>
  t.field({
    type: AlertType,
    nullable: true,
    description: 'Its alert that goes on; null: there is none.',
    resolve: ({ id }, _args, context) => openAlertsOf(context).load(id),
  }),
);

const openAlertsOf = perContext(({ db }, ruleIds) => findOpenAlerts(db, ruleIds));

async function loadAlerts(ids: readonly string[], context: Context): Promise<(Alert | NotFoundError)[]> {
  const { db, viewer, scopes } = context;
  const venueId = venueIdOf(context);
  const maySee = scopes.has('ALERTS_READ') && canSeeAlerts(viewer, venueId);
  const found = maySee ? await findAlertsByIds(db, venueId, ids) : [];
  const byId = new Map(found.map((alert) => [alert.id, alert]));
  return ids.map((id) => byId.get(id) ?? new NotFoundError('alert'));
}
