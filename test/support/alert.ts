import type { AlertRule } from '../../src/alert/alert-rule.ts';
import { type SaveAlertRule, saveAlertRule } from '../../src/alert/alert-rule-service.ts';
import { lookAtDue, lookAtMoved } from '../../src/alert/watching-service.ts';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';
import type { RunWork } from '../../src/work.ts';
import { DESK } from './booking.ts';

/** A rule by which any handpay that waits is an alert at once, unless it is given other terms. */
export const anAlertRule = (
  runWork: RunWork,
  terms: Pick<SaveAlertRule, 'venueId'> & Partial<SaveAlertRule>,
): Promise<AlertRule> =>
  runWork(DESK, (work) =>
    saveAlertRule(work, {
      ruleId: null,
      expectedVersion: null,
      name: `Rule ${newId()}`,
      metric: 'HANDPAYS_WAITING',
      comparison: 'ABOVE',
      threshold: 0,
      clearSeconds: 0,
      ...terms,
    }),
  );

/** Looks at all rules that it is time to look at. */
export async function lookAtRules(runWork: RunWork): Promise<void> {
  while ((await runWork(DESK, (work) => lookAtDue(work, { limit: 10 }))) > 0);
}

/** The global ids of a rule that nobody has changed yet, and of an alert of it that goes on. */
export async function someAlerts(runWork: RunWork, venueId: string): Promise<Record<string, string>> {
  const watched = { metric: 'MACHINES_OFFLINE', comparison: 'BELOW', threshold: 1_000_000 } as const;
  const rule = await anAlertRule(runWork, { venueId, ...watched });
  // Somebody may look at it already.
  await runWork(DESK, (work) => lookAtMoved(work, [{ venueId, metric: watched.metric }]));
  const { id } = await runWork(DESK, ({ tx }) =>
    tx.selectFrom('alert').select('id').where('rule_id', '=', rule.id).executeTakeFirstOrThrow(),
  );
  return { AlertRule: encodeGlobalId('AlertRule', rule.id), Alert: encodeGlobalId('Alert', id) };
}
