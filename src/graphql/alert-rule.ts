import type { AlertRule } from '../alert/alert-rule.ts';
import { deleteAlertRule, saveAlertRule } from '../alert/alert-rule-service.ts';
import { countRules, listRules } from '../alert/alert-rule-store.ts';
import { NotFoundError, NotOwnerError, ValidationError, VersionConflictError } from '../lib/errors.ts';
import { AlertComparisonEnum, AlertMetricEnum, AlertRuleType, AlertSeverityEnum } from './alert-rule-type.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import './domain-errors.ts';
import { decodeIdOf } from './ids.ts';
import { resolvePage } from './page.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';

const AlertRuleConnection = builder.connectionObject(
  { type: AlertRuleType, name: 'AlertRuleConnection', description: 'One page of rules, the newest first.' },
  { name: 'AlertRuleEdge' },
);

builder.queryField('alertRules', (t) =>
  t.connection(
    {
      type: AlertRuleType,
      nullable: true,
      authScopes: { scope: 'ALERTS_READ' },
      description: 'What the venue has watched, the newest rule first. Needs ALERTS_READ (AUTH_004).',
      args: { enabled: t.arg.boolean({ description: 'Only rules that are in force, or that are not.' }) },
      resolve: (_root, { enabled, ...args }, context) => {
        const { db } = context;
        const venueId = venueIdOf(context);
        const filter = { isEnabled: enabled ?? null };
        return resolvePage(args, {
          keyOf: ({ createdAt, id }: AlertRule) => ({ at: createdAt, id }),
          load: (range) => listRules(db, venueId, { filter, range }),
          count: () => countRules(db, venueId, filter),
        });
      },
    },
    AlertRuleConnection,
  ),
);

const answerOf = (name: string, { description, message }: { description: string; message: string }) =>
  builder.objectRef<AlertRule>(name).implement({
    description,
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({ description: messageDescription, resolve: () => message }),
      rule: t.field({ type: AlertRuleType, description: 'The rule.', resolve: (rule) => rule }),
    }),
  });

const SaveAlertRuleInput = builder.inputType('SaveAlertRuleInput', {
  description:
    'A rule: a new one, or what is to change of one. A new one needs `name`, `metric`, `comparison` and `threshold` (ValidationError); what is left out of one that is there stays.',
  fields: (t) => ({
    alertRuleId: t.id({ description: 'Which is to change (NotFoundError); without it a new one is made.' }),
    expectedVersion: t.int({
      description:
        'With `alertRuleId` alone, which needs it (ValidationError): `AlertRule.version` as the caller read it (VersionConflictError).',
    }),
    name: t.string({ description: '1 to 100 characters (ValidationError): people are told it.' }),
    metric: t.field({ type: AlertMetricEnum, description: 'What is watched.' }),
    lotId: t.id({
      description:
        'With PARKING_OCCUPANCY_PERCENT alone (ValidationError): of which parking lot (NotFoundError); null: of all that are open together.',
    }),
    window: t.field({
      type: 'Duration',
      description:
        'With FAILED_SIGN_INS and LOCK_OUTS alone (ValidationError): how far back is counted, PT1M to PT24H; five minutes where nothing is said.',
    }),
    comparison: t.field({ type: AlertComparisonEnum, description: 'Which side is too far.' }),
    threshold: t.int({
      description: 'What the figure has to be above, 0 to 1000000, or below, 1 to 1000000 (ValidationError).',
    }),
    for: t.field({
      type: 'Duration',
      description:
        'So long it has to be, without a break, before the alert fires: PT0S to PT24H (ValidationError). At once where nothing is said.',
    }),
    resolveAfter: t.field({
      type: 'Duration',
      description:
        'So long it must not be, without a break, before the alert is over, so that a figure that comes and goes is one alert: PT0S to PT24H (ValidationError). A minute where nothing is said.',
    }),
    severity: t.field({
      type: AlertSeverityEnum,
      description: 'How grave its alerts are; WARNING where nothing is said.',
    }),
    enabled: t.boolean({ description: 'Whether it is in force; it is where nothing is said.' }),
  }),
});

builder.mutationField('saveAlertRule', (t) =>
  t.field({
    type: answerOf('SaveAlertRuleSuccess', {
      description: 'The rule as it is from now on.',
      message: 'The alert rule was saved.',
    }),
    nullable: true,
    authScopes: { scope: 'ALERTS_WRITE' },
    description:
      'Has a figure of the venue watched, or watched otherwise; it is looked at at once. When that changes what is watched, on which side of what, how grave it is, or that it is in force, the rule’s open alert is over with it; another name and other times leave it open. A venue has 100 rules at most (ValidationError). Needs ALERTS_WRITE (AUTH_004).',
    args: {
      input: t.arg({ type: SaveAlertRuleInput, required: true, description: 'What is to hold.' }),
    },
    errors: {
      types: [ValidationError, NotFoundError, NotOwnerError, VersionConflictError],
      directResult: true,
    },
    resolve: (_root, { input }, context) => {
      const {
        alertRuleId,
        expectedVersion,
        lotId,
        window,
        for: hold,
        resolveAfter,
        enabled,
        ...given
      } = input;
      const rule = {
        ...given,
        venueId: venueIdOf(context),
        ruleId: alertRuleId == null ? null : decodeIdOf('AlertRule', alertRuleId),
        expectedVersion: expectedVersion ?? null,
        lotId: lotId == null ? lotId : decodeIdOf('ParkingLot', lotId),
        windowSeconds: window,
        holdSeconds: hold,
        clearSeconds: resolveAfter,
        isEnabled: enabled,
      };
      return context.runWork(context.actor, (work) => saveAlertRule(work, rule));
    },
  }),
);

const DeleteAlertRuleInput = builder.inputType('DeleteAlertRuleInput', {
  description: 'Which rule goes.',
  fields: (t) => ({
    alertRuleId: t.id({ required: true, description: 'Which (NotFoundError).' }),
    expectedVersion: t.int({
      required: true,
      description: '`AlertRule.version` as the caller read it (VersionConflictError).',
    }),
  }),
});

builder.mutationField('deleteAlertRule', (t) =>
  t.field({
    type: answerOf('DeleteAlertRuleSuccess', {
      description: 'The rule as it was when it was deleted.',
      message: 'The alert rule was deleted.',
    }),
    nullable: true,
    authScopes: { scope: 'ALERTS_WRITE' },
    description:
      'Has something watched no more. Its open alert is over; all its alerts stay on record. Needs ALERTS_WRITE (AUTH_004).',
    args: { input: t.arg({ type: DeleteAlertRuleInput, required: true, description: 'Which.' }) },
    errors: { types: [NotFoundError, NotOwnerError, VersionConflictError], directResult: true },
    resolve: (_root, { input: { alertRuleId, expectedVersion } }, context) => {
      const ruleId = decodeIdOf('AlertRule', alertRuleId);
      return context.runWork(context.actor, (work) =>
        deleteAlertRule(work, { venueId: venueIdOf(context), ruleId, expectedVersion }),
      );
    },
  }),
);
