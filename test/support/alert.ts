import type { AlertRule } from '../../src/alert/alert-rule.ts';
import { type SaveAlertRule, saveAlertRule } from '../../src/alert/alert-rule-service.ts';
import { lookAtDue } from '../../src/alert/watching-service.ts';
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
