import * as cash from '../../../../src/sas/codec/long-polls/cash.ts';
import * as handpay from '../../../../src/sas/codec/long-polls/handpay.ts';
import { answer, request, type Sample } from './sample.ts';

export const CASH_REQUESTS: readonly Sample[] = [
  request(cash.BILL_DENOMINATIONS, '01 08 95 00 00 00 01', {
    bills: ['BILL_1', 'BILL_5', 'BILL_20', 'BILL_100'],
    staysOn: true,
  }),
  request(cash.BILL_DENOMINATIONS, '01 08 08 02 80 01 00', {
    bills: ['BILL_10', 'BILL_250', 'BILL_1000000', 24],
    staysOn: false,
  }),
  request(cash.LAST_BILL, '01 48', {}),
  request(cash.HOPPER_STATUS, '01 4F', {}),
  request(handpay.HANDPAY_INFORMATION, '01 1B', {}),
  request(handpay.RESET_HANDPAY, '01 94', {}),
  request(handpay.HANDPAY_RESET_METHOD, '01 A8 01', { method: 'CREDIT_METER' }),
  request(handpay.HANDPAY_RESET_METHOD, '01 A8 00', { method: 'STANDARD' }),
];

export const CASH_ANSWERS: readonly Sample[] = [
  answer(cash.LAST_BILL, '01 48 37 10 00 00 00 37', { country: 37, denomination: 0x10, count: 37n }),
  answer(cash.HOPPER_STATUS, '01 4F 02 07 FF', { status: 'EMPTY', percentFull: null, level: null }),
  answer(cash.HOPPER_STATUS, '01 4F 06 08 32 00 00 12 34', { status: 8, percentFull: 50, level: 1234n }),
  answer(handpay.HANDPAY_INFORMATION, '01 1B 00 80 00 00 01 25 00 00 07 01 00 00 00 00 00 00 00 00 00 00', {
    group: 0,
    level: 0x80,
    cents: 12500n,
    partialPay: 7n,
    resetId: 1,
  }),
  answer(handpay.RESET_HANDPAY, '01 94 00', { result: 'RESET' }),
  answer(handpay.RESET_HANDPAY, '01 94 02', { result: 'NO_HANDPAY' }),
  answer(handpay.RESET_HANDPAY, '01 94 47', { result: 0x47 }),
  answer(handpay.HANDPAY_RESET_METHOD, '01 A8 01', { result: 'UNABLE' }),
];
