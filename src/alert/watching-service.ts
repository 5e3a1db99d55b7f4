import type { Work } from '../work.ts';
import type { Alert } from './alert.ts';
import { type AlertRule, isBeyond } from './alert-rule.ts';
import { keepStandings, type Looked, lockDueRules, lockRulesOf, type Moved } from './alert-rule-store.ts';
import { fireAlert, resolveAlert } from './alert-service.ts';
import { findOpenAlerts } from './alert-store.ts';
import { figuresOf } from './figure.ts';

/** What no event tells of is found this long after at most. */
const EVERY_MS = 5_000;
/** After so long without a look nobody knows how things stood meanwhile. */
const LONGEST_GAP_MS = 60_000;

/** Looks at rules whose time has come, so many at most, and answers at how many. */
export async function lookAtDue(work: Work, { limit }: { readonly limit: number }): Promise<number> {
  const rules = await lockDueRules(work.tx, { now: work.now, limit });
  await lookAt(work, rules);
  return rules.length;
}

/** Looks at the rules that watch what may have moved. */
export const lookAtMoved = async (work: Work, moved: readonly Moved[]): Promise<void> =>
  lookAt(work, await lockRulesOf(work.tx, moved));

/**
 * Looks at rules that the transaction holds, and tells what has turned. How things stood is in the database, so it does
 * not matter which process looks, nor whether one has been away.
 */
async function lookAt(work: Work, rules: readonly AlertRule[]): Promise<void> {
  const open = await findOpenAlerts(
    work.tx,
    rules.map(({ id }) => id),
  );
  const readFigure = figuresOf(work);
  const looked: Looked[] = [];
  for (const rule of rules) {
    const value = await readFigure(rule.venueId, rule);
    looked.push(await settle(work, { rule, value, open: open.get(rule.id) ?? null }));
  }
  await keepStandings(work.tx, looked);
}

async function settle(
  work: Work,
  {
    rule,
    value,
    open,
  }: { readonly rule: AlertRule; readonly value: number | null; readonly open: Alert | null },
): Promise<Looked> {
  const { now } = work;
  const found = { id: rule.id, value, measuredAt: now, turningSince: null };
  const dueAt = new Date(now.getTime() + EVERY_MS);
  if (isBeyond(rule, value) === (open !== null)) return { ...found, dueAt };
  const turningSince = seenSince(rule, now) ?? now;
  const turnsAt = turningSince.getTime() + (open ? rule.clearSeconds : rule.holdSeconds) * 1_000;
  if (turnsAt > now.getTime())
    return { ...found, turningSince, dueAt: new Date(Math.min(dueAt.getTime(), turnsAt)) };
  if (open) await resolveAlert(work, open, { how: 'RECOVERED', value });
  else if (value !== null) await fireAlert(work, rule, value);
  return { ...found, dueAt };
}

/** Since when the figure says otherwise than the rule's alerts do, as far as somebody looked. */
function seenSince({ measuredAt, turningSince }: AlertRule, now: Date): Date | null {
  const isSeen = measuredAt !== null && now.getTime() - measuredAt.getTime() <= LONGEST_GAP_MS;
  return isSeen ? turningSince : null;
}
