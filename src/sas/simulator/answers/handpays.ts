/** Polls about what an attendant pays (SAS.md 6.1 and 6.3). */
import type { AnswerOf } from '../../codec/long-poll.ts';
import {
  CAN_GO_TO_CREDIT_METER,
  HANDPAY_INFORMATION,
  HANDPAY_RESET_METHOD,
  RESET_HANDPAY,
} from '../../codec/long-polls/handpay.ts';
import { modulusOf } from '../../codec/meters.ts';
import {
  canGoToCreditMeter,
  handpayPaid,
  handpayRead,
  openHandpay,
  unreadHandpay,
  withResetMethod,
} from '../handpay.ts';
import { type Answering, answering, on } from './answering.ts';

const CENTS_MODULUS = modulusOf(5);

export const HANDPAY_ANSWERS: readonly Answering[] = [
  answering(HANDPAY_INFORMATION, ({ cabinet: { settings, state } }) => {
    const handpay = settings.legacyHandpay ? openHandpay(state) : unreadHandpay(state);
    const answer = {
      group: handpay?.group ?? 0,
      level: handpay?.level ?? 0,
      cents: (handpay?.cents ?? 0n) % CENTS_MODULUS,
      partialPay: 0n,
      resetId: handpay && canGoToCreditMeter(handpay) ? CAN_GO_TO_CREDIT_METER : 0,
    };
    const isToRead = handpay !== null && !handpay.read;
    return { kind: 'DATA', answer, acknowledged: isToRead ? handpayRead : undefined };
  }),
  on(RESET_HANDPAY, (machine): AnswerOf<typeof RESET_HANDPAY> => {
    const { cabinet } = machine;
    const { settings, state } = cabinet;
    if (openHandpay(state) === null) return { result: 'NO_HANDPAY' };
    if (state.slotDoorOpen) return { result: 'UNABLE' };
    cabinet.commit(handpayPaid(state, { settings, moment: machine.now() }));
    return { result: 'RESET' };
  }),
  on(HANDPAY_RESET_METHOD, ({ cabinet }, { method }): AnswerOf<typeof HANDPAY_RESET_METHOD> => {
    if (openHandpay(cabinet.state) === null) return { result: 'NO_HANDPAY' };
    const next = typeof method === 'string' ? withResetMethod(cabinet.state, method) : null;
    if (next === null) return { result: 'UNABLE' };
    cabinet.commit(next);
    return { result: 'OK' };
  }),
];
