import type { Insertable, Selectable } from 'kysely';
import type { ScheduleTable } from '../db/tables/schedule.ts';
import type { Condition } from './condition.ts';
import type { ConditionState, Schedule, ScheduleRule } from './schedule.ts';

export const toSchedule = (row: Selectable<ScheduleTable>): Schedule => ({
  id: row.id,
  venueId: row.venue_id,
  name: row.name,
  layoutId: row.layout_id,
  priority: row.priority,
  isEnabled: row.is_enabled,
  targets: {
    everywhere: row.everywhere,
    deviceIds: row.device_ids,
    groupIds: row.group_ids,
    tags: row.tags,
  },
  times: { days: row.days, dayparts: row.dayparts },
  zone: row.zone,
  condition: conditionOf(row),
  conditionState:
    row.condition_holds === null || row.condition_turned_at === null
      ? null
      : { holds: row.condition_holds, turnedAt: row.condition_turned_at },
  version: row.version,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

function conditionOf(row: Selectable<ScheduleTable>): Condition | null {
  const { condition_test: test, condition_value: value, jackpot_id: jackpotId, lot_id: lotId } = row;
  if (value === null) return null;
  if (jackpotId !== null && (test === 'AT_LEAST' || test === 'BELOW'))
    return { kind: 'JACKPOT', jackpotId, test, cents: value };
  if (lotId !== null && (test === 'FREE_AT_MOST' || test === 'FULL_AT_LEAST'))
    return { kind: 'OCCUPANCY', lotId, test, value: Number(value) };
  return null;
}

/** What of a row can be changed. */
export const ruleColumns = (rule: ScheduleRule, state: ConditionState | null) =>
  ({
    name: rule.name,
    layout_id: rule.layoutId,
    priority: rule.priority,
    is_enabled: rule.isEnabled,
    everywhere: rule.targets.everywhere,
    device_ids: rule.targets.deviceIds,
    group_ids: rule.targets.groupIds,
    tags: rule.targets.tags,
    days: JSON.stringify(rule.times.days),
    dayparts: JSON.stringify(rule.times.dayparts),
    zone: rule.zone,
    ...conditionColumns(rule.condition),
    condition_holds: state?.holds ?? null,
    condition_turned_at: state?.turnedAt ?? null,
  }) satisfies Partial<Insertable<ScheduleTable>>;

function conditionColumns(condition: Condition | null) {
  const value = condition?.kind === 'JACKPOT' ? condition.cents : condition?.value;
  return {
    jackpot_id: condition?.kind === 'JACKPOT' ? condition.jackpotId : null,
    lot_id: condition?.kind === 'OCCUPANCY' ? condition.lotId : null,
    condition_test: condition?.test ?? null,
    condition_value: value === undefined ? null : BigInt(value),
  };
}
