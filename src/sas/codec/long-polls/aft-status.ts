/** What became of a transfer (SAS.md 10.4). */
import { type CodeIn, coded } from '../coded.ts';

export const AFT_STATUSES = {
  FULL_DONE: 0x00,
  PARTIAL_DONE: 0x01,
  PENDING: 0x40,
  CANCELLED_BY_HOST: 0x80,
  ID_NOT_UNIQUE: 0x81,
  BAD_FUNCTION: 0x82,
  BAD_AMOUNT: 0x83,
  OVER_TRANSFER_LIMIT: 0x84,
  NOT_A_MULTIPLE: 0x85,
  NO_PARTIAL_TO_HOST: 0x86,
  NOT_NOW: 0x87,
  NOT_REGISTERED: 0x88,
  KEY_DIFFERS: 0x89,
  NO_POS_ID: 0x8a,
  NO_WON_CREDITS: 0x8b,
  NO_DENOMINATION: 0x8c,
  BAD_TICKET_EXPIRATION: 0x8d,
  NO_TICKET_DEVICE: 0x8e,
  OTHER_POOL: 0x8f,
  CANNOT_PRINT_RECEIPT: 0x90,
  RECEIPT_DATA_MISSING: 0x91,
  NO_RECEIPT_FOR_TYPE: 0x92,
  ASSET_NUMBER_DIFFERS: 0x93,
  NOT_LOCKED: 0x94,
  BAD_ID: 0x95,
  UNEXPECTED_ERROR: 0x9f,
  CLASHES_WITH_TRANSFER: 0xc0,
  UNSUPPORTED_CODE: 0xc1,
  NO_INFORMATION: 0xff,
} as const;

export type AftStatus = CodeIn<typeof AFT_STATUSES>;

export const aftStatus = coded(AFT_STATUSES);

/** FAILED: nothing moved, and never will. UNKNOWN: a status that is in no table, so not final: ask again. */
export type AftOutcome = 'DONE' | 'PENDING' | 'FAILED' | 'INCOMPATIBLE' | 'NONE' | 'UNKNOWN';

/** The upper three bits of a status. */
const OUTCOMES: ReadonlyMap<number, AftOutcome> = new Map([
  [0b000, 'DONE'],
  [0b010, 'PENDING'],
  [0b100, 'FAILED'],
  [0b110, 'INCOMPATIBLE'],
  [0b111, 'NONE'],
]);

export function aftOutcome(status: AftStatus): AftOutcome {
  if (typeof status === 'number') return 'UNKNOWN';
  return OUTCOMES.get(AFT_STATUSES[status] >> 5) ?? 'UNKNOWN';
}
