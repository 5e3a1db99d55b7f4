/** Polls about electronic transfers (SAS.md 10). */
import { NO_EXPIRATION } from '../../codec/expiration.ts';
import type { AnswerOf } from '../../codec/long-poll.ts';
import { AFT_LOCK } from '../../codec/long-polls/aft-lock.ts';
import { AFT_REGISTRATION } from '../../codec/long-polls/aft-registration.ts';
import type { AftReply } from '../../codec/long-polls/aft-reply.ts';
import type { AftStatus } from '../../codec/long-polls/aft-status.ts';
import { aftOutcome } from '../../codec/long-polls/aft-status.ts';
import { AFT_TRANSFER, type AftRequest } from '../../codec/long-polls/aft-transfer.ts';
import { meterCode, modulusOf } from '../../codec/meters.ts';
import { transferAt, transferBegun, transferFailed, transferRead } from '../aft.ts';
import { cumulativeMeters } from '../aft-booking.ts';
import { availableTransfers, lockEnded, lockRequested } from '../aft-lock.ts';
import { registrationChanged } from '../aft-registration.ts';
import { HISTORY_CAPACITY, type StoredTransfer } from '../aft-state.ts';
import type { CabinetState } from '../cabinet-state.ts';
import { holdingsOf } from '../credits.ts';
import { centsOf, type MachineSettings } from '../machine-settings.ts';
import { type Answered, type Answering, type AnsweringMachine, answering } from './answering.ts';

const CUMULATIVE_BYTES = 5;

/** A transfer as poll 72 tells of it. While it is pending, nothing is cumulative. */
function replyOf(state: CabinetState, transfer: StoredTransfer): AftReply {
  const { status, type } = transfer;
  const isDone = aftOutcome(status) === 'DONE';
  const cumulative = (isDone ? cumulativeMeters(type) : []).map((name) => ({
    size: CUMULATIVE_BYTES,
    value: (state.meters.get(meterCode(name)) ?? 0n) % modulusOf(CUMULATIVE_BYTES),
  }));
  const amounts = status === 'PENDING' ? transfer.asked : transfer.moved;
  return {
    form: 'FULL',
    bufferPosition: transfer.position,
    status,
    receiptStatus: isDone && transfer.flags.includes('RECEIPT') ? 'PRINTED' : 'NONE',
    type,
    ...amounts,
    flags: transfer.flags,
    assetNumber: transfer.assetNumber,
    transactionId: transfer.transactionId,
    completedAt: transfer.completedAt,
    expiration: transfer.expiration,
    pool: transfer.pool,
    cumulative: [...cumulative, ...NO_METER.slice(cumulative.length)],
  };
}

const NO_METER = Array.from({ length: 3 }, () => ({ size: 0, value: null }));

const short = (status: AftStatus): Answered<AftReply> => ({
  kind: 'DATA',
  answer: { form: 'SHORT', bufferPosition: 0, status },
});

/** Reading how a transfer ended settles it; reading of it while it is under way, or long ago, does not. */
function told(state: CabinetState, transfer: StoredTransfer): Answered<AftReply> {
  const isEnd = transfer === state.aft.current && transfer.dueAtMs === null;
  const acknowledged = isEnd ? (later: CabinetState) => transferRead(later, transfer.position) : undefined;
  return { kind: 'DATA', answer: replyOf(state, transfer), acknowledged };
}

function transferred(machine: AnsweringMachine, request: AftRequest): Answered<AftReply> {
  const { cabinet } = machine;
  const { settings, state } = cabinet;
  if (request.code === 'OTHER') return short('UNSUPPORTED_CODE');
  if (request.code === 'INTERROGATE') {
    const found = transferAt(state, request.index);
    return found === null ? short('NO_INFORMATION') : told(state, found);
  }
  const moment = machine.now();
  if (request.code === 'CANCEL') {
    cabinet.commit(transferFailed(state, 'CANCELLED_BY_HOST', moment));
    const found = transferAt(cabinet.state, 0);
    return found === null ? short('NO_INFORMATION') : told(cabinet.state, found);
  }
  const begun = transferBegun(state, request, { settings, moment });
  cabinet.commit(begun.state);
  const isRefused = begun.transfer !== begun.state.aft.current;
  if (isRefused && settings.aftShortErrorReply) return short(begun.transfer.status);
  return told(cabinet.state, begun.transfer);
}

const registered = answering(AFT_REGISTRATION, ({ cabinet }, request) => {
  const { settings, state } = cabinet;
  if (request.code !== 'READ') cabinet.commit(registrationChanged(state, request, settings));
  const { status, key, posId } = cabinet.state.aft.registration;
  const registrationKey = Uint8Array.from(Buffer.from(key, 'hex'));
  return { kind: 'DATA', answer: { status, assetNumber: settings.assetNumber, registrationKey, posId } };
});

const locked = answering(AFT_LOCK, (machine, request) => {
  const { cabinet } = machine;
  const { settings } = cabinet;
  const context = { settings, nowMs: machine.now().ms };
  if (request.lock === 'REQUEST') cabinet.commit(lockRequested(cabinet.state, request, context));
  if (request.lock === 'CANCEL') cabinet.commit(lockEnded(cabinet.state));
  return { kind: 'DATA', answer: statusOf(cabinet.state, settings) };
});

function statusOf(state: CabinetState, settings: MachineSettings): AnswerOf<typeof AFT_LOCK> {
  const { lock, registration } = state.aft;
  const holdings = holdingsOf(state);
  const has = (one: 'IN_HOUSE' | 'BONUS' | 'DEBIT') => (settings.aftClasses.includes(one) ? [one] : []);
  return {
    assetNumber: settings.assetNumber,
    lockStatus: lock?.status ?? 'NOT_LOCKED',
    available: availableTransfers(state, settings),
    hostCashOut: ['HOST_CAN_CONTROL'] as const,
    capabilities: [
      ...(settings.printer ? (['RECEIPT_PRINTER', 'CUSTOM_TICKET_DATA'] as const) : []),
      ...(settings.aftPartialToHost ? (['PARTIAL_TO_HOST'] as const) : []),
      ...(registration.status === 'REGISTERED' ? (['REGISTERED'] as const) : []),
      ...has('IN_HOUSE'),
      ...has('BONUS'),
      ...has('DEBIT'),
      ...(settings.aftClasses.length > 0 ? (['ANY'] as const) : []),
    ],
    maxBufferIndex: HISTORY_CAPACITY,
    cashable: centsOf(holdings.cashable, settings),
    restricted: centsOf(holdings.restricted, settings),
    nonrestricted: centsOf(holdings.nonrestricted, settings),
    transferLimit: settings.transferLimit,
    restrictedExpiration: NO_EXPIRATION,
    pool: state.restrictedPool,
  };
}

export const AFT_ANSWERS: readonly Answering[] = [answering(AFT_TRANSFER, transferred), registered, locked];
