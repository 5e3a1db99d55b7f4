import { actorReference } from '../lib/actor.ts';
import { NotFoundError, NotOwnerError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import type { Work } from '../work.ts';
import type { Acknowledged, Alert, AlertResolution } from './alert.ts';
import { type AlertRule, watchOf } from './alert-rule.ts';
import { insertAlert, keepAcknowledged, keepResolved, lockAlert } from './alert-store.ts';
import { snapshotOfAlert } from './events.ts';
import { canManageAlerts, canReachAlerts } from './policy.ts';

/** Tells that a rule is broken. Whoever calls it holds the rule, and has seen that no alert of it is open. */
export async function fireAlert(work: Work, rule: AlertRule, value: number): Promise<void> {
  const alert: Alert = {
    ...watchOf(rule),
    id: newId(),
    venueId: rule.venueId,
    ruleId: rule.id,
    name: rule.name,
    value,
    firedAt: work.now,
    resolved: null,
    acknowledged: null,
  };
  await insertAlert(work.tx, alert);
  work.emit({ type: 'alert.fired', venueId: rule.venueId, ...snapshotOfAlert(alert) });
}

/** Tells that an open alert is over. Whoever calls it holds its rule. */
export async function resolveAlert(
  work: Work,
  { id, venueId }: Pick<Alert, 'id' | 'venueId'>,
  { how, value }: { readonly how: AlertResolution; readonly value: number | null },
): Promise<void> {
  // Somebody may acknowledge it at this moment, and has then done so in what is told.
  const alert = await lockAlert(work.tx, venueId, id);
  if (!alert || alert.resolved) return;
  // Of two transactions the one that began first may come to it last.
  const at = new Date(Math.max(work.now.getTime(), alert.firedAt.getTime()));
  const resolved: Alert = { ...alert, resolved: { at, how, value } };
  await keepResolved(work.tx, resolved);
  work.emit({ type: 'alert.resolved', venueId, ...snapshotOfAlert(resolved) });
}

/**
 * Says that the caller sees to an alert, open or over. It is on record once: who comes second changes nothing, and
 * finds who was first.
 *
 * @throws NotFoundError, NotOwnerError
 */
export async function acknowledgeAlert(
  work: Work,
  { venueId, alertId }: { readonly venueId: string; readonly alertId: string },
): Promise<Alert> {
  const { tx, actor, now } = work;
  const alert = canReachAlerts(actor, venueId) ? await lockAlert(tx, venueId, alertId) : null;
  if (!alert) throw new NotFoundError('alert');
  if (!canManageAlerts(actor, venueId)) throw new NotOwnerError('acknowledge alerts');
  if (alert.acknowledged) return alert;
  const acknowledged: Acknowledged = { at: now, by: actorReference(actor) };
  await keepAcknowledged(tx, alertId, acknowledged);
  const known: Alert = { ...alert, acknowledged };
  work.emit({ type: 'alert.acknowledged', venueId, ...snapshotOfAlert(known) });
  return known;
}
