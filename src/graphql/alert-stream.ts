import { ALERT_EVENTS, type AlertEventType, alertOfSnapshot } from '../alert/events.ts';
import { sightOfAlerts } from '../alert/policy.ts';
import type { StreamedEvent } from '../events/source.ts';
import { AlertSeverityEnum } from './alert-rule-type.ts';
import { AlertType } from './alert-type.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { AFTER } from './machine-event.ts';

type Frame = StreamedEvent<AlertEventType>;

const frameType = (
  name: string,
  { description, alert }: { readonly description: string; readonly alert: string },
) =>
  builder.objectRef<Frame>(name).implement({
    description,
    fields: (t) => ({
      alert: t.field({
        type: AlertType,
        description: alert,
        resolve: ({ venueId, payload }) => alertOfSnapshot(venueId, payload),
      }),
      timestamp: t.field({ type: 'DateTime', description: 'When.', resolve: ({ at }) => at }),
      cursor: t.field({
        type: 'Cursor',
        description: 'Resume behind it with `after`.',
        resolve: ({ cursor }) => cursor,
      }),
    }),
  });

const TYPES = {
  'alert.fired': frameType('AlertFired', {
    description: 'A rule is broken.',
    alert: 'The alert as it was then: it goes on.',
  }),
  'alert.acknowledged': frameType('AlertAcknowledged', {
    description: 'Somebody sees to an alert.',
    alert: 'The alert as it was then, with who.',
  }),
  'alert.resolved': frameType('AlertResolved', {
    description: 'An alert is over.',
    alert: 'The alert as it was then, with how it came to be over.',
  }),
} satisfies Record<AlertEventType, unknown>;

const AlertUpdate = builder.unionType('AlertUpdate', {
  description: 'What becomes of alerts. Clients must survive members they do not know.',
  types: Object.values(TYPES),
  resolveType: ({ type }) => TYPES[type],
});

builder.subscriptionField('alerts', (t) =>
  t.field({
    type: AlertUpdate,
    authScopes: { scope: 'ALERTS_READ' },
    description:
      'Each alert of the venue once when it fires, when somebody first acknowledges it, and once when it is over, in order, from `after` or from now on. A list of `alerts` and this stream behind its `cursor` are the whole. A reader that is too slow is told so (WS_004) and resumes behind its last cursor. Needs ALERTS_READ (AUTH_004).',
    args: {
      severities: t.arg({
        type: [AlertSeverityEnum],
        description: 'Only of alerts that are so grave, at least one (API_001).',
      }),
      after: t.arg({ type: 'Cursor', description: AFTER }),
    },
    subscribe: (_root, { severities, after }, context) =>
      context.streams.events<AlertEventType>({
        types: ALERT_EVENTS,
        venueId: venueIdOf(context),
        after,
        ...(severities && { matches: ({ payload }) => severities.includes(payload.severity) }),
        sightOf: sightOfAlerts,
      }),
    resolve: (event: Frame) => event,
  }),
);
