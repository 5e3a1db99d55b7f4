/** What we read in a golden frame, under the names golden.json uses. */
import type { Codes } from '../../../src/sas/codec/coded.ts';
import type { SasDate, SasDateTime } from '../../../src/sas/codec/date-time.ts';
import type { Expiration } from '../../../src/sas/codec/expiration.ts';
import type { LongPoll } from '../../../src/sas/codec/long-poll.ts';
import { AFT_FLAGS, AFT_TYPES, type AftAmounts } from '../../../src/sas/codec/long-polls/aft-fields.ts';
import * as lock from '../../../src/sas/codec/long-polls/aft-lock.ts';
import * as registration from '../../../src/sas/codec/long-polls/aft-registration.ts';
import { AFT_RECEIPT_STATUSES, type AftReply } from '../../../src/sas/codec/long-polls/aft-reply.ts';
import { AFT_STATUSES } from '../../../src/sas/codec/long-polls/aft-status.ts';
import { AFT_TRANSFER, type AftRequest } from '../../../src/sas/codec/long-polls/aft-transfer.ts';
import { ROM_SIGNATURE } from '../../../src/sas/codec/long-polls/authentication.ts';
import { LEGACY_BONUS } from '../../../src/sas/codec/long-polls/bonus.ts';
import { BILL_DENOMINATIONS, LAST_BILL } from '../../../src/sas/codec/long-polls/cash.ts';
import * as control from '../../../src/sas/codec/long-polls/control.ts';
import { ENABLE_GAME } from '../../../src/sas/codec/long-polls/games.ts';
import * as handpay from '../../../src/sas/codec/long-polls/handpay.ts';
import { METERS_10_15 } from '../../../src/sas/codec/long-polls/meter-groups.ts';
import {
  DENOMINATION_ERRORS,
  MULTI_DENOMINATION,
} from '../../../src/sas/codec/long-polls/multi-denomination.ts';
import { PROGRESSIVE_LEVEL, PROGRESSIVE_LEVELS } from '../../../src/sas/codec/long-polls/progressives.ts';
import { EXTENDED_METERS, SELECTED_METERS } from '../../../src/sas/codec/long-polls/selected-meters.ts';
import { TICKET_TEXT } from '../../../src/sas/codec/long-polls/ticket-texts.ts';
import * as tickets from '../../../src/sas/codec/long-polls/tickets.ts';
import * as validation from '../../../src/sas/codec/long-polls/validation.ts';

export type Meaning = Readonly<Record<string, unknown>>;

type Translate = (value: unknown) => Meaning;

const asked = <Q, A>(poll: LongPoll<Q, A>, translate: (value: Q) => Meaning) =>
  [poll.code, translate as Translate] as const;
const answered = <Q, A>(poll: LongPoll<Q, A>, translate: (value: A) => Meaning) =>
  [poll.code, translate as Translate] as const;

export const hex = (value: number, digits: number): string =>
  value.toString(16).toUpperCase().padStart(digits, '0');
const codeOf = (codes: Codes, value: string | number): number =>
  typeof value === 'number' ? value : (codes[value] ?? Number.NaN);
const maskOf = (bits: Codes, set: readonly (string | number)[]): number =>
  set.reduce<number>((sum, bit) => sum + 2 ** codeOf(bits, bit), 0);
const littleEndian = (value: number, bytes: number): string =>
  Array.from({ length: bytes }, (_, at) => hex(Math.floor(value / 256 ** at) % 256, 2)).join(' ');
const two = (value: number): string => String(value).padStart(2, '0');
const dateText = ({ month, day, year }: SasDate): string => `${two(month)}/${two(day)}/${year}`;
const timeText = ({ hour, minute, second }: SasDateTime): string =>
  `${two(hour)}:${two(minute)}:${two(second)}`;

function expirationText(expiration: Expiration | null): unknown {
  if (expiration?.kind === 'NONE') return 0;
  return expiration?.kind === 'DATE' ? dateText(expiration).replaceAll('/', '') : null;
}

const poolText = (pool: number): unknown => (pool === 0 ? 0 : littleEndian(pool, 2));

const amounts = ({ cashable, restricted, nonrestricted }: AftAmounts): Meaning => ({
  cashableCents: cashable,
  restrictedCents: restricted,
  nonrestrictedCents: nonrestricted,
});

const TRANSFER_CODES = { FULL: 0x00, PARTIAL: 0x01, CANCEL: 0x80, INTERROGATE: 0xff };
const VALIDATION_ENTRIES = { NEXT_UNREAD: 0x00, PEEK: 0xff };

function transferAsked(request: AftRequest): Meaning {
  if (request.code === 'OTHER') return {};
  const transferCode = TRANSFER_CODES[request.code];
  if (request.code === 'CANCEL') return { transferCode };
  if (request.code === 'INTERROGATE') return { transferCode, index: request.index };
  return {
    transferCode,
    index: request.index,
    transferType: codeOf(AFT_TYPES, request.type),
    ...amounts(request),
    flags: hex(maskOf(AFT_FLAGS, request.flags), 2),
    assetNumber: request.assetNumber,
    registrationKey: request.registrationKey.every((byte) => byte === 0) ? '00*20' : 'a key',
    transactionId: request.transactionId,
    expiration: expirationText(request.expiration),
    poolId: poolText(request.pool),
    receiptDataLen: request.receipt.length,
  };
}

function transferAnswered(reply: AftReply): Meaning {
  const { bufferPosition } = reply;
  const transferStatus = codeOf(AFT_STATUSES, reply.status);
  if (reply.form === 'SHORT') return { bufferPosition, transferStatus };
  const names = ['cashable', 'restricted', 'nonrestricted'];
  return {
    bufferPosition,
    transferStatus,
    receiptStatus: codeOf(AFT_RECEIPT_STATUSES, reply.receiptStatus),
    transferType: codeOf(AFT_TYPES, reply.type),
    ...amounts(reply),
    flags: hex(maskOf(AFT_FLAGS, reply.flags), 2),
    assetNumber: reply.assetNumber,
    transactionId: reply.transactionId,
    date: reply.completedAt && dateText(reply.completedAt),
    time: reply.completedAt && timeText(reply.completedAt),
    expiration: expirationText(reply.expiration),
    poolId: poolText(reply.pool),
    cumulative: reply.cumulative.map(({ size, value }, at) => ({ size, [names[at] ?? '']: value })),
  };
}

const meters = (digits: number, list: readonly { code: number; size?: number; value: bigint | null }[]) =>
  Object.fromEntries(
    list.map(({ code, size, value }) => [hex(code, digits), size === 0 ? 'unsupported (size 0)' : value]),
  );

/** By poll code: what a request says. */
export const REQUEST_MEANINGS: ReadonlyMap<number, Translate> = new Map([
  asked(control.DELAY_GAME, ({ tenths }) => ({ delayRaw: littleEndian(tenths, 2).replace(' ', '') })),
  asked(ENABLE_GAME, ({ game, enabled }) => ({ game, flag: enabled ? 1 : 0 })),
  asked(BILL_DENOMINATIONS, ({ bills, staysOn }) => ({
    mask: hex(maskOf({ BILL_1: 0, BILL_5: 2, BILL_20: 4, BILL_100: 7 }, bills), 8),
    action: staysOn ? 1 : 0,
  })),
  asked(handpay.HANDPAY_RESET_METHOD, ({ method }) => ({
    method: codeOf({ STANDARD: 0, CREDIT_METER: 1 }, method),
  })),
  asked(ROM_SIGNATURE, ({ seed }) => ({ seed: `0x${hex(seed, 4)}` })),
  asked(SELECTED_METERS, ({ game, codes }) => ({ game, codes: codes.map((code) => hex(code, 2)) })),
  asked(EXTENDED_METERS, ({ game, codes }) => ({ game, codes: codes.map((code) => hex(code, 4)) })),
  asked(validation.VALIDATION_ID, ({ id, sequence }) => ({ machineId: `0x${hex(id, 6)}`, sequence })),
  asked(validation.READ_VALIDATION_RECORD, ({ entry }) => ({ function: codeOf(VALIDATION_ENTRIES, entry) })),
  asked(validation.VALIDATION_METERS, ({ type }) => ({ type: codeOf(validation.VALIDATION_TYPES, type) })),
  asked(validation.VALIDATION_NUMBER, ({ systemId, number }) => ({ systemId, validationNumber: number })),
  asked(validation.VALIDATION_STATUS, ({ change }) => ({
    controlMask: maskOf(validation.VALIDATION_FUNCTIONS, change),
  })),
  asked(tickets.REDEEM_TICKET, (request) => {
    const transferCode = codeOf({ STATUS_QUERY: 0xff, ...tickets.REDEMPTION_CODES }, request.code);
    return request.code === 'STATUS_QUERY' ? { transferCode } : { transferCode, amountCents: request.cents };
  }),
  asked(AFT_TRANSFER, transferAsked),
  asked(registration.AFT_REGISTRATION, (request) => {
    if (request.code === 'READ') return { code: 0xff };
    const { assetNumber, posId } = request;
    return { code: codeOf(registration.REGISTRATION_CODES, request.code), assetNumber, posId };
  }),
  asked(lock.AFT_LOCK, (request) => ({
    lockCode: codeOf({ REQUEST: 0x00, CANCEL: 0x80, STATUS_ONLY: 0xff }, request.lock),
    condition: request.conditions.map((bit) => `bit${codeOf(lock.LOCK_CONDITIONS, bit)}`).join(),
    timeoutHundredths: request.timeoutHundredths,
  })),
  asked(TICKET_TEXT, ({ texts }) => ({
    elements: texts.map(({ code, text }) => ({ code: codeOf({ LOCATION: 0 }, code), text })),
  })),
  asked(PROGRESSIVE_LEVEL, ({ group, level, cents }) => ({ group, level, amountCents: cents })),
  asked(PROGRESSIVE_LEVELS, ({ group, levels }) => ({
    group,
    levels: Object.fromEntries(levels.map(({ level, cents }) => [level, cents])),
  })),
  asked(LEGACY_BONUS, ({ credits, tax }) => ({ credits, tax: codeOf({ DEDUCTIBLE: 0 }, tax) })),
  asked(MULTI_DENOMINATION, (value) => {
    if (value.base !== 'ENABLE_GAME') return {};
    const { game, enabled } = value.request;
    return { denomCode: value.denomination, base: '09', game, flag: enabled ? 1 : 0 };
  }),
]);

/** By poll code: what an answer says. */
export const ANSWER_MEANINGS: ReadonlyMap<number, Translate> = new Map([
  answered(METERS_10_15, ({ cancelledCredits, totalDrop, ...rest }) => ({
    cancelled: cancelledCredits,
    drop: totalDrop,
    ...rest,
  })),
  answered(handpay.HANDPAY_INFORMATION, ({ cents, ...rest }) => ({ amountCents: cents, ...rest })),
  answered(handpay.RESET_HANDPAY, ({ result }) => ({ resetCode: codeOf({ RESET: 0 }, result) })),
  answered(SELECTED_METERS, ({ game, meters: list }) => ({ game, meters: meters(2, list) })),
  answered(EXTENDED_METERS, ({ game, meters: list }) => ({ game, meters: meters(4, list) })),
  answered(LAST_BILL, ({ country, denomination, count }) => ({ country, denomCode: denomination, count })),
  answered(validation.READ_VALIDATION_RECORD, ({ record }) => {
    if (!record?.printedAt) return {};
    return {
      validationType: codeOf(validation.VALIDATION_TYPES, record.type),
      index: record.index,
      date: dateText(record.printedAt),
      time: timeText(record.printedAt),
      validationNumber: record.number,
      amountCents: record.cents,
      ticketNumber: record.ticketNumber,
      systemId: record.systemId,
      expiration: expirationText(record.expiration),
      poolId: poolText(record.pool),
    };
  }),
  answered(validation.PENDING_CASH_OUT, ({ type, cents }) => ({
    cashoutType: codeOf({ CASHABLE: 0x00 }, type),
    amountCents: cents,
  })),
  answered(validation.VALIDATION_NUMBER, ({ status }) => ({ status: codeOf({ OK: 0x00 }, status) })),
  answered(validation.VALIDATION_STATUS, (answer) => ({
    assetNumber: answer.assetNumber,
    statusBits: `0x${hex(maskOf(validation.VALIDATION_FUNCTIONS, answer.enabled), 4)}`,
    cashableExpDays: answer.cashableDays,
    restrictedExpDays: answer.restrictedDays,
  })),
  answered(tickets.TICKET_IN_ESCROW, ({ status, ticket }) => ({
    status: codeOf({ IN_ESCROW: 0x00 }, status),
    amountCents: ticket?.cents,
    parsingCode: codeOf({ BCD: 0x00 }, ticket?.parsing ?? ''),
    validationData: ticket?.data.replace(/^../, '$& '),
  })),
  answered(tickets.REDEEM_TICKET, ({ status }) => ({
    machineStatus: codeOf(tickets.REDEMPTION_STATUSES, status),
  })),
  answered(AFT_TRANSFER, transferAnswered),
  answered(registration.AFT_REGISTRATION, ({ status }) => ({
    status: codeOf(registration.REGISTRATION_STATUSES, status),
  })),
  answered(lock.AFT_LOCK, (answer) => ({
    assetNumber: answer.assetNumber,
    lockStatus: codeOf({ NOT_LOCKED: 0xff }, answer.lockStatus),
    availableTransfers: hex(maskOf(lock.AVAILABLE_TRANSFERS, answer.available), 2),
    hostCashoutStatus: hex(maskOf(lock.HOST_CASH_OUT, answer.hostCashOut), 2),
    aftStatus: hex(maskOf(lock.AFT_CAPABILITIES, answer.capabilities), 2),
    maxBufferIndex: answer.maxBufferIndex,
    ...amounts(answer),
    transferLimitCents: answer.transferLimit,
    restrictedExpiration: expirationText(answer.restrictedExpiration),
    poolId: poolText(answer.pool),
  })),
  answered(MULTI_DENOMINATION, (value) => {
    if (value.base !== 'ERROR') return {};
    return { denomCode: value.denomination, base: 0, error: codeOf(DENOMINATION_ERRORS, value.error) };
  }),
]);

/** What an event carries, under the names of golden.json. */
export const EVENT_NAMES: Readonly<Record<string, string>> = {
  denomination: 'denom',
  wagered: 'creditsWagered',
  win: 'winCredits',
  entry: 'recallEntry',
  card: 'raw',
};

/** Notes to the reader. */
const PROSE = ['note', 'meaning', 'quirk'];

/** The fields of a golden frame that we read otherwise, or not at all. */
export function differences(decoded: Meaning, ours: Meaning): string[] {
  return Object.entries(decoded)
    .filter(([name, golden]) => !PROSE.includes(name) && !isSame(golden, ours[name]))
    .map(([name, golden]) => `${name}: ${JSON.stringify(golden)} is read as ${String(ours[name])}`);
}

/** A code may be a number there, or hex digits and words; text is the same text, or begins with it. */
function isSame(golden: unknown, ours: unknown): boolean {
  if (typeof golden === 'object' && golden !== null) {
    if (typeof ours !== 'object' || ours === null) return false;
    const names = Object.keys(golden);
    const same = names.every((name) => isSame((golden as Meaning)[name], (ours as Meaning)[name]));
    return same && Object.keys(ours).length === names.length;
  }
  if (typeof golden !== 'string') return typeof ours === 'bigint' ? Number(ours) === golden : ours === golden;
  if (typeof ours === 'number') return golden.split(' ')[0] === hex(ours, 2);
  return golden === ours || (typeof ours === 'string' && ours !== '' && golden.startsWith(`${ours} `));
}
