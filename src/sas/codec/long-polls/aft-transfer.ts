/** Poll 72: money between host and machine (SAS.md 10.3). Amounts are in cents. */
import { coded } from '../coded.ts';
import { type Expiration, expiration } from '../expiration.ts';
import { codesOf, type Field, record, restOf } from '../fields.ts';
import { answeredPoll, prefixed } from '../long-poll.ts';
import { binary, byte, strictBcdNumber } from '../number-fields.ts';
import { poolId } from '../pool-id.ts';
import { rawCounted, rawRest } from '../text-fields.ts';
import {
  type AftAmounts,
  type AftFlag,
  type AftType,
  registrationKey,
  transactionId,
  transferAmounts,
  transferFlags,
  transferType,
} from './aft-fields.ts';
import { aftReply } from './aft-reply.ts';

export interface AftTransfer extends AftAmounts {
  /** All of the amounts or nothing, or as much as goes. */
  readonly code: 'FULL' | 'PARTIAL';
  /** 0 in a transfer. */
  readonly index: number;
  readonly type: AftType;
  readonly flags: readonly AftFlag[];
  readonly assetNumber: number;
  /** Zeros without a registration. */
  readonly registrationKey: Uint8Array;
  /** 1 to 20 printable characters; null when what was read is not printable. */
  readonly transactionId: string | null;
  readonly expiration: Expiration | null;
  readonly pool: number;
  readonly receipt: Uint8Array;
  /** Null leaves it out: sources disagree whether machines take it (SAS.md 10.3). */
  readonly lockTimeoutHundredths: number | null;
}

export type AftRequest =
  | AftTransfer
  | { readonly code: 'CANCEL' }
  /** Index 0 is the current or last transfer, 1 to 127 the history. */
  | { readonly code: 'INTERROGATE'; readonly index: number }
  /** A transfer code that is in no table. */
  | { readonly code: 'OTHER'; readonly transferCode: number; readonly data: Uint8Array };

const TRANSFER_CODES = { FULL: 0x00, PARTIAL: 0x01, CANCEL: 0x80, INTERROGATE: 0xff } as const;
const transferCode = coded(TRANSFER_CODES);

const transfer = record({
  index: byte,
  type: transferType,
  ...transferAmounts,
  flags: transferFlags,
  assetNumber: binary(4),
  registrationKey,
  transactionId,
  expiration,
  pool: poolId,
  receipt: rawCounted,
});

const LOCK_TIMEOUT_BYTES = 2;
const lockTimeout = strictBcdNumber(LOCK_TIMEOUT_BYTES);

const request: Field<AftRequest> = {
  size: null,
  read(cursor) {
    const code = transferCode.read(cursor);
    if (code === 'CANCEL') return { code };
    if (code === 'INTERROGATE') return { code, index: byte.read(cursor) };
    if (typeof code === 'number') return { code: 'OTHER', transferCode: code, data: rawRest.read(cursor) };
    const fields = transfer.read(cursor);
    const lockTimeoutHundredths = restOf(cursor) === 0 ? null : lockTimeout.read(cursor);
    return { code, ...fields, lockTimeoutHundredths };
  },
  write(value, out) {
    transferCode.write(value.code === 'OTHER' ? value.transferCode : value.code, out);
    if (value.code === 'OTHER') rawRest.write(value.data, out);
    else if (value.code === 'INTERROGATE') byte.write(value.index, out);
    else if (value.code !== 'CANCEL') writeTransfer(value, out);
  },
  notation: () =>
    `code:1 [index:1] | code:1 ${transfer.notation('')} [${lockTimeout.notation('lockTimeout')}]`,
  codes: () => [...codesOf({ code: transferCode }), ...(transfer.codes?.('') ?? [])],
};

function writeTransfer(value: AftTransfer, out: number[]): void {
  if (!value.transactionId) throw new RangeError('a transfer without a transaction id');
  transfer.write(value, out);
  if (value.lockTimeoutHundredths !== null) lockTimeout.write(value.lockTimeoutHundredths, out);
}

export const AFT_TRANSFER = answeredPoll(0x72, 'AFT_TRANSFER', {
  chapter: '10.3',
  summary: 'Transfer money, cancel that, or ask what became of it',
  request: prefixed(request),
  answer: prefixed(aftReply),
});
