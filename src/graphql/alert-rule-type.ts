import type { AlertComparison, AlertRule, AlertSeverity } from '../alert/alert-rule.ts';
import { findRulesByIds } from '../alert/alert-rule-store.ts';
import type { AlertMetric } from '../alert/metric.ts';
import { canSeeAlerts } from '../alert/policy.ts';
import { NotFoundError } from '../lib/errors.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { ParkingLotType } from './parking-lot-type.ts';

export const AlertMetricEnum = builder.enumType('AlertMetric', {
  description:
    'What of a venue can be watched: each is one whole number. Clients must survive values they do not know.',
  values: {
    MACHINES_OFFLINE: {
      description:
        'How many machines do not answer (`Machine.connection` OFFLINE). Those of a line that is not polled are among them, and SAS_LINES_DOWN counts the line besides.',
    },
    SAS_LINES_DOWN: {
      description: 'How many serial lines are not polled: the port is closed, or nobody drives the line.',
    },
    SAS_LINES_SILENT: {
      description: 'On how many serial lines that are polled no machine answers any more.',
    },
    AFT_TRANSFERS_IN_DOUBT: {
      description:
        'How many transfers with machines nobody knows the end of: each waits for `resolveAftTransfer`.',
    },
    HANDPAYS_WAITING: { description: 'How many handpays were not reset: each waits for an attendant.' },
    DEVICES_OFFLINE: {
      description:
        'How many screens, boards, gates and sensors in use have reported once and do not any more (`Device.status` OFFLINE).',
    },
    PARKING_OCCUPANCY_PERCENT: {
      description:
        'How much of the open parking lots together, or of one with `lotId`, is taken or reserved: full percent, so 100 is when no place is left, and more when more cars stand there than places are. None while the lot is closed.',
    },
    FAILED_SIGN_INS: {
      description:
        'How many sign-ins failed at the venue within `window`: wrong passwords, second factors and pairing codes, at the venue that was named, else at that of the account. A name that nobody has, with no venue, counts at the first venue. A wrong password where the signed-in have to give theirs again counts, too. What is tried while a name is locked out is not counted: five wrong tries from one address lock it out there.',
    },
    LOCK_OUTS: {
      description:
        'How many times within `window` failed sign-ins locked a name out at the venue, from one address or from all. Counted where FAILED_SIGN_INS are.',
    },
  } satisfies Record<AlertMetric, { description: string }>,
});

export const AlertComparisonEnum = builder.enumType('AlertComparison', {
  description: 'On which side of a threshold a figure is to be told of.',
  values: {
    ABOVE: { description: 'When it is greater than the threshold.' },
    BELOW: { description: 'When it is less than the threshold.' },
  } satisfies Record<AlertComparison, { description: string }>,
});

export const AlertSeverityEnum = builder.enumType('AlertSeverity', {
  description: 'How grave an alert is. Clients must survive values they do not know.',
  values: {
    INFO: { description: 'It is good to know.' },
    WARNING: { description: 'Somebody should look.' },
    CRITICAL: { description: 'Somebody must look now.' },
  } satisfies Record<AlertSeverity, { description: string }>,
});

export const AlertRuleType = builder.loadableNodeRef<AlertRule, never, string, string>('AlertRule', {
  id: { resolve: ({ id }: AlertRule) => id },
  load: loadRules,
});

AlertRuleType.implement({
  description:
    'From when on a figure of the venue is an alert. It is looked at when something happens that may move the figure, and every five seconds. Seen with ALERTS_READ.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What it is called, also in what people are told.' }),
    metric: t.expose('metric', { type: AlertMetricEnum, description: 'What is watched.' }),
    lot: t.field({
      type: ParkingLotType,
      nullable: true,
      description: 'With PARKING_OCCUPANCY_PERCENT: of which lot; null: of all that are open together.',
      resolve: ({ lotId }) => lotId,
    }),
    window: t.field({
      type: 'Duration',
      nullable: true,
      description: 'With FAILED_SIGN_INS and LOCK_OUTS: how far back is counted.',
      resolve: ({ windowSeconds }) => windowSeconds,
    }),
    comparison: t.expose('comparison', { type: AlertComparisonEnum, description: 'Which side is too far.' }),
    threshold: t.exposeInt('threshold', { description: 'What the figure has to be above or below.' }),
    for: t.field({
      type: 'Duration',
      description: 'So long it has to be, without a break, before the alert fires.',
      resolve: ({ holdSeconds }) => holdSeconds,
    }),
    resolveAfter: t.field({
      type: 'Duration',
      description: 'So long it must not be, without a break, before the alert is over.',
      resolve: ({ clearSeconds }) => clearSeconds,
    }),
    severity: t.expose('severity', { type: AlertSeverityEnum, description: 'How grave its alerts are.' }),
    enabled: t.exposeBoolean('isEnabled', { description: 'Whether it is in force.' }),
    value: t.exposeInt('value', {
      nullable: true,
      description:
        'The figure when it was looked at last; null: there was none, or it was not looked at since the rule is as it is.',
    }),
    measuredAt: t.expose('measuredAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When that was; null: not since the rule is as it is.',
    }),
    version: t.exposeInt('version', { description: 'Grows with every change of the rule.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'Since when there is one.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was last changed.' }),
  }),
});

async function loadRules(ids: readonly string[], context: Context): Promise<(AlertRule | NotFoundError)[]> {
  const { db, viewer, scopes } = context;
  const venueId = venueIdOf(context);
  const maySee = scopes.has('ALERTS_READ') && canSeeAlerts(viewer, venueId);
  const found = maySee ? await findRulesByIds(db, venueId, ids) : [];
  const byId = new Map(found.map((rule) => [rule.id, rule]));
  return ids.map((id) => byId.get(id) ?? new NotFoundError('alert rule'));
}
