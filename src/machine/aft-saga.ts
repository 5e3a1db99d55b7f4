import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { system } from '../lib/actor.ts';
import type { Logger } from '../lib/logger.ts';
import { startWakeable, type Wakeable } from '../lib/wakeable.ts';
import { exceptionCode } from '../sas/codec/exceptions.ts';
import {
  type AftLine,
  type AftMachineStatus,
  type AftOrder,
  aftStatus,
  cancelAftTransfer,
  interrogateAft,
  sendAftTransfer,
} from '../sas/host/aft-commands.ts';
import { registrationKeyOf } from '../sas/host/aft-registration.ts';
import { isBesideThePoint, type TransferResult, transferResult } from '../sas/host/aft-result.ts';
import type { TransferReport } from '../sas/host/report.ts';
import type { BeforeService } from '../sas/host/service.ts';
import type { RunWork } from '../work.ts';
import { REQUEST_MS } from './aft-cash-out.ts';
import { orderCashOut } from './aft-cash-out-service.ts';
import { type CashOutRequest, listCashOutRequests } from './aft-cash-out-store.ts';
import { createAftLocks } from './aft-locks.ts';
import { giveUp, markSent, progress } from './aft-progress.ts';
import { type Recovered, recoverTransfer } from './aft-question.ts';
import { createAftRests } from './aft-rests.ts';
import { expectedOf, offerOf, stepOf } from './aft-step.ts';
import { type AftFailure, type AftTransfer, isOnTheWay, isUnsent } from './aft-transfer.ts';
import { findFinished, listLiveTransfers, listUnheard, saveAnswered } from './aft-transfer-store.ts';
import { isAt, type Machine, type SasLine } from './machine.ts';
import { findMachine } from './store.ts';

/** Carries transfers between wallets and the machines of one line to their end. */
export interface AftSaga extends Wakeable {
  /** Hears of an exception, once it is on record. */
  heard(code: number): void;
  /** Hears that a machine answers, at first or again, once that is on record. */
  returned(machineId: string): void;
  /** Hears by which number a machine goes; 0 or null: by none. */
  identified(machineId: string, assetNumber: number | null): void;
  /** Books what a machine says of a transfer. It is to hear that it was heard only once this resolved. */
  report(machine: Machine, report: TransferReport): Promise<void>;
  /** Finds out what became of a machine's last transfer before anything else is asked of it. */
  readonly beforeService: BeforeService;
}

export interface AftSagaOptions {
  readonly line: SasLine;
  readonly machines: readonly Machine[];
  readonly host: AftLine;
  readonly db: Kysely<Database>;
  /** Refuses what this process may not write about the line any more. */
  readonly runWork: RunWork;
  readonly logger: Logger;
}

const SAS = system('sas');
/** How often a machine is asked about a transfer that is on its way, and the database about one that was ordered. */
const ASK_MS = 1_000;
/** A lost wake-up costs at most this. */
const IDLE_MS = 2_000;

/** A machine is locked for a transfer, or asks for one. */
const WAKING: ReadonlySet<number> = new Set(
  (['GAME_LOCKED', 'CASH_OUT_PRESSED', 'AFT_CASH_OUT_REQUESTED', 'AFT_WIN_REQUESTED'] as const).map(
    exceptionCode,
  ),
);

/**
 * A transfer is sent once, by whoever put it on record as sent: after that it is only asked about, whoever drives the
 * line by then.
 */
export function startAftSaga({ line, machines, host, db, runWork, logger }: AftSagaOptions): AftSaga {
  const addresses = new Map(machines.map(({ id, address }) => [id, address]));
  /** By machine: it has one transfer at a time. */
  const underWay = new Map<string, Promise<void>>();
  /** Those that may still wait among the commands of their machines: these have not heard of them yet. */
  const sending = new Set<string>();
  const locks = createAftLocks({ host, db, runWork });
  const rests = createAftRests(machines);
  const recover = (transfer: AftTransfer, at: { line: AftLine; address: number }) =>
    recoverTransfer(db, transfer, at);
  const listLive = (machineIds: readonly string[]) => listLiveTransfers(db, line.venueId, machineIds);
  const onError = (error: unknown) =>
    logger.warn({ err: error, line: line.name }, 'transfer not carried on yet');

  const loop = startWakeable({
    idleMs: IDLE_MS,
    onError,
    async run() {
      const machineIds = [...addresses.keys()];
      const live = await listLive(machineIds);
      const unheard = await listUnheard(db, line.venueId, machineIds);
      const since = new Date(Date.now() - REQUEST_MS);
      const requests = await listCashOutRequests(db, line.venueId, { machineIds, since });
      for (const [machineId, address] of addresses) {
        const transfer = live.find((each) => each.machineId === machineId);
        const request = requests.find((each) => each.machineId === machineId);
        // Where its machine is not there any more, it may be asked about for ever: that keeps no other from being heard.
        const settled = unheard.find((each) => each.machineId === machineId && rests.isOver(each));
        if (locks.isStale(machineId, transfer?.id)) begin(machineId, () => locks.release(machineId, address));
        else if (transfer && !rests.isOver(transfer)) continue;
        else if (transfer) begin(machineId, () => carryOn(transfer, address));
        else if (request) begin(machineId, () => cashOut(request, address));
        else if (settled) begin(machineId, () => carryOn(settled, address));
      }
      const isBusy = live.some((each) => isUnsent(each) || (isOnTheWay(each) && rests.isOver(each)));
      return isBusy || requests.length > 0 ? ASK_MS : 'idle';
    },
  });

  function begin(machineId: string, task: () => Promise<void>): void {
    if (underWay.has(machineId)) return;
    const done = task()
      .catch(onError)
      .finally(() => underWay.delete(machineId));
    underWay.set(machineId, done);
  }

  async function carryOn(transfer: AftTransfer, address: number): Promise<void> {
    if (isUnsent(transfer)) return await order(transfer, address);
    // What is on record by hand is compared with what the machine has.
    const said = isOnTheWay(transfer)
      ? await ask(transfer, address)
      : transfer.state === 'MANUALLY_RESOLVED' && (await recover(transfer, { line: host, address }));
    if (!said) return;
    rests.answered(transfer, said);
    await note(transfer, said);
  }

  /** Takes what a machine asked to have taken, where that is somebody's. */
  async function cashOut(request: CashOutRequest, address: number): Promise<void> {
    const said = await aftStatus(host, address);
    if (said.kind === 'NO_ANSWER') return;
    const { status } = said;
    const transfer = await runWork(SAS, (work) => orderCashOut(work, request, offerOf(status)));
    if (transfer) await send(transfer, { address, status });
  }

  async function order(transfer: AftTransfer, address: number): Promise<void> {
    const said = await aftStatus(host, address);
    if (said.kind === 'STATUS') return await send(transfer, { address, status: said.status });
    if (said.failure === 'SILENT') await reject(transfer, { code: 'SAS_005', status: null });
  }

  async function send(transfer: AftTransfer, to: { address: number; status: AftMachineStatus }) {
    const { address, status } = to;
    const { assetNumber } = status;
    if (assetNumber === 0) return await reject(transfer, { code: 'SAS_006', status: 'NO_ASSET_NUMBER' });
    if (!(await locks.isReady(transfer, to))) return;
    const registered = await registrationKeyOf(host, address, status);
    if (registered.kind === 'NO_ANSWER') return;
    const isUpToHost = status.hostCashOut.includes('HOST_CAN_CONTROL');
    const result = await sendOnce(transfer, address, (machine) => ({
      ...expectedOf(transfer),
      code: transfer.allowPartial ? 'PARTIAL' : 'FULL',
      assetNumber,
      registrationKey: registered.key,
      answersCashOut: transfer.cause !== 'ORDER',
      hostCashOut: isUpToHost ? machine.hostCashOut : 'LEAVE',
    }));
    if (result === null) return;
    if (result.kind !== 'REFUSED' && result.kind !== 'NOT_SENT') locks.used(transfer.machineId);
    await note(transfer, result.kind === 'NOT_SENT' ? { kind: 'NEVER_HAPPENED' } : result);
  }

  /** Null when it was sent before, must not be any more, or its machine is elsewhere by now. */
  async function sendOnce(transfer: AftTransfer, address: number, orderTo: (machine: Machine) => AftOrder) {
    sending.add(transfer.id);
    try {
      const order = await runWork(SAS, async (work) => {
        const found = await findMachine(work.tx, line.venueId, transfer.machineId);
        if (!found || !isAt(found, { lineId: line.id, address })) return null;
        const made = orderTo(found);
        return (await markSent(work, transfer, made)) ? made : null;
      });
      return order && (await sendAftTransfer(host, address, order));
    } finally {
      sending.delete(transfer.id);
    }
  }

  const reject = (transfer: AftTransfer, failure: AftFailure): Promise<void> =>
    runWork(SAS, (work) => giveUp(work, transfer, { to: 'REJECTED', failure }));

  /** What goes on at the machine is asked for first; where that tells nothing of it, all that the machine has. */
  async function ask(transfer: AftTransfer, address: number): Promise<TransferResult | Recovered> {
    const said = transfer.state === 'PENDING_ON_MACHINE' ? await askPending(transfer, address) : null;
    return said && !isBesideThePoint(said) ? said : await recover(transfer, { line: host, address });
  }

  async function askPending(transfer: AftTransfer, address: number): Promise<TransferResult> {
    const expected = expectedOf(transfer);
    const cancelled = transfer.cancelRequestedAt && (await cancelAftTransfer(host, address, expected));
    if (cancelled && !isBesideThePoint(cancelled)) return cancelled;
    return await interrogateAft(host, address, expected);
  }

  async function note(transfer: AftTransfer, result: TransferResult | Recovered): Promise<void> {
    const came = await runWork(SAS, async (work) => {
      const changed = await progress(work, transfer, (now) => stepOf(now, result));
      const isAnswered = result.kind === 'PENDING';
      if (changed === null) await saveAnswered(work.tx, transfer, { isAnswered, now: work.now });
      return changed;
    });
    const told = { line: line.name, transfer: transfer.id, result: result.kind };
    if (came === 'WENT_ON') logger.info(told, 'transfer went on');
    if (came === 'CONTRADICTED') logger.warn(told, 'a machine says otherwise of a transfer than is booked');
  }

  return {
    wake: loop.wake,
    heard(code) {
      if (WAKING.has(code)) loop.wake();
    },
    returned(machineId) {
      rests.returned(machineId);
      loop.wake();
    },
    identified: (machineId, assetNumber) => rests.identified(machineId, assetNumber || null),
    async report(machine, report) {
      const { answer } = report;
      const live = await listLive([machine.id]);
      const finished =
        answer.form === 'FULL' && answer.transactionId !== null
          ? await findFinished(db, machine, answer.transactionId)
          : null;
      for (const transfer of finished ? [...live, finished] : live)
        await note(transfer, transferResult(report, expectedOf(transfer)));
    },
    async beforeService(address, first) {
      const [machineId] = [...addresses].find(([, at]) => at === address) ?? [];
      if (machineId === undefined) return;
      for (const transfer of (await listLive([machineId])).filter(isOnTheWay)) {
        if (sending.has(transfer.id)) continue;
        const recovery = await recover(transfer, { line: first, address });
        await note(transfer, recovery);
        // It does not speak of this, and of other things it does: it is served, and goes on being asked.
        if (recovery.kind === 'NO_ANSWER' && recovery.failure !== 'SILENT' && recovery.failure !== 'NACK')
          throw new Error(`the machine at ${address} does not say what became of its transfer`);
      }
    },
    async [Symbol.asyncDispose]() {
      await loop[Symbol.asyncDispose]();
      await Promise.all(underWay.values());
    },
  };
}
