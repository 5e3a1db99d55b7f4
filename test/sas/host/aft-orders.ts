import { NO_EXPIRATION } from '../../../src/sas/codec/expiration.ts';
import type { AftResult } from '../../../src/sas/codec/long-polls/aft-reply.ts';
import type { AftOrder } from '../../../src/sas/host/aft-commands.ts';

/** The asset number of the machines in these tests. */
export const ASSET = 77;

export const anOrder = (change: Partial<AftOrder> = {}): AftOrder => ({
  code: 'FULL',
  type: 'HOST_TO_MACHINE',
  cashable: 500n,
  restricted: 0n,
  nonrestricted: 0n,
  assetNumber: ASSET,
  transactionId: 'FW-1',
  ...change,
});

/** What a machine answers about `anOrder()`: done in full. */
export const aReply = (change: Partial<AftResult> = {}): AftResult => ({
  form: 'FULL',
  bufferPosition: 1,
  status: 'FULL_DONE',
  receiptStatus: 'NONE',
  type: 'HOST_TO_MACHINE',
  cashable: 500n,
  restricted: 0n,
  nonrestricted: 0n,
  flags: [],
  assetNumber: ASSET,
  transactionId: 'FW-1',
  completedAt: { year: 2025, month: 1, day: 1, hour: 0, minute: 0, second: 0 },
  expiration: NO_EXPIRATION,
  pool: 0,
  cumulative: [{ size: 5, value: 500n }],
  ...change,
});
