import {
  NotFoundError,
  NotOwnerError,
  neededForNew,
  ValidationError,
  VersionConflictError,
} from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import { isSame } from '../lib/same.ts';
import { findLotsByIds } from '../parking/lot-store.ts';
import type { Work } from '../work.ts';
import type { AlertResolution } from './alert.ts';
import {
  type AlertRule,
  type AlertRuleTerms,
  DEFAULT_TERMS,
  parseTerms,
  watchTheSame,
} from './alert-rule.ts';
import {
  countRules,
  deleteRule,
  insertRule,
  lockRule,
  lockRuleCount,
  updateRule,
} from './alert-rule-store.ts';
import { resolveAlert } from './alert-service.ts';
import { findOpenAlerts } from './alert-store.ts';
import { snapshotOfRule } from './events.ts';
import { isCountedOverTime } from './metric.ts';
import { canManageAlerts, canReachAlerts } from './policy.ts';

/** All of a venue can be looked at in one go. */
const MAX_RULES = 100;

/** What is said of a rule; what is null or left out stays, and of a new one it is as `merged` says. */
export type SaveAlertRule = {
  readonly [Key in keyof AlertRuleTerms]?: AlertRuleTerms[Key] | null | undefined;
} & {
  readonly venueId: string;
  /** Null: a new one. */
  readonly ruleId: string | null;
  /** Of one that is there. */
  readonly expectedVersion: number | null;
};

/**
 * Has something watched from now on, or otherwise than before: it is looked at at once. An open alert of what the rule
 * no longer watches so is over with it.
 *
 * @throws ValidationError, NotFoundError, NotOwnerError, VersionConflictError
 */
export async function saveAlertRule(work: Work, input: SaveAlertRule): Promise<AlertRule> {
  const { tx, now, actor } = work;
  const { venueId, ruleId } = input;
  if (ruleId === null && input.expectedVersion !== null)
    throw new ValidationError('expectedVersion is that of a rule that is there.', {
      field: 'expectedVersion',
    });
  const known = ruleId === null ? null : await getToChange(work, { ...input, ruleId });
  if (!canManageAlerts(actor, venueId)) throw new NotOwnerError('change alert rules');
  if (!known) await refuseTooMany(work, venueId);
  const terms = parseTerms(merged(known, input));
  if (terms.lotId !== null) await refuseUnknownLot(work, venueId, terms.lotId);
  if (known && isSame({ ...known, ...terms }, known)) return known;
  const isOther = known === null || !known.isEnabled || !terms.isEnabled || !watchTheSame(known, terms);
  const rule: AlertRule = {
    ...terms,
    id: known?.id ?? newId(),
    venueId,
    value: isOther ? null : known.value,
    measuredAt: isOther ? null : known.measuredAt,
    turningSince: isOther ? null : known.turningSince,
    version: (known?.version ?? 0) + 1,
    createdAt: known?.createdAt ?? now,
    updatedAt: now,
  };
  if (known && isOther) await endOpenAlert(work, known, rule.isEnabled ? 'RULE_CHANGED' : 'RULE_DISABLED');
  await (known ? updateRule : insertRule)(tx, rule, { dueAt: now });
  work.emit({
    type: known ? 'alert.rule-updated' : 'alert.rule-created',
    venueId,
    ...snapshotOfRule(rule),
  });
  return rule;
}

/**
 * Has something watched no more. An open alert of the rule is over; all of them stay on record.
 *
 * @throws NotFoundError, NotOwnerError, VersionConflictError
 */
export async function deleteAlertRule(
  work: Work,
  input: { readonly venueId: string; readonly ruleId: string; readonly expectedVersion: number },
): Promise<AlertRule> {
  const { venueId } = input;
  const rule = await getToChange(work, input);
  if (!canManageAlerts(work.actor, venueId)) throw new NotOwnerError('delete alert rules');
  await endOpenAlert(work, rule, 'RULE_DELETED');
  await deleteRule(work.tx, rule);
  work.emit({ type: 'alert.rule-deleted', venueId, ...snapshotOfRule(rule) });
  return rule;
}

async function endOpenAlert(work: Work, { id }: AlertRule, how: AlertResolution): Promise<void> {
  const open = (await findOpenAlerts(work.tx, [id])).get(id);
  if (open) await resolveAlert(work, open, { how, value: null });
}

async function getToChange(
  { tx, actor }: Work,
  {
    venueId,
    ruleId,
    expectedVersion,
  }: Pick<SaveAlertRule, 'venueId' | 'expectedVersion'> & { readonly ruleId: string },
): Promise<AlertRule> {
  const known = canReachAlerts(actor, venueId) ? await lockRule(tx, venueId, ruleId) : null;
  if (!known) throw new NotFoundError('alert rule');
  if (expectedVersion === null)
    throw new ValidationError('expectedVersion is needed to change what is there already.', {
      field: 'expectedVersion',
    });
  if (known.version !== expectedVersion) throw new VersionConflictError(known.version);
  return known;
}

async function refuseTooMany({ tx }: Work, venueId: string): Promise<void> {
  await lockRuleCount(tx, venueId);
  if ((await countRules(tx, venueId, { isEnabled: null })) >= MAX_RULES)
    throw new ValidationError(`A venue has at most ${MAX_RULES} alert rules.`);
}

async function refuseUnknownLot({ tx, now }: Work, venueId: string, lotId: string): Promise<void> {
  const [lot] = await findLotsByIds(tx, venueId, { ids: [lotId], now });
  if (!lot) throw new NotFoundError('parking lot');
}

function merged(known: AlertRule | null, input: SaveAlertRule): AlertRuleTerms {
  const metric = input.metric ?? known?.metric ?? neededForNew('metric');
  /** What only goes with some metrics goes with another one no more. */
  const ofMetric = metric === known?.metric ? known : null;
  const usualWindow = isCountedOverTime(metric) ? DEFAULT_TERMS.windowSeconds : null;
  return {
    name: input.name ?? known?.name ?? neededForNew('name'),
    metric,
    // Null says that it is of none.
    lotId: input.lotId === undefined ? (ofMetric?.lotId ?? null) : input.lotId,
    windowSeconds: input.windowSeconds ?? ofMetric?.windowSeconds ?? usualWindow,
    comparison: input.comparison ?? known?.comparison ?? neededForNew('comparison'),
    threshold: input.threshold ?? known?.threshold ?? neededForNew('threshold'),
    holdSeconds: input.holdSeconds ?? known?.holdSeconds ?? DEFAULT_TERMS.holdSeconds,
    clearSeconds: input.clearSeconds ?? known?.clearSeconds ?? DEFAULT_TERMS.clearSeconds,
    severity: input.severity ?? known?.severity ?? DEFAULT_TERMS.severity,
    isEnabled: input.isEnabled ?? known?.isEnabled ?? DEFAULT_TERMS.isEnabled,
  };
}
