import { NO_EXPIRATION } from '../../../../src/sas/codec/expiration.ts';
import { AFT_LOCK } from '../../../../src/sas/codec/long-polls/aft-lock.ts';
import { AFT_REGISTRATION } from '../../../../src/sas/codec/long-polls/aft-registration.ts';
import { AFT_TRANSFER } from '../../../../src/sas/codec/long-polls/aft-transfer.ts';
import * as texts from '../../../../src/sas/codec/long-polls/ticket-texts.ts';
import { answer, request, type Sample } from './sample.ts';

const KEY = Uint8Array.from({ length: 20 }, (_, at) => at + 1);
const KEY_HEX = '01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10 11 12 13 14';
const NOBODY = '00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00';

export const AFT_REQUESTS: readonly Sample[] = [
  request(AFT_TRANSFER, '01 72 01 80', { code: 'CANCEL' }),
  request(AFT_TRANSFER, '01 72 02 FF 7F', { code: 'INTERROGATE', index: 127 }),
  request(AFT_TRANSFER, '01 72 03 02 AA BB', {
    code: 'OTHER',
    transferCode: 2,
    data: Uint8Array.of(0xaa, 0xbb),
  }),
  request(
    AFT_TRANSFER,
    `01 72 37 00 00 00 00 00 00 51 00 00 00 00 00 00 00 00 00 00 00 0B 01 02 00 00 ${NOBODY} 02 54 31 05 30 20 16 00 30 02 AB CD`,
    {
      code: 'FULL',
      index: 0,
      type: 'HOST_TO_MACHINE',
      cashable: 5100n,
      restricted: 0n,
      nonrestricted: 0n,
      flags: ['CONTROL_HOST_CASH_OUT', 'HOST_CASH_OUT_ENABLED', 'ANSWERS_CASH_OUT'],
      assetNumber: 0x201,
      registrationKey: new Uint8Array(20),
      transactionId: 'T1',
      expiration: { kind: 'DATE', year: 2016, month: 5, day: 30 },
      pool: 0x3000,
      receipt: Uint8Array.of(0xab, 0xcd),
      lockTimeoutHundredths: null,
    },
  ),
  request(
    AFT_TRANSFER,
    `01 72 36 01 00 80 00 00 00 00 01 00 00 00 00 02 00 00 00 00 03 10 01 00 00 00 ${KEY_HEX} 01 41 00 00 00 30 05 00 00 50 00`,
    {
      code: 'PARTIAL',
      index: 0,
      type: 'MACHINE_TO_HOST',
      cashable: 1n,
      restricted: 2n,
      nonrestricted: 3n,
      flags: ['LOCK_AFTER_TRANSFER'],
      assetNumber: 1,
      registrationKey: KEY,
      transactionId: 'A',
      expiration: { kind: 'DAYS', days: 30 },
      pool: 5,
      receipt: new Uint8Array(),
      lockTimeoutHundredths: 5000,
    },
  ),
  request(AFT_REGISTRATION, '01 73 01 FF', { code: 'READ' }),
  request(AFT_REGISTRATION, `01 73 1D 01 E9 03 00 00 ${KEY_HEX} 02 01 00 00`, {
    code: 'REGISTER',
    assetNumber: 1001,
    registrationKey: KEY,
    posId: 0x102,
  }),
  request(AFT_LOCK, '01 74 00 03 50 00', {
    lock: 'REQUEST',
    conditions: ['TO_MACHINE', 'FROM_MACHINE'],
    timeoutHundredths: 5000,
  }),
  request(AFT_LOCK, '01 74 FF 00 00 00', { lock: 'STATUS_ONLY', conditions: [], timeoutHundredths: 0 }),
  request(texts.AFT_RECEIPT_TEXT, '01 75 05 41 03 54 48 58', { texts: [{ code: 0x41, text: 'THX' }] }),
  request(texts.AFT_TICKET_TEXT, '01 76 07 00 00 01 41 10 01 42', {
    action: 'SET',
    texts: [
      { code: 'LOCATION', text: 'A' },
      { code: 'TITLE', text: 'B' },
    ],
  }),
  request(texts.AFT_TICKET_TEXT, '01 76 01 80', { action: 'CLEAR_ALL', texts: [] }),
];

export const AFT_ANSWERS: readonly Sample[] = [
  answer(AFT_TRANSFER, '01 72 02 00 C0', {
    form: 'SHORT',
    bufferPosition: 0,
    status: 'CLASHES_WITH_TRANSFER',
  }),
  answer(AFT_TRANSFER, '01 72 02 05 77', { form: 'SHORT', bufferPosition: 5, status: 0x77 }),
  answer(
    AFT_TRANSFER,
    '01 72 37 2A 01 FF 80 00 00 00 11 00 00 00 00 00 02 00 00 00 00 03 07 7A 00 00 00 04 33 36 39 32 07 12 20 20 02 15 01 00 00 00 00 00 00 09 00 00 00 00 00 12 68 24 23 01 17 00',
    {
      form: 'FULL',
      bufferPosition: 42,
      status: 'PARTIAL_DONE',
      receiptStatus: 'NONE',
      type: 'MACHINE_TO_HOST',
      cashable: 1100n,
      restricted: 2n,
      nonrestricted: 3n,
      flags: ['CONTROL_HOST_CASH_OUT', 'HOST_CASH_OUT_ENABLED', 'HARD_HOST_CASH_OUT'],
      assetNumber: 122,
      transactionId: '3692',
      completedAt: { year: 2020, month: 7, day: 12, hour: 2, minute: 15, second: 1 },
      expiration: NO_EXPIRATION,
      pool: 0,
      cumulative: [
        { size: 9, value: 12682423n },
        { size: 1, value: 17n },
        { size: 0, value: null },
      ],
    },
  ),
  answer(
    AFT_TRANSFER,
    '01 72 26 00 FF FF 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00',
    {
      form: 'FULL',
      bufferPosition: 0,
      status: 'NO_INFORMATION',
      receiptStatus: 'NONE',
      type: 'HOST_TO_MACHINE',
      cashable: 0n,
      restricted: 0n,
      nonrestricted: 0n,
      flags: [],
      assetNumber: 1,
      transactionId: '',
      completedAt: null,
      expiration: NO_EXPIRATION,
      pool: 0,
      cumulative: [],
    },
  ),
  answer(AFT_REGISTRATION, `01 73 1D 40 E9 03 00 00 ${KEY_HEX} 02 01 00 00`, {
    status: 'WAITING_FOR_OPERATOR',
    assetNumber: 1001,
    registrationKey: KEY,
    posId: 0x102,
  }),
  answer(
    AFT_LOCK,
    '01 74 23 2C 01 00 00 40 80 03 B2 65 00 00 00 04 42 00 00 00 82 90 00 00 00 00 00 99 99 99 12 68 01 17 20 20 00 30',
    {
      assetNumber: 300,
      lockStatus: 'PENDING',
      available: ['LOCK_AFTER_TRANSFER'],
      hostCashOut: ['HOST_CAN_CONTROL', 1],
      capabilities: ['PARTIAL_TO_HOST', 'IN_HOUSE', 'BONUS', 'ANY'],
      maxBufferIndex: 101,
      cashable: 442n,
      restricted: 8290n,
      nonrestricted: 0n,
      transferLimit: 9999991268n,
      restrictedExpiration: { kind: 'DATE', year: 2020, month: 1, day: 17 },
      pool: 0x3000,
    },
  ),
  answer(texts.AFT_TICKET_TEXT, '01 76 03 00 03 20', { stored: ['LOCATION', 'GRAPHICS', 0x20] }),
];
