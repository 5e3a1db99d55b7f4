import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { meterCode } from '../sas/codec/meters.ts';
import {
  type AftCause,
  BOUND_MS,
  CAUSE_OF_REQUEST,
  type CashOutRequestType,
  ENDING_TYPES,
  eventsSince,
  isStillHis,
} from './aft-cash-out.ts';
import { findMachine } from './store.ts';

/** That a machine asked the host to take credits, as it is on record. */
export interface CashOutRequest {
  readonly eventId: string;
  readonly venueId: string;
  readonly machineId: string;
  readonly type: CashOutRequestType;
  readonly occurredAt: Date;
}

const REQUEST_TYPES = Object.keys(CAUSE_OF_REQUEST) as CashOutRequestType[];
const CREDITS = meterCode('CURRENT_CREDITS');

/** What those of the machines that offer cash-outs to the host have asked for since then, the newest first. */
export async function listCashOutRequests(
  db: Kysely<Database>,
  venueId: string,
  { machineIds, since }: { readonly machineIds: readonly string[]; readonly since: Date },
): Promise<readonly CashOutRequest[]> {
  if (machineIds.length === 0) return [];
  const rows = await db
    .selectFrom('machine')
    .innerJoin('machine_event', 'machine_event.machine_id', 'machine.id')
    .where('machine.venue_id', '=', venueId)
    .where('machine.id', 'in', machineIds)
    .where('machine.host_cash_out', '<>', 'OFF')
    .where('machine_event.occurred_at', '>', since)
    .where('machine_event.type', 'in', REQUEST_TYPES)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(selectFrom('aft_transfer').select('id').whereRef('cause_event_id', '=', 'machine_event.id')),
      ),
    )
    .orderBy('machine_event.occurred_at', 'desc')
    .select(['machine_event.id', 'machine.id as machine_id', 'machine_event.type', 'occurred_at'])
    .execute();
  return rows.map(({ id, machine_id, type, occurred_at }) => ({
    eventId: id,
    venueId,
    machineId: machine_id,
    // Asked for by these types.
    type: type as CashOutRequestType,
    occurredAt: occurred_at,
  }));
}

/**
 * Whose money a machine asks to have taken; null where that is not sure, or not yet, and where another machine was there
 * when he brought it.
 */
export async function findBoundWalletId(
  tx: Kysely<Database>,
  request: CashOutRequest,
  { assetNumber }: { readonly assetNumber: number },
): Promise<string | null> {
  const { venueId, machineId, occurredAt } = request;
  const last = await findLastMoved(tx, request, ['ORDER', 'CASH_OUT']);
  if (last?.direction !== 'TO_MACHINE') return null;
  const { sentAt, settledAt, walletId } = last;
  if (last.assetNumber !== null && last.assetNumber !== BigInt(assetNumber)) return null;
  if (occurredAt <= settledAt || occurredAt.getTime() - sentAt.getTime() > BOUND_MS) return null;
  const machine = await findMachine(tx, venueId, machineId);
  if (machine?.exchangedAt && machine.exchangedAt > sentAt) return null;
  const stay = { venueId, machineId, requestedAt: last.requestedAt, sentAt, settledAt };
  if ((await wasEmpty(tx, stay)) || (await wasContradicted(tx, stay))) return null;
  const win = await findLastMoved(tx, request, ['WIN_CASH_OUT']);
  const servedAt = win && win.settledAt > settledAt ? win.settledAt : sentAt;
  return isStillHis({ servedAt, request, events: await listTelling(tx, stay) }) ? walletId : null;
}

async function findLastMoved(
  tx: Kysely<Database>,
  { venueId, machineId }: CashOutRequest,
  causes: readonly AftCause[],
) {
  const row = await tx
    .selectFrom('aft_transfer')
    .select(['wallet_id', 'direction', 'requested_at', 'sent_at', 'finished_at', 'asset_number'])
    .where('venue_id', '=', venueId)
    .where('machine_id', '=', machineId)
    .where('moved', '>', 0n)
    .where('cause', 'in', causes)
    .orderBy('requested_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (!row?.sent_at || !row.finished_at) return null;
  return {
    walletId: row.wallet_id,
    direction: row.direction,
    requestedAt: row.requested_at,
    sentAt: row.sent_at,
    settledAt: row.finished_at,
    assetNumber: row.asset_number,
  };
}

interface Stay {
  readonly venueId: string;
  readonly machineId: string;
  readonly requestedAt: Date;
  readonly sentAt: Date;
  readonly settledAt: Date;
}

/** Whether the machine was ever seen without credits since: whoever was there had nothing left. */
async function wasEmpty(tx: Kysely<Database>, { venueId, machineId, settledAt }: Stay): Promise<boolean> {
  const seen = await tx
    .selectFrom('meter_history')
    .select('read_at')
    .where('venue_id', '=', venueId)
    .where('machine_id', '=', machineId)
    .where('code', '=', CREDITS)
    .where('value', '=', 0n)
    .where('read_at', '>', settledAt)
    .limit(1)
    .executeTakeFirst();
  return seen !== undefined;
}

/** Whether the machine said otherwise than is booked of what he brought, or of any transfer since. */
async function wasContradicted(
  tx: Kysely<Database>,
  { venueId, machineId, requestedAt }: Stay,
): Promise<boolean> {
  const found = await tx
    .selectFrom('aft_transfer')
    .select('id')
    .where('venue_id', '=', venueId)
    .where('machine_id', '=', machineId)
    .where('requested_at', '>=', requestedAt)
    .where('contradicted_at', 'is not', null)
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}

async function listTelling(tx: Kysely<Database>, { venueId, machineId, sentAt }: Stay) {
  const rows = await tx
    .selectFrom('machine_event')
    .select(['type', 'occurred_at'])
    .where('venue_id', '=', venueId)
    .where('machine_id', '=', machineId)
    .where('type', 'in', [...ENDING_TYPES, ...REQUEST_TYPES, 'CASH_OUT_PRESSED'])
    .where('occurred_at', '>', eventsSince(sentAt))
    .execute();
  return rows.map(({ type, occurred_at }) => ({ type: type as TellingType, occurredAt: occurred_at }));
}

type TellingType = CashOutRequestType | 'CASH_OUT_PRESSED' | (typeof ENDING_TYPES)[number];
