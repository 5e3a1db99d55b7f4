/** Poll 74: the lock for transfers, and what the machine can transfer (SAS.md 10.2). */
import { bits, coded } from '../coded.ts';
import { expiration } from '../expiration.ts';
import { record } from '../fields.ts';
import { answeredPoll, fixed, prefixed } from '../long-poll.ts';
import { binary, byte, cents, strictBcdNumber } from '../number-fields.ts';
import { poolId } from '../pool-id.ts';

/** What a lock is for. One source. */
export const LOCK_CONDITIONS = {
  TO_MACHINE: 0,
  FROM_MACHINE: 1,
  TO_PRINTER: 2,
  WIN_TO_HOST: 3,
  BONUS_TO_MACHINE: 4,
} as const;

/** What the machine could do now. One source. */
export const AVAILABLE_TRANSFERS = {
  TO_MACHINE: 0,
  FROM_MACHINE: 1,
  TO_PRINTER: 2,
  WIN_PENDING_TO_HOST: 3,
  BONUS_TO_MACHINE: 4,
  LOCK_AFTER_TRANSFER: 7,
} as const;

/** What the machine is set up for. All but custom ticket data rest on one source. */
export const AFT_CAPABILITIES = {
  RECEIPT_PRINTER: 0,
  PARTIAL_TO_HOST: 1,
  CUSTOM_TICKET_DATA: 2,
  REGISTERED: 3,
  IN_HOUSE: 4,
  BONUS: 5,
  DEBIT: 6,
  ANY: 7,
} as const;

/** Higher bits than the first are set by some machines; nobody has said what for (SAS.md 15, 15). */
export const HOST_CASH_OUT = { HOST_CAN_CONTROL: 0 } as const;

/** A lock for no condition is never granted. The answer has a length byte, the request has none. */
export const AFT_LOCK = answeredPoll(0x74, 'AFT_LOCK', {
  chapter: '10.2',
  summary: 'Lock for a transfer, end the lock, or read status and balances',
  request: fixed(
    record({
      lock: coded({ REQUEST: 0x00, CANCEL: 0x80, STATUS_ONLY: 0xff }),
      conditions: bits(1, LOCK_CONDITIONS),
      timeoutHundredths: strictBcdNumber(2),
    }),
  ),
  answer: prefixed(
    record({
      assetNumber: binary(4),
      lockStatus: coded({ LOCKED: 0x00, PENDING: 0x40, NOT_LOCKED: 0xff }),
      available: bits(1, AVAILABLE_TRANSFERS),
      hostCashOut: bits(1, HOST_CASH_OUT),
      capabilities: bits(1, AFT_CAPABILITIES),
      maxBufferIndex: byte,
      cashable: cents(5),
      restricted: cents(5),
      nonrestricted: cents(5),
      transferLimit: cents(5),
      restrictedExpiration: expiration,
      pool: poolId,
    }),
  ),
});
