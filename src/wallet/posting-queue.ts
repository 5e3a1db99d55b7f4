import { system } from '../lib/actor.ts';
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

interface Waiting {
  readonly command: StandaloneCommand;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

/** How many go together at most: one transaction stays short. */
const MAX_BATCH = 128;

const LEDGER = system('ledger');

export function createPostingQueue({ runWork }: { readonly runWork: RunWork }): PostingQueue {
  const waiting: Waiting[] = [];
  let isBusy = false;

  async function work(): Promise<void> {
    isBusy = true;
    try {
      while (waiting.length > 0) await applyTogether(runWork, waiting.splice(0, MAX_BATCH));
    } finally {
      isBusy = false;
    }
  }

  return {
    apply: (command) =>
      new Promise((resolve, reject) => {
        waiting.push({ command, resolve, reject });
        if (!isBusy) void work();
      }),
  };
}

/** One that makes the call itself fail takes no other with it. */
async function applyTogether(runWork: RunWork, batch: readonly Waiting[]): Promise<void> {
  try {
    const outcomes = await apply(runWork, batch);
    for (const [index, { resolve }] of batch.entries()) resolve(outcomes[index] as Outcome);
  } catch (error) {
    if (batch.length === 1) batch[0]?.reject(error);
    else for (const each of batch) await applyTogether(runWork, [each]);
  }
}

const apply = (runWork: RunWork, batch: readonly Waiting[]) =>
  runWork(LEDGER, (work) =>
    applyToLedger(
      work,
      batch.map(({ command }) => command),
    ),
  );
