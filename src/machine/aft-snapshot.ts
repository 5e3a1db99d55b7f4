import type { AftTransfer } from './aft-transfer.ts';

type Plain<T> = T extends bigint | Date
  ? string
  : T extends object
    ? { readonly [K in keyof T]: Plain<T[K]> }
    : T;

/** A transfer as the log keeps it: amounts and times are texts, times as ISO 8601. */
export type AftTransferSnapshot = Plain<Omit<AftTransfer, 'venueId' | 'cause' | 'causeEventId'>> &
  // What is on record from before machines could ask for transfers says nothing of it.
  Partial<Pick<AftTransfer, 'cause' | 'causeEventId'>>;

export function snapshotOf({ venueId: _, ...transfer }: AftTransfer): AftTransferSnapshot {
  const { amountMinor, cents, movedMinor } = transfer;
  const { requestedAt, expiresAt, cancelRequestedAt, sentAt, changedAt, finishedAt } = transfer;
  return {
    ...transfer,
    amountMinor: amountMinor.toString(),
    cents: cents.toString(),
    movedMinor: movedMinor?.toString() ?? null,
    requestedAt: requestedAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    cancelRequestedAt: cancelRequestedAt?.toISOString() ?? null,
    sentAt: sentAt?.toISOString() ?? null,
    changedAt: changedAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}

export function transferOfSnapshot(venueId: string, snapshot: AftTransferSnapshot): AftTransfer {
  const { amountMinor, cents, movedMinor } = snapshot;
  const { requestedAt, expiresAt, cancelRequestedAt, sentAt, changedAt, finishedAt } = snapshot;
  return {
    ...snapshot,
    venueId,
    cause: snapshot.cause ?? 'ORDER',
    causeEventId: snapshot.causeEventId ?? null,
    amountMinor: BigInt(amountMinor),
    cents: BigInt(cents),
    movedMinor: movedMinor === null ? null : BigInt(movedMinor),
    requestedAt: new Date(requestedAt),
    expiresAt: new Date(expiresAt),
    cancelRequestedAt: dateOf(cancelRequestedAt),
    sentAt: dateOf(sentAt),
    changedAt: new Date(changedAt),
    finishedAt: dateOf(finishedAt),
  };
}

const dateOf = (text: string | null): Date | null => (text === null ? null : new Date(text));
