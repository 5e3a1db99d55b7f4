import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { system } from '../lib/actor.ts';
import { startWakeable } from '../lib/wakeable.ts';
import type { RunWork } from '../work.ts';
import { type Driver, type LeaseTimes, QUIET_MS, thisMoment } from './line-lease.ts';
import { releaseLine, takeLine } from './line-lease-service.ts';
import { renewLeases } from './line-lease-store.ts';
import { beginTenure, type Tenure } from './tenure.ts';

/** The leases of one process: taken one by one, renewed together. */
export interface LineLeases extends AsyncDisposable {
  /** Null while another process drives the line. */
  take(lineId: string): Promise<Tenure | null>;
  /** Ends a tenure, over or not, so that any driver may take the line, after a silence where it is not settled. */
  release(tenure: Tenure, line: { readonly isSettled: boolean }): Promise<void>;
}

export interface LineLeasesOptions {
  readonly runWork: RunWork;
  /** Where leases are renewed: a connection that nothing else waits for. */
  readonly db: Kysely<Database>;
  readonly driver: Driver;
  readonly times: LeaseTimes;
  readonly onError: (error: unknown) => void;
}

const LEASES = system('sas');
/** After a renewal that failed. */
const RETRY_MS = 500;

export function startLineLeases({ runWork, db, driver, times, onError }: LineLeasesOptions): LineLeases {
  const { leaseMs, renewalMs } = times;
  const held = new Set<Tenure>();

  const loop = startWakeable({
    idleMs: Math.min(renewalMs, RETRY_MS),
    onError,
    async run() {
      const tenures = [...held].filter((tenure) => tenure.isCurrent());
      const askedAt = thisMoment();
      const renewed = await renewLeases(
        db,
        tenures.map(({ lease }) => lease),
        leaseMs,
      );
      for (const tenure of tenures) {
        if (renewed.has(tenure.lease.lineId)) tenure.renewed(askedAt);
        else tenure.end();
      }
      return renewalMs;
    },
  });

  return {
    async take(lineId) {
      const askedAt = thisMoment();
      const lease = await runWork(LEASES, (work) => takeLine(work, lineId, { driver, leaseMs }));
      if (!lease) return null;
      const tenure = beginTenure(lease, { termMs: leaseMs - QUIET_MS, askedAt });
      held.add(tenure);
      tenure.over.addEventListener('abort', () => held.delete(tenure));
      return tenure;
    },
    async release(tenure, { isSettled }) {
      tenure.end();
      const quietMs = isSettled ? 0 : QUIET_MS;
      await runWork(LEASES, (work) => releaseLine(work, tenure.lease, { driver, quietMs }));
    },
    [Symbol.asyncDispose]: () => loop[Symbol.asyncDispose](),
  };
}
