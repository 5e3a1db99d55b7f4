import { AFT_FLAGS } from '../../../../src/sas/codec/long-polls/aft-fields.ts';
import * as lock from '../../../../src/sas/codec/long-polls/aft-lock.ts';
import {
  AFT_REGISTRATION,
  type AftRegistration,
} from '../../../../src/sas/codec/long-polls/aft-registration.ts';
import type { AftReply } from '../../../../src/sas/codec/long-polls/aft-reply.ts';
import { AFT_TRANSFER, type AftRequest } from '../../../../src/sas/codec/long-polls/aft-transfer.ts';
import {
  type DenominatedAnswer,
  type DenominatedRequest,
  MULTI_DENOMINATION,
} from '../../../../src/sas/codec/long-polls/multi-denomination.ts';
import * as texts from '../../../../src/sas/codec/long-polls/ticket-texts.ts';
import * as tickets from '../../../../src/sas/codec/long-polls/tickets.ts';
import * as validation from '../../../../src/sas/codec/long-polls/validation.ts';
import { dateTimeOrNone, expiration } from './dates.ts';
import { answered, asked, both, type Generated } from './generated.ts';
import {
  all,
  always,
  amount,
  binary,
  bits,
  byte,
  code,
  digits,
  flag,
  type Gen,
  listOf,
  number,
  oneOf,
  rawBytes,
  text,
  unknownCode,
} from './random.ts';

const cents = amount(5);
const pool = binary(2);
const validationType = code(
  'CASHABLE_TICKET',
  'AFT_DEBIT_TICKET',
  'JACKPOT_WITH_RECEIPT',
  'NONRESTRICTED_REDEEMED',
);
const validationId = all({ id: binary(3), sequence: binary(3) });
const functions = bits(2, validation.VALIDATION_FUNCTIONS);
const expirationDays = { cashableDays: number(2), restrictedDays: number(2) };

const record: Gen<validation.ValidationRecord> = all({
  type: validationType,
  // Never all zeros: that is no record.
  index: (random) => 1 + random.below(255),
  printedAt: dateTimeOrNone,
  number: digits(8),
  cents,
  ticketNumber: binary(2),
  systemId: number(1),
  expiration,
  pool,
});

const VALIDATION: readonly Generated[] = [
  answered(validation.CASH_OUT_TICKET, all({ number: digits(4), cents })),
  both(validation.VALIDATION_ID, validationId, validationId),
  both(
    validation.READ_VALIDATION_RECORD,
    all({ entry: code('NEXT_UNREAD', 'PEEK') }),
    all({ record: oneOf<validation.ValidationRecord | null>(record, always(null)) }),
  ),
  both(
    validation.VALIDATION_METERS,
    all({ type: validationType }),
    all({ type: validationType, count: amount(4), cents }),
  ),
  answered(validation.PENDING_CASH_OUT, all({ type: code('CASHABLE', 'RESTRICTED', 'NOT_WAITING'), cents })),
  both(
    validation.VALIDATION_NUMBER,
    all({ systemId: number(1), number: digits(8) }),
    all({ status: code('OK', 'NOT_IN_CASH_OUT', 'IMPROPER') }),
  ),
  both(
    validation.VALIDATION_STATUS,
    all({ change: functions, enabled: functions, ...expirationDays }),
    all({ assetNumber: binary(4), enabled: functions, ...expirationDays }),
  ),
];

const barcode = all<tickets.TicketData>({ cents, parsing: always('BCD'), data: digits(9) });
const ticket: Gen<tickets.TicketData> = oneOf<tickets.TicketData>(
  barcode,
  all<tickets.TicketData>({ cents, parsing: unknownCode, data: digits(4) }),
);
const ticketOrNone = oneOf<tickets.TicketData | null>(ticket, always(null));
const terms = oneOf<tickets.TicketTerms | null>(all({ expiration, pool }), always(null));
const redemption = code('CASHABLE', 'RESTRICTED', 'CANNOT_VALIDATE', 'OVER_REDEMPTION_LIMIT');

const TICKETS: readonly Generated[] = [
  answered(tickets.TICKET_IN_ESCROW, all({ status: code('IN_ESCROW', 'NONE'), ticket: ticketOrNone })),
  both(
    tickets.REDEEM_TICKET,
    oneOf<tickets.RedeemTicket>(
      always({ code: 'STATUS_QUERY' }),
      (random) => ({ code: redemption(random), ...barcode(random), terms: terms(random) }),
      (random) => ({ code: redemption(random), ...ticket(random), terms: null }),
    ),
    all({ status: code('CASHABLE_REDEEMED', 'PENDING', 'VALIDATOR_FAILURE'), ticket: ticketOrNone }),
  ),
  both(
    texts.TICKET_TEXT,
    all({
      texts: listOf(all({ code: code('LOCATION', 'ADDRESS_2', 'RESTRICTED_TITLE'), text: text(16) }), {
        atMost: 5,
      }),
    }),
    all({ result: code('REFUSED', 'ACCEPTED') }),
  ),
  both(
    texts.TICKET_DATA,
    all({
      hostId: binary(2),
      expirationDays: byte,
      location: text(40),
      address1: text(40),
      address2: text(40),
    }),
    all({ result: code('REFUSED', 'ACCEPTED') }),
  ),
  asked(texts.AFT_RECEIPT_TEXT, all({ texts: listOf(all({ code: byte, text: text(40) }), { atMost: 4 }) })),
  both(
    texts.AFT_TICKET_TEXT,
    all({
      action: code('SET', 'CLEAR_ALL'),
      texts: listOf(all({ code: code('LOCATION', 'GRAPHICS', 'TITLE'), text: text(3) }), { atMost: 5 }),
    }),
    all({ stored: listOf(code('LOCATION', 'ADDRESS_1', 'TITLE'), { atMost: 5 }) }),
  ),
];

const amounts = { cashable: cents, restricted: cents, nonrestricted: cents };
const flags = bits(1, AFT_FLAGS);
const type = code('HOST_TO_MACHINE', 'BONUS_JACKPOT_WIN', 'WIN_TO_HOST');
const status = code('FULL_DONE', 'PENDING', 'NOT_NOW', 'BAD_ID', 'CLASHES_WITH_TRANSFER', 'NO_INFORMATION');
const sized: Gen<{ size: number; value: bigint | null }> = (random) => {
  const size = random.below(10);
  return { size, value: size === 0 ? null : amount(size)(random) };
};
const registration = { assetNumber: binary(4), registrationKey: rawBytes(20), posId: binary(4) };

const AFT: readonly Generated[] = [
  both(
    AFT_TRANSFER,
    oneOf<AftRequest>(
      always({ code: 'CANCEL' }),
      all({ code: always('INTERROGATE'), index: byte }),
      all({ code: always('OTHER'), transferCode: unknownCode, data: rawBytes(7) }),
      all({
        code: oneOf<'FULL' | 'PARTIAL'>(always('FULL'), always('PARTIAL')),
        index: byte,
        type,
        ...amounts,
        flags,
        assetNumber: binary(4),
        registrationKey: rawBytes(20),
        transactionId: text(20, 1),
        expiration,
        pool,
        receipt: rawBytes(9),
        lockTimeoutHundredths: oneOf<number | null>(number(2), always(null)),
      }),
    ),
    oneOf<AftReply>(
      all({ form: always('SHORT'), bufferPosition: byte, status }),
      all({
        form: always('FULL'),
        bufferPosition: byte,
        status,
        receiptStatus: code('PRINTED', 'NONE'),
        type,
        ...amounts,
        flags,
        assetNumber: binary(4),
        transactionId: text(20),
        completedAt: dateTimeOrNone,
        expiration,
        pool,
        cumulative: listOf(sized, { atMost: 3 }),
      }),
    ),
  ),
  both(
    AFT_REGISTRATION,
    oneOf<AftRegistration>(
      always({ code: 'READ' }),
      all({ code: code('INITIALISE', 'REGISTER', 'UNREGISTER'), ...registration }),
    ),
    all({ status: code('READY', 'WAITING_FOR_OPERATOR', 'NOT_REGISTERED'), ...registration }),
  ),
  both(
    lock.AFT_LOCK,
    all({
      lock: code('REQUEST', 'CANCEL', 'STATUS_ONLY'),
      conditions: bits(1, lock.LOCK_CONDITIONS),
      timeoutHundredths: number(2),
    }),
    all({
      assetNumber: binary(4),
      lockStatus: code('LOCKED', 'PENDING', 'NOT_LOCKED'),
      available: bits(1, lock.AVAILABLE_TRANSFERS),
      hostCashOut: bits(1, lock.HOST_CASH_OUT),
      capabilities: bits(1, lock.AFT_CAPABILITIES),
      maxBufferIndex: byte,
      ...amounts,
      transferLimit: cents,
      restrictedExpiration: expiration,
      pool,
    }),
  ),
];

const game = number(2);
const denomination = byte;

const DENOMINATED: readonly Generated[] = [
  both(
    MULTI_DENOMINATION,
    oneOf<DenominatedRequest>(
      all({ denomination, base: always('ENABLE_GAME'), request: all({ game, enabled: flag }) }),
      all({ denomination, base: always('GAMES_LOST'), request: always({}) }),
      all({
        denomination,
        base: always('EXTENDED_METERS_TWIN'),
        request: all({ game, codes: listOf(binary(2), { atMost: 10 }) }),
      }),
      all({ denomination, base: always('OTHER'), code: always(0x2d), data: rawBytes(2) }),
    ),
    oneOf<DenominatedAnswer>(
      all({
        denomination,
        base: always('ENABLE_GAME'),
        accepted: flag,
        address: (random) => random.below(128),
      }),
      all({ denomination, base: always('JACKPOT'), answer: all({ value: amount(4) }) }),
      all({
        denomination,
        base: always('ENABLED_GAMES'),
        answer: all({ games: listOf(game, { atMost: 9 }) }),
      }),
      all({ denomination, base: always('ERROR'), error: code('NOT_SUPPORTED', 'BASE_NOT_ALLOWED') }),
    ),
  ),
];

export const MONEY_POLLS: readonly Generated[] = [VALIDATION, TICKETS, AFT, DENOMINATED].flat();
