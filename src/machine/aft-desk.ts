import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { NotFoundError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import { errorOf } from '../wallet/errors.ts';
import { AftTransferInDoubtError, errorOfTransfer } from './aft-errors.ts';
import type { AftTransferSnapshot } from './aft-snapshot.ts';
import { type AftTransfer, isFinished } from './aft-transfer.ts';
import {
  cancelTransfer,
  type HasMachine,
  orderTransfer,
  type Resolution,
  refusalOf,
  resolveTransfer,
  type TransferRequest,
} from './aft-transfer-service.ts';
import { findTransfer } from './aft-transfer-store.ts';
import type { CommandCaller } from './command-desk.ts';
import { createExpectations } from './expectations.ts';

/** A transfer, and whether it was asked for before by the same key. */
export interface Told {
  readonly transfer: AftTransfer;
  readonly isReplay: boolean;
}

/** Orders transfers between wallets and machines, and waits a while for whichever process carries them out. */
export interface AftDesk {
  /**
   * Resolves once the money moved, the transfer was cancelled, or that takes long: then it is still on its way.
   *
   * @throws what `orderTransfer` and `errorOfTransfer` do; the refusals of the ledger
   */
  start(caller: CommandCaller, request: TransferRequest): Promise<Told>;
  /** Resolves once the transfer is over, or in doubt, or that takes long. @throws what `cancelTransfer` does */
  cancel(caller: CommandCaller, place: Place): Promise<AftTransfer>;
  /** @throws what `resolveTransfer` does; the refusals of the ledger */
  resolve(caller: CommandCaller, resolution: Resolution): Promise<Told>;
  /** To be called with each transfer of which the log says that it changed. */
  changed(transfer: Pick<AftTransferSnapshot, 'id' | 'state' | 'finishedAt'>): void;
}

interface Place {
  readonly venueId: string;
  readonly transferId: string;
}

/** How much later than its expiry a caller is told that it was not sent. */
const GRACE_MS = 2_000;

export function createAftDesk({
  db,
  timeoutMs,
  hasMachine,
}: {
  readonly db: Kysely<Database>;
  readonly timeoutMs: number;
  readonly hasMachine: HasMachine;
}): AftDesk {
  const ends = createExpectations();

  /** The transfer once it is over or in doubt, or as it is after a while. */
  async function ended({ venueId, transferId }: Place): Promise<AftTransfer> {
    using end = ends.expect(transferId);
    const before = await get(db, { venueId, transferId });
    if (isFinished(before) || before.state === 'IN_DOUBT') return before;
    await end.within(timeoutMs + GRACE_MS);
    return await get(db, { venueId, transferId });
  }

  return {
    async start({ actor, runWork }, request) {
      const { venueId } = request;
      const { outcome, isReplay } = await runWork(actor, (work) =>
        orderTransfer(work, { ...request, id: newId(), timeoutMs, hasMachine }),
      );
      if (outcome.is === 'IN_DOUBT') throw new AftTransferInDoubtError(outcome.transferId);
      if (outcome.is === 'REFUSED') throw errorOf(refusalOf(outcome), 'wallet');
      const transfer = await ended({ venueId, transferId: outcome.transferId });
      const error = errorOfTransfer(transfer);
      if (error) throw error;
      return { transfer, isReplay };
    },
    async cancel({ actor, runWork }, place) {
      await runWork(actor, (work) => cancelTransfer(work, place));
      return await ended(place);
    },
    async resolve({ actor, runWork }, resolution) {
      const { outcome, isReplay } = await runWork(actor, (work) => resolveTransfer(work, resolution));
      if (outcome.is === 'REFUSED') throw errorOf(refusalOf(outcome), 'wallet');
      return { transfer: await get(db, resolution), isReplay };
    },
    changed({ id, state, finishedAt }) {
      if (finishedAt !== null || state === 'IN_DOUBT') ends.happened(id);
    },
  };
}

async function get(db: Kysely<Database>, { venueId, transferId }: Place): Promise<AftTransfer> {
  const transfer = await findTransfer(db, venueId, transferId);
  if (!transfer) throw new NotFoundError('transfer');
  return transfer;
}
