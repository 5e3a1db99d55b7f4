import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import { type KeysetRange, keysetPage } from '../db/keyset.ts';
import type { Database } from '../db/schema.ts';
import type { AlertSeverity, AlertTable } from '../db/tables/alert.ts';
import type { Acknowledged, Alert, AlertState } from './alert.ts';

export async function insertAlert(tx: Transaction<Database>, alert: Alert): Promise<void> {
  await tx
    .insertInto('alert')
    .values({
      id: alert.id,
      venue_id: alert.venueId,
      rule_id: alert.ruleId,
      name: alert.name,
      metric: alert.metric,
      lot_id: alert.lotId,
      window_seconds: alert.windowSeconds,
      comparison: alert.comparison,
      threshold: alert.threshold,
      severity: alert.severity,
      value: alert.value,
      fired_at: alert.firedAt,
    })
    .execute();
}

/** The open alerts of rules that the transaction holds, by rule. */
export async function findOpenAlerts(
  db: Kysely<Database>,
  ruleIds: readonly string[],
): Promise<ReadonlyMap<string, Alert>> {
  if (ruleIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('alert')
    .selectAll()
    .where('rule_id', '=', sql<string>`any(${ruleIds}::uuid[])`)
    .where('resolved_at', 'is', null)
    .execute();
  return new Map(rows.map((row) => [row.rule_id ?? '', toAlert(row)]));
}

export async function keepResolved(
  tx: Transaction<Database>,
  { id, resolved }: Pick<Alert, 'id' | 'resolved'>,
): Promise<void> {
  if (!resolved) return;
  const { at, how, value } = resolved;
  await tx
    .updateTable('alert')
    .set({ resolved_at: at, resolution: how, resolved_value: value })
    .where('id', '=', id)
    .execute();
}

/** An alert that nobody else acknowledges or resolves until the transaction ends. */
export async function lockAlert(
  tx: Transaction<Database>,
  venueId: string,
  id: string,
): Promise<Alert | null> {
  const row = await alertsOf(tx, venueId).where('id', '=', id).forUpdate().executeTakeFirst();
  return row ? toAlert(row) : null;
}

export async function keepAcknowledged(
  tx: Transaction<Database>,
  id: string,
  { at, by }: Acknowledged,
): Promise<void> {
  await tx
    .updateTable('alert')
    .set({ acknowledged_at: at, acknowledged_by: JSON.stringify(by) })
    .where('id', '=', id)
    .execute();
}

export async function findAlertsByIds(
  db: Kysely<Database>,
  venueId: string,
  ids: readonly string[],
): Promise<readonly Alert[]> {
  if (ids.length === 0) return [];
  return (await alertsOf(db, venueId).where('id', 'in', ids).execute()).map(toAlert);
}

/** Which alerts of a venue are meant; null: whatever there is. */
export interface AlertFilter {
  readonly state: AlertState | null;
  readonly ruleId: string | null;
  readonly severities: readonly AlertSeverity[] | null;
  /** When they fired. */
  readonly from: Date | null;
  readonly to: Date | null;
}

/** The latest first, or in reverse when read backward. */
export async function listAlerts(
  db: Kysely<Database>,
  venueId: string,
  { filter, range }: { readonly filter: AlertFilter; readonly range: KeysetRange },
): Promise<readonly Alert[]> {
  const query = filtered(db, venueId, filter);
  return (await keysetPage(query, { time: 'fired_at', newestFirst: true }, range).execute()).map(toAlert);
}

export async function countAlerts(
  db: Kysely<Database>,
  venueId: string,
  filter: AlertFilter,
): Promise<number> {
  const { count } = await filtered(db, venueId, filter)
    .clearSelect()
    .select(sql<number>`count(*)::int`.as('count'))
    .executeTakeFirstOrThrow();
  return count;
}

/** How many are open, of all venues together. */
export async function countOpenAlerts(
  db: Kysely<Database>,
): Promise<Readonly<Record<AlertSeverity, number>>> {
  const counts = { INFO: 0, WARNING: 0, CRITICAL: 0 };
  const rows = await db
    .selectFrom('alert')
    .select(['severity', sql<number>`count(*)::int`.as('count')])
    .where('resolved_at', 'is', null)
    .groupBy('severity')
    .execute();
  for (const { severity, count } of rows) counts[severity] = count;
  return counts;
}

/** Deletes alerts that were over before, so many at most, and answers how many. */
export async function pruneAlerts(
  tx: Transaction<Database>,
  { before, limit }: { readonly before: Date; readonly limit: number },
): Promise<number> {
  const old = tx.selectFrom('alert').select('id').where('resolved_at', '<', before).limit(limit);
  const { numDeletedRows } = await tx.deleteFrom('alert').where('id', 'in', old).executeTakeFirst();
  return Number(numDeletedRows);
}

function filtered(
  db: Kysely<Database>,
  venueId: string,
  { state, ruleId, severities, from, to }: AlertFilter,
) {
  let query = alertsOf(db, venueId);
  if (state !== null) query = query.where('resolved_at', state === 'FIRING' ? 'is' : 'is not', null);
  if (ruleId !== null) query = query.where('rule_id', '=', ruleId);
  if (severities) query = query.where('severity', '=', sql<AlertSeverity>`any(${severities}::text[])`);
  if (from !== null) query = query.where('fired_at', '>=', from);
  if (to !== null) query = query.where('fired_at', '<', to);
  return query;
}

const alertsOf = (db: Kysely<Database>, venueId: string) =>
  db.selectFrom('alert').selectAll().where('venue_id', '=', venueId);

const toAlert = (row: Selectable<AlertTable>): Alert => ({
  id: row.id,
  venueId: row.venue_id,
  ruleId: row.rule_id,
  name: row.name,
  metric: row.metric,
  lotId: row.lot_id,
  windowSeconds: row.window_seconds,
  comparison: row.comparison,
  threshold: row.threshold,
  severity: row.severity,
  value: row.value,
  firedAt: row.fired_at,
  resolved:
    row.resolved_at === null || row.resolution === null
      ? null
      : { at: row.resolved_at, how: row.resolution, value: row.resolved_value },
  acknowledged:
    row.acknowledged_at === null || row.acknowledged_by === null
      ? null
      : { at: row.acknowledged_at, by: row.acknowledged_by as Acknowledged['by'] },
});
