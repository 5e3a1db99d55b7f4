import { system } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import type { ToldHandpay } from '../../src/machine/handpay.ts';
import { recordHandpay } from '../../src/machine/handpay-service.ts';
import type { RunWork } from '../../src/work.ts';

/** A machine tells of a handpay, of ten in its currency unless something else is said. */
export async function aHandpay(
  runWork: RunWork,
  given: Pick<ToldHandpay, 'venueId' | 'machineId'> & Partial<ToldHandpay>,
): Promise<ToldHandpay> {
  const handpay: ToldHandpay = {
    id: newId(),
    kind: 'NORMAL_WIN',
    progressiveGroup: 0,
    level: 0,
    cents: 1_000n,
    partialPay: 0n,
    canGoToCreditMeter: true,
    pendingAt: new Date(),
    ...given,
  };
  await runWork(system('sas'), (work) => recordHandpay(work, handpay, null));
  return handpay;
}
