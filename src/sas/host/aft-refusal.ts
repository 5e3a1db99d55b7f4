/** Why a machine does not carry out a transfer, in words and in the codes of the API (SAS.md 10.4). */
import type { AFT_STATUSES, AftStatus } from '../codec/long-polls/aft-status.ts';

/** Refused or busy; not supported; rejected; not locked; over the machine's limit. */
export type RefusalCode = 'SAS_004' | 'SAS_005' | 'SAS_006' | 'SAS_008' | 'SAS_009';

export interface Refusal {
  readonly code: RefusalCode;
  /** For people. */
  readonly meaning: string;
}

/** Statuses after which nothing moved, and nothing will. Not every one of them ends a transfer: see `transferResult`. */
export type RefusedStatus = Exclude<
  keyof typeof AFT_STATUSES,
  'FULL_DONE' | 'PARTIAL_DONE' | 'PENDING' | 'CANCELLED_BY_HOST' | 'ID_NOT_UNIQUE' | 'NO_INFORMATION'
>;

export const REFUSALS: Readonly<Record<RefusedStatus, Refusal>> = {
  BAD_FUNCTION: { code: 'SAS_005', meaning: 'does not do this kind of transfer, or has it switched off' },
  BAD_AMOUNT: { code: 'SAS_006', meaning: 'does not take this amount or expiration' },
  OVER_TRANSFER_LIMIT: { code: 'SAS_009', meaning: 'takes no transfer that large' },
  NOT_A_MULTIPLE: { code: 'SAS_006', meaning: 'the amount is not a multiple of its denomination' },
  NO_PARTIAL_TO_HOST: { code: 'SAS_005', meaning: 'gives no part of its credits' },
  NOT_NOW: { code: 'SAS_004', meaning: 'cannot now: a door, a tilt, a game or a cash-out' },
  NOT_REGISTERED: { code: 'SAS_006', meaning: 'is not registered' },
  KEY_DIFFERS: { code: 'SAS_006', meaning: 'is registered with another key' },
  NO_POS_ID: { code: 'SAS_006', meaning: 'is registered without a point-of-sale id' },
  NO_WON_CREDITS: { code: 'SAS_004', meaning: 'has no won credits to give' },
  NO_DENOMINATION: { code: 'SAS_006', meaning: 'has no denomination set' },
  BAD_TICKET_EXPIRATION: { code: 'SAS_006', meaning: 'prints no ticket with this expiration' },
  NO_TICKET_DEVICE: { code: 'SAS_005', meaning: 'has no printer for tickets' },
  OTHER_POOL: { code: 'SAS_006', meaning: 'holds restricted credits of another pool' },
  CANNOT_PRINT_RECEIPT: { code: 'SAS_006', meaning: 'cannot print the receipt' },
  RECEIPT_DATA_MISSING: { code: 'SAS_006', meaning: 'lacks data for the receipt' },
  NO_RECEIPT_FOR_TYPE: { code: 'SAS_006', meaning: 'gives no receipt for this kind of transfer' },
  ASSET_NUMBER_DIFFERS: { code: 'SAS_006', meaning: 'has another asset number, or none' },
  NOT_LOCKED: { code: 'SAS_008', meaning: 'is not locked for the transfer' },
  BAD_ID: { code: 'SAS_006', meaning: 'does not take the transaction id' },
  UNEXPECTED_ERROR: { code: 'SAS_006', meaning: 'met an unexpected error' },
  CLASHES_WITH_TRANSFER: { code: 'SAS_004', meaning: 'has another transfer under way' },
  UNSUPPORTED_CODE: { code: 'SAS_005', meaning: 'does not know this transfer code' },
};

export const isRefused = (status: AftStatus): status is RefusedStatus =>
  typeof status === 'string' && Object.hasOwn(REFUSALS, status);
