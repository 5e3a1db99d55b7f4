import type { Kysely } from 'kysely';
import type { Database } from '../../src/db/schema.ts';
import { system } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import { orderTransfer, type TransferRequest } from '../../src/machine/aft-transfer-service.ts';
import { NO_FEATURES } from '../../src/sas/codec/features.ts';
import type { RunWork } from '../../src/work.ts';
import type { FloorApp } from './app.ts';
import { eventually } from './deadline.ts';

/** What a machine says of itself that transfers money. */
export const AFT_FEATURES = { ...NO_FEATURES, aft: true, extendedMeters: true };

/** Orders a transfer of USD 1.00 to a machine that is online, as floorwire itself. Its id. */
export async function aTransfer(
  runWork: RunWork,
  request: Pick<TransferRequest, 'venueId' | 'walletId' | 'machineId'> & Partial<TransferRequest>,
): Promise<string> {
  const id = newId();
  const { outcome } = await runWork(system('test'), (work) =>
    orderTransfer(work, {
      id,
      idempotencyKey: newId(),
      direction: 'TO_MACHINE',
      amountMinor: 100n,
      currency: 'USD',
      allowPartial: false,
      timeoutMs: 120_000,
      hasMachine: async () => false,
      ...request,
    }),
  );
  if (outcome.is !== 'ORDERED') throw new Error(`the transfer was not ordered: ${outcome.is}`);
  return id;
}

/**
 * Lets the answers of the machines through again, and waits until the first of them was heard out about its last
 * transfer: before that it begins no other.
 */
export async function heardOut(floor: Pick<FloorApp, 'disturb' | 'egms'>): Promise<void> {
  floor.disturb(null);
  await eventually(() => floor.egms[0]?.state().aft.current === null, { deadlineMs: 60_000 });
}

/** What a machine said otherwise of its transfers than is booked, as it is on record. */
export const listContradictions = (db: Kysely<Database>, machineId: string) =>
  db
    .selectFrom('machine_event')
    .select('data')
    .where('machine_id', '=', machineId)
    .where('type', '=', 'TRANSFER_CONTRADICTED')
    .execute();
