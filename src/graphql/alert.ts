import type { Alert } from '../alert/alert.ts';
import { acknowledgeAlert } from '../alert/alert-service.ts';
import { type AlertFilter, countAlerts, listAlerts } from '../alert/alert-store.ts';
import { NotFoundError, NotOwnerError } from '../lib/errors.ts';
import { AlertRuleType, AlertSeverityEnum } from './alert-rule-type.ts';
import { AlertStateEnum, AlertType } from './alert-type.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import './domain-errors.ts';
import { decodeIdOf } from './ids.ts';
import { cursorOf, resolveLivePage } from './live-page.ts';
import type { PageArguments } from './page.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';

const AlertConnection = builder.connectionObject(
  {
    type: AlertType,
    name: 'AlertConnection',
    description: 'One page of alerts, the latest first.',
    fields: (t) => ({
      cursor: t.field({
        type: 'Cursor',
        description:
          'A subscription `alerts(after:)` behind it is shown all that this list could not, and nothing that it did.',
        resolve: cursorOf,
      }),
    }),
  },
  { name: 'AlertEdge' },
);

builder.queryField('alerts', (t) =>
  t.connection(
    {
      type: AlertType,
      nullable: true,
      authScopes: { scope: 'ALERTS_READ' },
      description:
        'The alerts of the venue, those that go on and those that are over, the latest first. Needs ALERTS_READ (AUTH_004).',
      args: {
        state: t.arg({ type: AlertStateEnum, description: 'Only those that go on, or that are over.' }),
        alertRuleId: t.arg.id({
          description: 'Only those of this rule. One that does not exist gives API_002.',
        }),
        severities: t.arg({
          type: [AlertSeverityEnum],
          description: 'Only those that are so grave, at least one (API_001).',
        }),
        from: t.arg({ type: 'DateTime', description: 'Only those that fired since then.' }),
        to: t.arg({ type: 'DateTime', description: 'Only those that fired before then.' }),
      },
      resolve: async (_root, { state, alertRuleId, severities, from, to, ...args }, context) => {
        const filter: AlertFilter = {
          state: state ?? null,
          ruleId: alertRuleId == null ? null : await ruleOf(alertRuleId, context),
          severities: severities ?? null,
          from: from ?? null,
          to: to ?? null,
        };
        return await alertPage(context, args, filter);
      },
    },
    AlertConnection,
  ),
);

/** @throws NotFoundError */
async function ruleOf(globalId: string, context: Context): Promise<string> {
  const { id } = await AlertRuleType.getDataloader(context).load(decodeIdOf('AlertRule', globalId));
  return id;
}

function alertPage(context: Context, args: PageArguments, filter: AlertFilter) {
  const { db } = context;
  const venueId = venueIdOf(context);
  return resolveLivePage(db, args, (tx) => ({
    keyOf: ({ firedAt, id }: Alert) => ({ at: firedAt, id }),
    load: (range) => listAlerts(tx, venueId, { filter, range }),
    count: () => countAlerts(db, venueId, filter),
  }));
}

const AcknowledgeAlertSuccess = builder.objectRef<Alert>('AcknowledgeAlertSuccess').implement({
  description: 'The alert, which somebody sees to.',
  fields: (t) => ({
    success: t.boolean({ description: successDescription, resolve: () => true }),
    message: t.string({ description: messageDescription, resolve: () => 'The alert was acknowledged.' }),
    alert: t.field({ type: AlertType, description: 'The alert.', resolve: (alert) => alert }),
  }),
});

const AcknowledgeAlertInput = builder.inputType('AcknowledgeAlertInput', {
  description: 'Which alert somebody sees to.',
  fields: (t) => ({ alertId: t.id({ required: true, description: 'Which (NotFoundError).' }) }),
});

builder.mutationField('acknowledgeAlert', (t) =>
  t.field({
    type: AcknowledgeAlertSuccess,
    nullable: true,
    authScopes: { scope: 'ALERTS_WRITE' },
    description:
      'Says that the caller sees to an alert, open or over; it stays open until the figure is back. It is on record once: who comes second changes nothing, and finds who was first. Needs ALERTS_WRITE (AUTH_004).',
    args: { input: t.arg({ type: AcknowledgeAlertInput, required: true, description: 'Which.' }) },
    errors: { types: [NotFoundError, NotOwnerError], directResult: true },
    resolve: (_root, { input }, context) => {
      const alertId = decodeIdOf('Alert', input.alertId);
      return context.runWork(context.actor, (work) =>
        acknowledgeAlert(work, { venueId: venueIdOf(context), alertId }),
      );
    },
  }),
);
