import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { newId } from '../lib/ids.ts';
import type { CommandCaller } from './command-desk.ts';
import type { Discovery } from './discovery.ts';
import { type DiscoveryRequest, requestDiscovery } from './discovery-service.ts';
import { findDiscovery } from './discovery-store.ts';
import { LineUnavailableError } from './errors.ts';
import { createExpectations } from './expectations.ts';

/** Asks for searches, and waits until whichever process drives the line has begun them. */
export interface DiscoveryDesk {
  /**
   * Resolves once the search is under way; what it finds is told by events.
   *
   * @throws what `requestDiscovery` throws; LineUnavailableError also when nobody begins it in time
   */
  request(caller: CommandCaller, request: Omit<DiscoveryRequest, 'id' | 'timeoutMs'>): Promise<Discovery>;
  /** To be called with the line of every search that the log says has begun. */
  started(lineId: string): void;
}

/** How much later than its expiry a caller is told that nobody begins. */
const GRACE_MS = 1_000;

export function createDiscoveryDesk(options: {
  readonly db: Kysely<Database>;
  readonly timeoutMs: number;
}): DiscoveryDesk {
  const { db, timeoutMs } = options;
  const beginnings = createExpectations();
  return {
    async request({ actor, runWork }, request) {
      const id = newId();
      using beginning = beginnings.expect(request.lineId);
      const wanted = await runWork(actor, (work) => requestDiscovery(work, { ...request, id, timeoutMs }));
      if (wanted.startedAt) return wanted;
      await beginning.within(timeoutMs + GRACE_MS);
      const begun = await findDiscovery(db, wanted);
      if (begun?.startedAt) return begun;
      throw new LineUnavailableError({ id: wanted.lineId, cause: null });
    },
    started: beginnings.happened,
  };
}
