import { dueRules } from '../alert/alert-rule-store.ts';
import { startAlertRetention, startAlertWatch } from '../alert/jobs.ts';
import type { Ground } from './ground.ts';

/** What looks at what venues have watched, and forgets what came of it long ago. */
export function startAlerts({ config, db, dues, log, runWork, onError, running }: Ground): void {
  const watch = running.add(startAlertWatch({ db, runWork, onError }));
  dues.add(dueRules, watch);
  log.events.add(watch.hear);
  running.add(startAlertRetention({ runWork, onError, retentionMs: config.alertRetentionMs }));
}
