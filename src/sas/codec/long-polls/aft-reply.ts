/** What poll 72 is answered with (SAS.md 10.4). Amounts are in cents. */
import { type CodeIn, coded } from '../coded.ts';
import { dateTimeOrNone, type SasDateTime } from '../date-time.ts';
import { type Expiration, expiration } from '../expiration.ts';
import { type Field, record, restOf } from '../fields.ts';
import { binary, byte, type SizedBcd, sizedBcd } from '../number-fields.ts';
import { poolId } from '../pool-id.ts';
import {
  type AftAmounts,
  type AftFlag,
  type AftType,
  transactionId,
  transferAmounts,
  transferFlags,
  transferType,
} from './aft-fields.ts';
import { type AftStatus, aftStatus } from './aft-status.ts';

export const AFT_RECEIPT_STATUSES = { PRINTED: 0x00, PRINTING: 0x20, PENDING: 0x40, NONE: 0xff } as const;

export interface AftResult extends AftAmounts {
  readonly form: 'FULL';
  readonly bufferPosition: number;
  readonly status: AftStatus;
  readonly receiptStatus: CodeIn<typeof AFT_RECEIPT_STATUSES>;
  readonly type: AftType;
  readonly flags: readonly AftFlag[];
  readonly assetNumber: number;
  /** Empty, or null when it is not printable: then it settles nothing of ours, whatever the status says. */
  readonly transactionId: string | null;
  /** Null while it is pending. */
  readonly completedAt: SasDateTime | null;
  readonly expiration: Expiration | null;
  readonly pool: number;
  /** Cumulative meters in cents: cashable, restricted, nonrestricted. A machine may stop early. */
  readonly cumulative: readonly SizedBcd[];
}

/** Some machines say with position and status alone that they cannot (SAS.md 10.4). */
export interface AftShortResult {
  readonly form: 'SHORT';
  readonly bufferPosition: number;
  readonly status: AftStatus;
}

export type AftReply = AftResult | AftShortResult;

const MOST_CUMULATIVE = 3;

const cumulative: Field<readonly SizedBcd[]> = {
  size: null,
  read(cursor) {
    const meters: SizedBcd[] = [];
    while (meters.length < MOST_CUMULATIVE && restOf(cursor) > 0) meters.push(sizedBcd.read(cursor));
    return meters;
  },
  write(meters, out) {
    if (meters.length > MOST_CUMULATIVE) throw new RangeError(`${meters.length} cumulative meters`);
    for (const meter of meters) sizedBcd.write(meter, out);
  },
  notation: () => `(${sizedBcd.notation('cumulative')})×${MOST_CUMULATIVE}`,
};

const shortReply = record({ bufferPosition: byte, status: aftStatus });
const SHORT_BYTES = 2;

const fullReply = record({
  bufferPosition: byte,
  status: aftStatus,
  receiptStatus: coded(AFT_RECEIPT_STATUSES),
  type: transferType,
  ...transferAmounts,
  flags: transferFlags,
  assetNumber: binary(4),
  transactionId,
  completedAt: dateTimeOrNone,
  expiration,
  pool: poolId,
  cumulative,
});

export const aftReply: Field<AftReply> = {
  size: null,
  read(cursor) {
    if (restOf(cursor) === SHORT_BYTES) return { form: 'SHORT', ...shortReply.read(cursor) };
    return { form: 'FULL', ...fullReply.read(cursor) };
  },
  write(value, out) {
    if (value.form === 'SHORT') shortReply.write(value, out);
    else fullReply.write(value, out);
  },
  notation: () => `${shortReply.notation('')} | ${fullReply.notation('')}`,
  codes: () => fullReply.codes?.('') ?? [],
};
