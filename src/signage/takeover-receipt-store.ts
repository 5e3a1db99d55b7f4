import { type Kysely, sql, type Transaction } from 'kysely';
import { type KeysetRange, keysetPage } from '../db/keyset.ts';
import type { Database } from '../db/schema.ts';
import type { TakeoverCounts, TakeoverReceipt } from './takeover.ts';

/** Makes screens those of a takeover; which they are already they stay. */
export async function insertTakeoverDevices(
  tx: Transaction<Database>,
  {
    takeoverIds,
    deviceIds,
  }: { readonly takeoverIds: readonly string[]; readonly deviceIds: readonly string[] },
): Promise<void> {
  await sql`
    insert into takeover_device (takeover_id, device_id)
    select takeover_id, device_id
    from unnest(${takeoverIds}::uuid[]) takeover_id, unnest(${deviceIds}::uuid[]) device_id
    on conflict do nothing`.execute(tx);
}

export async function listTakeoverDevices(
  db: Kysely<Database>,
  takeoverId: string,
): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('takeover_device')
    .select('device_id')
    .where('takeover_id', '=', takeoverId)
    .orderBy('device_id')
    .execute();
  return rows.map((row) => row.device_id);
}

/** What a display was given to show, and why. */
export interface GivenVersion {
  readonly takeoverId: string;
  readonly deviceId: string;
  readonly version: bigint;
}

/** With which version of its display a screen was first told to show a takeover. */
export async function keepGivenVersions(
  tx: Transaction<Database>,
  given: readonly GivenVersion[],
): Promise<void> {
  if (given.length === 0) return;
  await sql`
    update takeover_device receipt set version = given.version
    from unnest(${given.map(({ takeoverId }) => takeoverId)}::uuid[],
      ${given.map(({ deviceId }) => deviceId)}::uuid[],
      ${given.map(({ version }) => version)}::bigint[]) as given (takeover_id, device_id, version)
    where receipt.takeover_id = given.takeover_id and receipt.device_id = given.device_id
      and receipt.version is null`.execute(tx);
}

/** What a screen says of one version of its display. */
export interface Said {
  readonly deviceId: string;
  readonly version: bigint;
  /** Why it cannot show it; null: it does. */
  readonly failure: string | null;
}

/**
 * Keeps what screens say, each once, with the takeover it is about: the one it was first told of with that version, or,
 * said of the newest, the one it shall show since an earlier one. What was shown once stays so, and a word that comes late
 * takes nothing back: not that it shows it, nor what was said of a newer version of the same.
 */
export async function keepReceipts(
  tx: Transaction<Database>,
  said: readonly Said[],
  { at }: { readonly at: Date },
): Promise<void> {
  if (said.length === 0) return;
  const isTooLate = sql`said.version < display.version
    and (said.failure is not null and receipt.shown_at is not null
      or display.cause = 'TAKEOVER' and display.cause_id = receipt.takeover_id
        and display.version in (display.applied_version, display.failed_version))`;
  await sql`
    update takeover_device receipt
    set shown_at = case when said.failure is null then coalesce(receipt.shown_at, ${at}) else receipt.shown_at end,
      failure = case when ${isTooLate} then receipt.failure else said.failure end,
      failed_at = case when ${isTooLate} then receipt.failed_at
        when said.failure is not null then ${at}::timestamptz end
    from unnest(${said.map(({ deviceId }) => deviceId)}::uuid[],
      ${said.map(({ version }) => version)}::bigint[],
      ${said.map(({ failure }) => failure)}::text[]) as said (device_id, version, failure)
      join device_display display using (device_id)
    where receipt.device_id = said.device_id
      and (receipt.version = said.version
        or receipt.version < said.version and said.version = display.version
          and display.cause = 'TAKEOVER' and display.cause_id = receipt.takeover_id)`.execute(tx);
}

/** The screens of a takeover in their order, or in reverse when read backward. */
export async function listReceipts(
  db: Kysely<Database>,
  takeoverId: string,
  { isShown, range }: { readonly isShown: boolean | null; readonly range: KeysetRange },
): Promise<readonly (TakeoverReceipt & { readonly at: Date })[]> {
  const receipts = db.selectFrom(filtered(db, takeoverId, isShown).as('receipt')).selectAll();
  const page = keysetPage(receipts, { time: 'at', newestFirst: false }, range);
  return (await page.execute()).map(({ id, takeover_id, shown_at, failed_at, failure, at }) => ({
    takeoverId: takeover_id,
    deviceId: id,
    shownAt: shown_at,
    failure,
    failedAt: failed_at,
    at,
  }));
}

function filtered(db: Kysely<Database>, takeoverId: string, isShown: boolean | null) {
  const query = db
    .selectFrom('takeover_device')
    .innerJoin('device', 'device.id', 'takeover_device.device_id')
    .select(['takeover_id', 'device_id as id', 'shown_at', 'failure', 'failed_at', 'device.created_at as at'])
    .where('takeover_id', '=', takeoverId);
  if (isShown === null) return query;
  return query.where('shown_at', isShown ? 'is not' : 'is', null);
}

export async function countReceipts(
  db: Kysely<Database>,
  takeoverIds: readonly string[],
): Promise<ReadonlyMap<string, TakeoverCounts>> {
  const { rows } = await sql<{ id: string } & TakeoverCounts>`
    select takeover_id as id, count(*)::int as devices, count(shown_at)::int as shown,
      (count(failure) filter (where shown_at is null))::int as failed
    from takeover_device where takeover_id = any(${takeoverIds}::uuid[])
    group by takeover_id`.execute(db);
  return new Map(rows.map(({ id, ...counts }) => [id, counts]));
}
