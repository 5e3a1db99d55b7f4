import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import type { Instant } from '../db/instant.ts';
import { type KeysetRange, keysetPage } from '../db/keyset.ts';
import type { Database } from '../db/schema.ts';
import type { AlertRuleTable } from '../db/tables/alert.ts';
import type { AlertRule, AlertRuleTerms, Standing } from './alert-rule.ts';
import type { AlertMetric } from './metric.ts';

/** How many rules a venue has is changed by one transaction at a time, until it ends. */
export async function lockRuleCount(tx: Transaction<Database>, venueId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(1634497140, hashtext(${venueId}))`.execute(tx);
}

/** It is looked at next at `dueAt`, if it is in force. */
export async function insertRule(
  tx: Transaction<Database>,
  rule: AlertRule,
  { dueAt }: { readonly dueAt: Date },
): Promise<void> {
  await tx
    .insertInto('alert_rule')
    .values({
      ...termColumns(rule),
      id: rule.id,
      venue_id: rule.venueId,
      due_at: rule.isEnabled ? dueAt : null,
      created_at: rule.createdAt,
      updated_at: rule.updatedAt,
    })
    .execute();
}

/** As `insertRule`, of one that is there. */
export async function updateRule(
  tx: Transaction<Database>,
  rule: AlertRule,
  { dueAt }: { readonly dueAt: Date },
): Promise<void> {
  await tx
    .updateTable('alert_rule')
    .set({
      ...termColumns(rule),
      value: rule.value,
      measured_at: rule.measuredAt,
      turning_since: rule.turningSince,
      due_at: rule.isEnabled ? dueAt : null,
      version: rule.version,
      updated_at: rule.updatedAt,
    })
    .where('id', '=', rule.id)
    .where('venue_id', '=', rule.venueId)
    .execute();
}

export async function deleteRule(
  tx: Transaction<Database>,
  { id, venueId }: Pick<AlertRule, 'id' | 'venueId'>,
): Promise<void> {
  await tx.deleteFrom('alert_rule').where('id', '=', id).where('venue_id', '=', venueId).execute();
}

/** A rule that nobody else changes, and that nobody else looks at, until the transaction ends. */
export async function lockRule(
  tx: Transaction<Database>,
  venueId: string,
  id: string,
): Promise<AlertRule | null> {
  const row = await tx
    .selectFrom('alert_rule')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row ? toRule(row) : null;
}

/** Those that it is time to look at. */
export const dueRules = (db: Kysely<Database>, { now }: { readonly now: Instant }) =>
  db.selectFrom('alert_rule').where('due_at', '<=', now);

/** So many of them at most, locked: none that another process looks at. */
export async function lockDueRules(
  tx: Transaction<Database>,
  { now, limit }: { readonly now: Date; readonly limit: number },
): Promise<readonly AlertRule[]> {
  const rows = await dueRules(tx, { now })
    .selectAll()
    .orderBy('due_at')
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute();
  return rows.map(toRule);
}

/** One metric of one venue. */
export interface Moved {
  readonly venueId: string;
  readonly metric: AlertMetric;
}

/** Those in force that watch these, locked: who looks at one meanwhile is waited for, since he may have looked too early. */
export async function lockRulesOf(
  tx: Transaction<Database>,
  moved: readonly Moved[],
): Promise<readonly AlertRule[]> {
  if (moved.length === 0) return [];
  const rows = await tx
    .selectFrom('alert_rule')
    .selectAll()
    .where('due_at', 'is not', null)
    .where(
      sql<boolean>`(venue_id, metric) in (select * from unnest(${moved.map(({ venueId }) => venueId)}::uuid[],
        ${moved.map(({ metric }) => metric)}::text[]))`,
    )
    .orderBy('id')
    .forUpdate()
    .execute();
  return rows.map(toRule);
}

/** What is watched by a rule in force, of all venues. */
export async function listWatched(db: Kysely<Database>): Promise<readonly Moved[]> {
  return await db
    .selectFrom('alert_rule')
    .select(['venue_id as venueId', 'metric'])
    .distinct()
    .where('due_at', 'is not', null)
    .execute();
}

export interface Looked extends Standing {
  readonly id: string;
  readonly dueAt: Date;
}

/** How rules were found to stand, and when each is looked at next. */
export async function keepStandings(tx: Transaction<Database>, looked: readonly Looked[]): Promise<void> {
  if (looked.length === 0) return;
  await sql`
    update alert_rule set value = found.value, measured_at = found.measured_at,
      turning_since = found.turning_since, due_at = found.due_at
    from unnest(${looked.map(({ id }) => id)}::uuid[], ${looked.map(({ value }) => value)}::integer[],
      ${looked.map(({ measuredAt }) => measuredAt)}::timestamptz[],
      ${looked.map(({ turningSince }) => turningSince)}::timestamptz[],
      ${looked.map(({ dueAt }) => dueAt)}::timestamptz[]) as found (id, value, measured_at, turning_since, due_at)
    where alert_rule.id = found.id`.execute(tx);
}

export async function findRulesByIds(
  db: Kysely<Database>,
  venueId: string,
  ids: readonly string[],
): Promise<readonly AlertRule[]> {
  if (ids.length === 0) return [];
  const rows = await rulesOf(db, venueId, { isEnabled: null }).where('id', 'in', ids).execute();
  return rows.map(toRule);
}

/** Which rules of a venue are meant; null: whatever there is. */
export interface RuleFilter {
  readonly isEnabled: boolean | null;
}

/** The newest first, or in reverse when read backward. */
export async function listRules(
  db: Kysely<Database>,
  venueId: string,
  { filter, range }: { readonly filter: RuleFilter; readonly range: KeysetRange },
): Promise<readonly AlertRule[]> {
  const page = keysetPage(rulesOf(db, venueId, filter), { time: 'created_at', newestFirst: true }, range);
  return (await page.execute()).map(toRule);
}

export async function countRules(db: Kysely<Database>, venueId: string, filter: RuleFilter): Promise<number> {
  const { count } = await rulesOf(db, venueId, filter)
    .clearSelect()
    .select(sql<number>`count(*)::int`.as('count'))
    .executeTakeFirstOrThrow();
  return count;
}

function rulesOf(db: Kysely<Database>, venueId: string, { isEnabled }: RuleFilter) {
  const rules = db.selectFrom('alert_rule').selectAll().where('venue_id', '=', venueId);
  return isEnabled === null ? rules : rules.where('is_enabled', '=', isEnabled);
}

const termColumns = (terms: AlertRuleTerms) => ({
  name: terms.name,
  metric: terms.metric,
  lot_id: terms.lotId,
  window_seconds: terms.windowSeconds,
  comparison: terms.comparison,
  threshold: terms.threshold,
  hold_seconds: terms.holdSeconds,
  clear_seconds: terms.clearSeconds,
  severity: terms.severity,
  is_enabled: terms.isEnabled,
});

const toRule = (row: Selectable<AlertRuleTable>): AlertRule => ({
  id: row.id,
  venueId: row.venue_id,
  name: row.name,
  metric: row.metric,
  lotId: row.lot_id,
  windowSeconds: row.window_seconds,
  comparison: row.comparison,
  threshold: row.threshold,
  holdSeconds: row.hold_seconds,
  clearSeconds: row.clear_seconds,
  severity: row.severity,
  isEnabled: row.is_enabled,
  value: row.value,
  measuredAt: row.measured_at,
  turningSince: row.turning_since,
  version: row.version,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
