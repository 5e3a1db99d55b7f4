import { system } from '../lib/actor.ts';
import { createBatching } from '../lib/batching.ts';
import type { Author, RunWork } from '../work.ts';
import type { LedgerCommand, Outcome } from './ledger.ts';
import { applyToLedger } from './ledger-service.ts';

/** A command of nobody's larger work, and who asks for it. */
export type StandaloneCommand = LedgerCommand & { readonly author: Author };

/** Does what stands alone in the ledger: alone when nothing is under way, together with all that waited otherwise. */
export interface PostingQueue {
  /**
   * @throws DatabaseUnavailableError, TimeoutError: then it is not known whether it was done, and its key
   * may be used again to find out
   */
  apply(command: StandaloneCommand): Promise<Outcome>;
}

/** How many go together at most: one transaction stays short. */
const MAX_BATCH = 128;

const LEDGER = system('ledger');

export function createPostingQueue({ runWork }: { readonly runWork: RunWork }): PostingQueue {
  return {
    apply: createBatching<StandaloneCommand, Outcome>({
      take: (commands) => runWork(LEDGER, (work) => applyToLedger(work, commands)),
      maxSize: MAX_BATCH,
    }),
  };
}
