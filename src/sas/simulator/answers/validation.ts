/** Polls about what the machine prints (SAS.md 6.5 and 11). */
import { SasDecodeError } from '../../codec/decode-error.ts';
import { exceptionCode } from '../../codec/exceptions.ts';
import * as validation from '../../codec/long-polls/validation.ts';
import type { CabinetState } from '../cabinet-state.ts';
import { validated, validationRefused } from '../cash-out.ts';
import { withdrawn } from '../exception-queue.ts';
import type { StoredRecord, ValidationType } from '../ticket-state.ts';
import {
  functionsOf,
  recordRead,
  totalsOf,
  unreadRecords,
  withFunctions,
  withValidationId,
} from '../validation.ts';
import { type Answering, type AnsweringMachine, answering } from './answering.ts';

const cashOutTicket = answering(validation.CASH_OUT_TICKET, ({ cabinet: { state } }) => {
  const { lastTicket } = state.tickets;
  return { kind: 'DATA', answer: lastTicket ?? { number: '00000000', cents: 0n } };
});

const validationId = answering(validation.VALIDATION_ID, ({ cabinet }, request) => {
  const configured = withValidationId(cabinet.state, request);
  const isConfigured = configured.tickets.validationId !== 0;
  cabinet.commit(
    isConfigured ? withdrawn(configured, exceptionCode('VALIDATION_ID_NOT_CONFIGURED')) : configured,
  );
  const { validationId: id, sequence } = cabinet.state.tickets;
  return { kind: 'DATA', answer: { id, sequence } };
});

/** 00 is the oldest nobody has read, FF the same without reading it, anything else an index. */
function recordAt(state: CabinetState, entry: 'NEXT_UNREAD' | 'PEEK' | number): StoredRecord | null {
  if (typeof entry === 'string') return unreadRecords(state)[0] ?? null;
  return state.tickets.records.find(({ record }) => record.index === entry) ?? null;
}

const TOLD_BY = ['CASH_OUT_TICKET_PRINTED', 'HANDPAY_VALIDATED'] as const;

/** What was told by 3D or 3E has been read. */
function afterReading(state: CabinetState, index: number): CabinetState {
  const read = recordRead(state, index);
  return unreadRecords(read).length > 0 ? read : TOLD_BY.map(exceptionCode).reduce(withdrawn, read);
}

const records = answering(validation.READ_VALIDATION_RECORD, ({ cabinet }, { entry }) => {
  const found = recordAt(cabinet.state, entry);
  const answer = { record: found?.record ?? null };
  if (found === null || entry !== 'NEXT_UNREAD') return { kind: 'DATA', answer };
  return { kind: 'DATA', answer, acknowledged: (state) => afterReading(state, found.record.index) };
});

const meters = answering(validation.VALIDATION_METERS, ({ cabinet: { state } }, { type }) => {
  if (typeof type === 'number') throw new SasDecodeError(`no validation type ${type}`);
  return { kind: 'DATA', answer: { type, ...totalsOf(state, type as ValidationType) } };
});

const pendingCashOut = answering(validation.PENDING_CASH_OUT, ({ cabinet: { state } }) => {
  const { pending } = state.tickets;
  if (pending === null) return { kind: 'DATA', answer: { type: 'NOT_WAITING' as const, cents: 0n } };
  const type = pending.restricted ? ('RESTRICTED' as const) : ('CASHABLE' as const);
  return { kind: 'DATA', answer: { type, cents: pending.cents } };
});

/** The number the machine printed last is taken again: it is the same ticket, and nothing happens twice. */
const isPrintedAlready = ({ tickets }: CabinetState, number: string, systemId: number): boolean => {
  const newest = tickets.records.at(-1)?.record;
  return newest?.number === number && newest.systemId === systemId;
};

const validationNumber = answering(validation.VALIDATION_NUMBER, (machine, { systemId, number }) => {
  const { cabinet } = machine;
  const { settings, state } = cabinet;
  const status = (of: 'OK' | 'NOT_IN_CASH_OUT' | 'IMPROPER') =>
    ({ kind: 'DATA', answer: { status: of } }) as const;
  if (state.tickets.pending === null) {
    return status(number !== null && isPrintedAlready(state, number, systemId) ? 'OK' : 'NOT_IN_CASH_OUT');
  }
  if (systemId === validation.REFUSED_SYSTEM_ID) {
    cabinet.commit(validationRefused(state, settings));
    return status('OK');
  }
  if (number === null) return status('IMPROPER');
  const next = validated(state, { number, systemId }, { settings, moment: machine.now() });
  if (next !== null) cabinet.commit(next);
  return status('OK');
});

function validationStatus({ cabinet }: AnsweringMachine) {
  const { settings, state } = cabinet;
  const { cashableDays, restrictedDays } = state.tickets;
  const { assetNumber } = settings;
  return { assetNumber, enabled: functionsOf(state, settings), cashableDays, restrictedDays };
}

const status = answering(validation.VALIDATION_STATUS, (machine, request) => {
  const { cabinet } = machine;
  const { settings, state } = cabinet;
  const { cashableDays, restrictedDays } = request;
  if (request.change.length > 0) {
    const tickets = withFunctions(state, request, settings);
    const days = { cashableDays: cashableDays ?? 0, restrictedDays: restrictedDays ?? 0 };
    cabinet.commit({ ...state, tickets: { ...tickets, ...days } });
  }
  return { kind: 'DATA', answer: validationStatus(machine) };
});

export const VALIDATION_ANSWERS: readonly Answering[] = [
  cashOutTicket,
  validationId,
  records,
  meters,
  pendingCashOut,
  validationNumber,
  status,
];
