/** Poll 72: money between host and machine (SAS.md 10.3 and 10.4). Amounts are in cents. */
import { bits, type CodeIn, coded } from '../coded.ts';
import { dateTimeOrNone, type SasDateTime } from '../date-time.ts';
import { type Expiration, expiration } from '../expiration.ts';
import { codesOf, type Field, record, restOf } from '../fields.ts';
import { answeredPoll, prefixed } from '../long-poll.ts';
import {
  binary,
  byte,
  type Cents,
  cents,
  type SizedBcd,
  sizedBcd,
  strictBcdNumber,
} from '../number-fields.ts';
import { poolId } from '../pool-id.ts';
import { rawBytes, rawCounted, rawRest } from '../text-fields.ts';
import { type AftStatus, aftStatus } from './aft-status.ts';
import { transactionId } from './aft-transaction-id.ts';

export const AFT_TYPES = {
  HOST_TO_MACHINE: 0x00,
  BONUS_COIN_OUT_WIN: 0x10,
  BONUS_JACKPOT_WIN: 0x11,
  HOST_TO_TICKET: 0x20,
  DEBIT_TO_MACHINE: 0x40,
  DEBIT_TO_TICKET: 0x60,
  MACHINE_TO_HOST: 0x80,
  WIN_TO_HOST: 0x90,
} as const;

export type AftType = CodeIn<typeof AFT_TYPES>;

/** Bits of the transfer flags; the upper four rest on one source. */
export const AFT_FLAGS = {
  CONTROL_HOST_CASH_OUT: 0,
  HOST_CASH_OUT_ENABLED: 1,
  HARD_HOST_CASH_OUT: 2,
  ANSWERS_CASH_OUT: 3,
  LOCK_AFTER_TRANSFER: 4,
  CUSTOM_TICKET_TEXT: 5,
  ONLY_IF_LOCKED: 6,
  RECEIPT: 7,
} as const;

export type AftFlag = CodeIn<typeof AFT_FLAGS>;

export const REGISTRATION_KEY_BYTES = 20;

const flags = bits(1, AFT_FLAGS);
const type = coded(AFT_TYPES);
const amounts = { cashable: cents(5), restricted: cents(5), nonrestricted: cents(5) };

export interface AftAmounts {
  readonly cashable: Cents | null;
  readonly restricted: Cents | null;
  readonly nonrestricted: Cents | null;
}

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
  type,
  ...amounts,
  flags,
  assetNumber: binary(4),
  registrationKey: rawBytes(REGISTRATION_KEY_BYTES),
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
  type,
  ...amounts,
  flags,
  assetNumber: binary(4),
  transactionId,
  completedAt: dateTimeOrNone,
  expiration,
  pool: poolId,
  cumulative,
});

const reply: Field<AftReply> = {
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

export const AFT_TRANSFER = answeredPoll(0x72, 'AFT_TRANSFER', {
  chapter: '10.3',
  summary: 'Transfer money, cancel that, or ask what became of it',
  request: prefixed(request),
  answer: prefixed(reply),
});
