import type { Kysely } from 'kysely';
import type { Database } from '../../src/db/schema.ts';
import type { AftTransfer } from '../../src/machine/aft-transfer.ts';
import { findTransfersByIds } from '../../src/machine/aft-transfer-store.ts';
import { discrepancies } from '../../src/sas/simulator/audit.ts';
import { findWalletsByIds } from '../../src/wallet/wallet-store.ts';
import type { AftSite } from './aft-site.ts';

/** What a wallet and a machine have together, from when the books were opened on. Amounts are cents of USD. */
export interface AftBooks {
  /** The transfer ordered since; null while there is none. */
  transfer(): Promise<AftTransfer | null>;
  /** On the machine, without what is won and lost there. */
  readonly onMachine: bigint;
  /** What does not add up now. Nothing may be on its way any more where the transfer is over. */
  faults(): Promise<readonly string[]>;
}

interface Place {
  readonly db: Kysely<Database>;
  readonly venueId: string;
  readonly site: Pick<AftSite, 'egm' | 'meter' | 'walletId'>;
}

export async function openBooks({ db, venueId, site }: Place): Promise<AftBooks> {
  const { egm, meter, walletId } = site;
  const onMachine = () => meter('CURRENT_CREDITS') - (meter('COIN_OUT') - meter('COIN_IN'));
  const counted = () => ({
    in: meter('AFT_CASHABLE_IN_CENTS'),
    out: meter('AFT_CASHABLE_OUT_CENTS'),
    onMachine: onMachine(),
  });

  /** Both as they were at one instant. */
  const read = () =>
    db
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute(async (tx) => {
        const [wallet] = await findWalletsByIds(tx, venueId, [walletId]);
        if (!wallet) throw new Error('no wallet');
        const latest = await tx
          .selectFrom('aft_transfer')
          .select('id')
          .where('wallet_id', '=', walletId)
          .orderBy('id', 'desc')
          .limit(1)
          .executeTakeFirst();
        const [transfer = null] = latest ? await findTransfersByIds(tx, venueId, [latest.id]) : [];
        return { wallet, transfer };
      });

  const before = { ...(await read()), ...counted() };
  const isNew = (transfer: AftTransfer | null) => transfer && transfer.id !== before.transfer?.id;
  return {
    async transfer() {
      const { transfer } = await read();
      return isNew(transfer) ? transfer : null;
    },
    get onMachine() {
      return onMachine();
    },
    async faults() {
      const { wallet, transfer: latest } = await read();
      const now = counted();
      const transfer = isNew(latest) ? latest : null;
      const isToMachine = transfer?.direction === 'TO_MACHINE';
      const moved = isToMachine ? now.in - before.in : now.out - before.out;
      const strayed = isToMachine ? now.out - before.out : now.in - before.in;
      /** The machine has done it, and the ledger does not know. */
      const unbooked = moved - (transfer?.movedMinor ?? 0n);
      const held = isToMachine && transfer.finishedAt === null ? transfer.amountMinor : 0n;
      const sum = wallet.postedMinor + now.onMachine + (isToMachine ? -unbooked : unbooked);
      const most = transfer?.finishedAt === null ? transfer.amountMinor : 0n;
      const checks: readonly (readonly [boolean, string])[] = [
        [sum === before.wallet.postedMinor + before.onMachine, `wallet and machine have ${sum} together`],
        [wallet.heldMinor === held, `${wallet.heldMinor} are held instead of ${held}`],
        [unbooked >= 0n && unbooked <= most, `the machine moved ${moved}, ${unbooked} of it unbooked`],
        [strayed === 0n, `the machine moved ${strayed} the other way`],
      ];
      return [...checks.flatMap(([isSo, fault]) => (isSo ? [] : [fault])), ...discrepancies(egm.state())];
    },
  };
}
