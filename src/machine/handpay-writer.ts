import { system } from '../lib/actor.ts';
import type { Logger } from '../lib/logger.ts';
import { HANDPAY_INFORMATION } from '../sas/codec/long-polls/handpay.ts';
import type { HandpayReport } from '../sas/host/report.ts';
import type { RunWork } from '../work.ts';
import { recordHandpay } from './handpay-service.ts';
import { releaseHandpays } from './handpay-store.ts';
import { startHeldAnswers } from './held-answers.ts';
import type { Machine, SasLine } from './machine.ts';

/** Puts on record what the machines of a line tell of their handpays. */
export interface HandpayWriter extends AsyncDisposable {
  /** `id`: of the handpay, the same when the report has to be repeated. */
  record(machine: Machine, report: HandpayReport, id: string): Promise<void>;
  /** The machine was told that its answer to this poll is on record. */
  fetched(machineId: string, poll: number): void;
}

const INGEST = system('sas');

export function startHandpayWriter({
  line,
  runWork,
  heldHandpays,
  logger,
}: {
  readonly line: SasLine;
  readonly runWork: RunWork;
  readonly heldHandpays: ReadonlyMap<string, string>;
  readonly logger: Logger;
}): HandpayWriter {
  const held = startHeldAnswers({ line, runWork, held: heldHandpays, release: releaseHandpays, logger });
  return {
    async record({ id: machineId, venueId }, report, id) {
      const { type, progressiveGroup, level, cents, partialPay, canGoToCreditMeter } = report;
      const terms = { kind: type, progressiveGroup, level, cents, partialPay, canGoToCreditMeter };
      const told = { id, venueId, machineId, ...terms, pendingAt: report.at };
      const recorded = await runWork(INGEST, (work) => recordHandpay(work, told, held.left(machineId)));
      held.add(machineId, recorded);
    },
    fetched(machineId, poll) {
      if (poll === HANDPAY_INFORMATION.code) held.acknowledged(machineId);
    },
    [Symbol.asyncDispose]: () => held[Symbol.asyncDispose](),
  };
}
