import { system } from '../lib/actor.ts';
import type { Logger } from '../lib/logger.ts';
import { startWakeable, type Wakeable } from '../lib/wakeable.ts';
import { readAftMeters } from '../sas/host/aft-meters.ts';
import type { SasHost } from '../sas/host/host.ts';
import type { RunWork } from '../work.ts';
import {
  isComparable,
  type ReconciliationReason,
  type ReconciliationStanding,
  reasonFor,
} from './aft-reconciliation.ts';
import { reconcile } from './aft-reconciliation-service.ts';
import { listStandings } from './aft-reconciliation-store.ts';
import type { Machine, SasLine } from './machine.ts';

/** Has the machines of one line compared with the books: at the start, after each transfer, and each hour. */
export interface AftReconciler extends Wakeable {
  /** A machine answers, at first or again; it may be another one than before. */
  returned(machineId: string): void;
  /** What it says of itself is on record: it is compared from now on, with what is known of that one. */
  identified(machineId: string): void;
}

export interface AftReconcilerOptions {
  readonly line: SasLine;
  readonly machines: readonly Machine[];
  readonly host: Pick<SasHost, 'readGameMeters'>;
  /** Refuses what this process may not write about the line any more. */
  readonly runWork: RunWork;
  readonly logger: Logger;
}

const SAS = system('sas');
/** A lost wake-up costs at most this. */
const IDLE_MS = 2_000;
/** A machine that did not tell its meters is asked again after this. */
const RETRY_MS = 60_000;

export function startAftReconciler(options: AftReconcilerOptions): AftReconciler {
  const { line, machines, host, runWork, logger } = options;
  const addresses = new Map(machines.map(({ id, address }) => [id, address]));
  /** Those that were compared since this process began to drive the line. */
  const compared = new Set<string>();
  const retryAtMs = new Map<string, number>();
  /** Those of which it is on record which ones they are. */
  const identified = new Set<string>();
  let isOver = false;

  const loop = startWakeable({
    idleMs: IDLE_MS,
    onError: (error) =>
      logger.warn({ err: error, line: line.name }, 'transfers not compared with meters yet'),
    async run() {
      for (const { standing, reason } of await listDue()) {
        if (isOver) break;
        await compare(standing, reason);
      }
      return 'idle';
    },
  });

  async function listDue(): Promise<readonly Due[]> {
    const waiting = [...identified].filter((id) => (retryAtMs.get(id) ?? 0) <= performance.now());
    const { now, standings } = await runWork(SAS, async ({ tx, now }) => ({
      now,
      standings: await listStandings(tx, line.venueId, waiting),
    }));
    return standings.flatMap((standing) => {
      const reason = reasonFor(standing, { now, isStart: !compared.has(standing.machineId) });
      return reason === null ? [] : { standing, reason };
    });
  }

  async function compare(
    { machineId, unreconciled }: ReconciliationStanding,
    reason: ReconciliationReason,
  ): Promise<void> {
    const { venueId } = line;
    const address = addresses.get(machineId);
    const read = address === undefined ? null : await readAftMeters(host, address);
    if (read === null || !isComparable(read)) {
      retryAtMs.set(machineId, performance.now() + RETRY_MS);
      return;
    }
    const found = await runWork(SAS, (work) =>
      reconcile(work, { venueId, machineId, reason, unreconciled, read }),
    );
    // A transfer came between: its end has it compared again.
    if (!found) return;
    compared.add(machineId);
    const { outcome } = found;
    if (outcome === 'EQUAL') return;
    logger[outcome === 'BASELINE' ? 'info' : 'warn'](
      { line: line.name, machine: machineId, reason, outcome },
      'transfers compared with meters',
    );
  }

  return {
    wake: loop.wake,
    returned: (machineId) => void identified.delete(machineId),
    identified(machineId) {
      identified.add(machineId);
      retryAtMs.delete(machineId);
      loop.wake();
    },
    async [Symbol.asyncDispose]() {
      isOver = true;
      await loop[Symbol.asyncDispose]();
    },
  };
}

interface Due {
  readonly standing: ReconciliationStanding;
  readonly reason: ReconciliationReason;
}
