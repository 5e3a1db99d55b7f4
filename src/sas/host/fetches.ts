/** Long polls whose answers are worth a report, and may be lost if the machine hears of their arrival too early. */
import { exceptionCode } from '../codec/exceptions.ts';
import type { ValidationStyle } from '../codec/features.ts';
import type { LongPoll } from '../codec/long-poll.ts';
import { AFT_TRANSFER } from '../codec/long-polls/aft-transfer.ts';
import { CAN_GO_TO_CREDIT_METER, HANDPAY_INFORMATION, handpayKind } from '../codec/long-polls/handpay.ts';
import { PROGRESSIVE_WIN, SAS_PROGRESSIVE_WIN } from '../codec/long-polls/progressives.ts';
import { REDEEM_TICKET } from '../codec/long-polls/tickets.ts';
import { READ_VALIDATION_RECORD } from '../codec/long-polls/validation.ts';
import { decodeAnswer, encodeRequest } from '../codec/poll-table.ts';
import type { Fetch, Heard, MachineState } from './machine-state.ts';
import type { HostReport, ProgressiveWinReport } from './report.ts';
import { transferReport } from './transfer-report.ts';

/** The exception that says that there is something to be fetched, at once. */
const FETCH_AFTER: ReadonlyMap<number, (address: number) => Fetch> = new Map([
  [exceptionCode('HANDPAY_PENDING'), handpay],
  [exceptionCode('SAS_PROGRESSIVE_HIT'), (address) => win(address, SAS_PROGRESSIVE_WIN, 'SAS_PROGRESSIVE')],
  [exceptionCode('PROGRESSIVE_WIN'), (address) => win(address, PROGRESSIVE_WIN, 'MACHINE')],
  [exceptionCode('AFT_TRANSFER_COMPLETE'), (address) => lastTransfer(address, { urgent: true })],
]);

/** To be called once an exception is stored. */
export function fetchAfter(machine: MachineState, exception: number): void {
  const fetch = FETCH_AFTER.get(exception);
  if (fetch) addFetch(machine, fetch(machine.address));
}

/** What became of money that was under way when the machine was last heard (SAS.md 5.5). */
export function fetchMoneyUnderWay(machine: MachineState): void {
  const { address, identity } = machine;
  const features = identity?.features;
  if (!features) return;
  if (features.aft) fetchTransfer(machine);
  if (features.ticketRedemption) addFetch(machine, lastRedemption(address));
  if (PRINTS_RECORDS.has(features.validationStyle)) addFetch(machine, nextRecord(address));
}

/** Standard validation has no records to read. */
const PRINTS_RECORDS: ReadonlySet<ValidationStyle> = new Set(['SYSTEM', 'SECURE_ENHANCED']);

/** What became of the transfer under way, or the last one. */
export function fetchTransfer(machine: MachineState): void {
  addFetch(machine, lastTransfer(machine.address, { urgent: false }));
}

function lastTransfer(address: number, { urgent }: { readonly urgent: boolean }): Fetch {
  const asked = { code: 'INTERROGATE', index: 0 } as const;
  return fetchOf({ poll: AFT_TRANSFER, request: asked, address, urgent }, (answer, heard) =>
    transferReport({ address, asked, answer }, heard),
  );
}

const lastRedemption = (address: number): Fetch =>
  fetchOf({ poll: REDEEM_TICKET, request: { code: 'STATUS_QUERY' }, address }, (answer, { at }) => ({
    kind: 'recovery',
    address,
    at,
    poll: 'REDEEM_TICKET',
    answer,
  }));

/** Only looked at: reading it marks it read, and whoever books tickets does that. */
const nextRecord = (address: number): Fetch =>
  fetchOf({ poll: READ_VALIDATION_RECORD, request: { entry: 'PEEK' }, address }, (answer, { at }) => ({
    kind: 'recovery',
    address,
    at,
    poll: 'READ_VALIDATION_RECORD',
    answer,
  }));

/** A second wish for the same poll is met by the first: it has not been asked yet, or is asked again. */
function addFetch(machine: MachineState, fetch: Fetch): void {
  if (machine.unsupportedPolls.has(fetch.code)) return;
  if (machine.due.some((due) => due.fetch.code === fetch.code)) return;
  machine.due.push({ fetch, attempts: 0, stored: null, notBeforeMs: Number.NEGATIVE_INFINITY });
}

interface Asked<Request, Answer> {
  readonly poll: LongPoll<Request, Answer>;
  readonly request: Request;
  readonly address: number;
  readonly urgent?: boolean;
}

function fetchOf<Request, Answer>(
  { poll, request, address, urgent = false }: Asked<Request, Answer>,
  reportOf: (answer: Answer, heard: Heard) => HostReport | null,
): Fetch {
  return {
    code: poll.code,
    frame: encodeRequest(poll, address, request),
    urgent,
    reportOf: (body, heard) => reportOf(decodeAnswer(poll, body), heard),
  };
}

/** All zeros say that there is none: it was reset meanwhile. */
function handpay(address: number): Fetch {
  return fetchOf({ poll: HANDPAY_INFORMATION, request: {}, address, urgent: true }, (answer, { at }) => {
    const { group, level, cents, partialPay, resetId } = answer;
    if (group === 0 && level === 0 && cents === 0n) return null;
    return {
      kind: 'handpay',
      address,
      at,
      type: handpayKind(level),
      progressiveGroup: group,
      level,
      cents,
      partialPay,
      canGoToCreditMeter: resetId === CAN_GO_TO_CREDIT_METER,
      resetId,
    };
  });
}

function win(address: number, poll: typeof PROGRESSIVE_WIN, by: ProgressiveWinReport['by']): Fetch {
  return fetchOf({ poll, request: {}, address, urgent: true }, ({ group, level, cents }, { at }) =>
    group === 0 && level === 0 && cents === 0n
      ? null
      : { kind: 'progressive', address, at, by, group, level, cents },
  );
}
