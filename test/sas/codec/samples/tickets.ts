import { NO_EXPIRATION } from '../../../../src/sas/codec/expiration.ts';
import * as texts from '../../../../src/sas/codec/long-polls/ticket-texts.ts';
import * as tickets from '../../../../src/sas/codec/long-polls/tickets.ts';
import * as validation from '../../../../src/sas/codec/long-polls/validation.ts';
import { answer, request, type Sample } from './sample.ts';

const BARCODE = '011234567890123456';
const TICKET = { cents: 1000n, parsing: 'BCD', data: BARCODE } as const;

export const TICKET_REQUESTS: readonly Sample[] = [
  request(validation.CASH_OUT_TICKET, '01 3D', {}),
  request(validation.VALIDATION_ID, '01 4C 23 01 00 02 00 00', { id: 0x123, sequence: 2 }),
  request(validation.READ_VALIDATION_RECORD, '01 4D 00', { entry: 'NEXT_UNREAD' }),
  request(validation.READ_VALIDATION_RECORD, '01 4D 1F', { entry: 31 }),
  request(validation.READ_VALIDATION_RECORD, '01 4D FF', { entry: 'PEEK' }),
  request(validation.VALIDATION_METERS, '01 50 60', { type: 'JACKPOT_WITHOUT_RECEIPT' }),
  request(validation.PENDING_CASH_OUT, '01 57', {}),
  request(validation.VALIDATION_NUMBER, '01 58 01 00 34 56 78 90 12 34 56', {
    systemId: 1,
    number: '0034567890123456',
  }),
  request(validation.VALIDATION_STATUS, '01 7B 08 21 00 20 00 00 30 01 20', {
    change: ['PRINTER_FOR_CASH_OUT', 'TICKET_REDEMPTION'],
    enabled: ['TICKET_REDEMPTION'],
    cashableDays: 30,
    restrictedDays: 120,
  }),
  request(validation.VALIDATION_STATUS, '00 7B 08 00 80 00 80 00 00 00 00', {
    change: [15],
    enabled: [15],
    cashableDays: 0,
    restrictedDays: 0,
  }),
  request(tickets.TICKET_IN_ESCROW, '01 70', {}),
  request(tickets.REDEEM_TICKET, '01 71 01 FF', { code: 'STATUS_QUERY' }),
  request(tickets.REDEEM_TICKET, '01 71 10 00 00 00 00 10 00 00 01 12 34 56 78 90 12 34 56', {
    code: 'CASHABLE',
    ...TICKET,
    terms: null,
  }),
  request(
    tickets.REDEEM_TICKET,
    '01 71 16 01 00 00 00 10 00 00 01 12 34 56 78 90 12 34 56 00 00 00 30 05 00',
    {
      code: 'RESTRICTED',
      ...TICKET,
      terms: { expiration: { kind: 'DAYS', days: 30 }, pool: 5 },
    },
  ),
  request(tickets.REDEEM_TICKET, '01 71 09 80 00 00 00 00 00 07 AB 01', {
    code: 'CANNOT_VALIDATE',
    cents: 0n,
    parsing: 7,
    data: 'AB01',
    terms: null,
  }),
  request(texts.TICKET_TEXT, '01 7C 06 00 04 54 45 53 54', {
    texts: [{ code: 'LOCATION', text: 'TEST' }],
  }),
  request(texts.TICKET_TEXT, '00 7C 08 10 01 52 20 00 30 01 3F', {
    texts: [
      { code: 'RESTRICTED_TITLE', text: 'R' },
      { code: 'DEBIT_TITLE', text: '' },
      { code: 0x30, text: '?' },
    ],
  }),
  request(texts.TICKET_TEXT, '01 7C 00', { texts: [] }),
  request(texts.TICKET_DATA, '01 7D 09 02 01 1E 01 41 00 02 42 43', {
    hostId: 0x102,
    expirationDays: 30,
    location: 'A',
    address1: '',
    address2: 'BC',
  }),
];

export const TICKET_ANSWERS: readonly Sample[] = [
  answer(validation.CASH_OUT_TICKET, '01 3D 00 12 34 56 00 00 00 12 34', {
    number: '00123456',
    cents: 1234n,
  }),
  answer(validation.VALIDATION_ID, '01 4C 00 00 00 FF FF FF', { id: 0, sequence: 0xffffff }),
  answer(
    validation.READ_VALIDATION_RECORD,
    '01 4D 00 01 11 27 20 25 19 21 16 00 42 91 88 18 54 46 10 00 00 00 12 34 07 00 12 01 17 20 26 03 00',
    {
      record: {
        type: 'CASHABLE_TICKET',
        index: 1,
        printedAt: { year: 2025, month: 11, day: 27, hour: 19, minute: 21, second: 16 },
        number: '0042918818544610',
        cents: 1234n,
        ticketNumber: 7,
        systemId: 12,
        expiration: { kind: 'DATE', year: 2026, month: 1, day: 17 },
        pool: 3,
      },
    },
  ),
  answer(
    validation.READ_VALIDATION_RECORD,
    '01 4D 05 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00',
    {
      record: {
        type: 5,
        index: 0,
        printedAt: null,
        number: '0000000000000000',
        cents: 0n,
        ticketNumber: 0,
        systemId: 0,
        expiration: NO_EXPIRATION,
        pool: 0,
      },
    },
  ),
  answer(
    validation.READ_VALIDATION_RECORD,
    '01 4D 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00',
    { record: null },
  ),
  answer(validation.VALIDATION_METERS, '01 50 80 00 00 00 12 00 00 00 12 34', {
    type: 'CASHABLE_REDEEMED',
    count: 12n,
    cents: 1234n,
  }),
  answer(validation.PENDING_CASH_OUT, '01 57 01 00 00 00 10 00', { type: 'RESTRICTED', cents: 1000n }),
  answer(validation.PENDING_CASH_OUT, '01 57 80 00 00 00 00 00', { type: 'NOT_WAITING', cents: 0n }),
  answer(validation.VALIDATION_NUMBER, '01 58 80', { status: 'NOT_IN_CASH_OUT' }),
  answer(validation.VALIDATION_STATUS, '01 7B 0A E9 03 00 00 29 40 00 30 00 00', {
    assetNumber: 1001,
    enabled: ['PRINTER_FOR_CASH_OUT', 'PRINT_RESTRICTED_TICKETS', 'TICKET_REDEMPTION', 14],
    cashableDays: 30,
    restrictedDays: 0,
  }),
  answer(tickets.TICKET_IN_ESCROW, '01 70 10 00 00 00 00 10 00 00 01 12 34 56 78 90 12 34 56', {
    status: 'IN_ESCROW',
    ticket: TICKET,
  }),
  answer(tickets.TICKET_IN_ESCROW, '01 70 01 FF', { status: 'NONE', ticket: null }),
  answer(tickets.REDEEM_TICKET, '01 71 10 40 00 00 00 10 00 00 01 12 34 56 78 90 12 34 56', {
    status: 'PENDING',
    ticket: TICKET,
  }),
  answer(tickets.REDEEM_TICKET, '01 71 01 81', { status: 'NUMBER_DIFFERS', ticket: null }),
  answer(tickets.REDEEM_TICKET, '01 71 07 33 00 00 00 00 00 09', {
    status: 0x33,
    ticket: { cents: 0n, parsing: 9, data: '' },
  }),
  answer(texts.TICKET_TEXT, '01 7C 01', { result: 'ACCEPTED' }),
  answer(texts.TICKET_DATA, '01 7D 00', { result: 'REFUSED' }),
];
