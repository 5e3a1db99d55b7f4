import type { HandpaySnapshot } from './events.ts';
import type { Handpay, ToldHandpay } from './handpay.ts';

/** What the log says of a handpay when its machine tells of it. */
export const handpaySnapshot = (told: ToldHandpay): HandpaySnapshot => ({
  handpayId: told.id,
  machineId: told.machineId,
  kind: told.kind,
  progressiveGroup: told.progressiveGroup,
  level: told.level,
  cents: told.cents === null ? null : told.cents.toString(),
  partialPay: told.partialPay === null ? null : told.partialPay.toString(),
  canGoToCreditMeter: told.canGoToCreditMeter,
  pendingAt: told.pendingAt.toISOString(),
});

/** The handpay as its machine told of it: nobody has reset it yet. */
export const handpayOfSnapshot = (venueId: string, snapshot: HandpaySnapshot): Handpay => ({
  id: snapshot.handpayId,
  venueId,
  machineId: snapshot.machineId,
  kind: snapshot.kind,
  progressiveGroup: snapshot.progressiveGroup,
  level: snapshot.level,
  cents: snapshot.cents === null ? null : BigInt(snapshot.cents),
  partialPay: snapshot.partialPay === null ? null : BigInt(snapshot.partialPay),
  canGoToCreditMeter: snapshot.canGoToCreditMeter,
  pendingAt: new Date(snapshot.pendingAt),
  reset: null,
});
