import { keyed } from '../parking/keyed.ts';
import { doneOf } from '../wallet/keyed.ts';
import type { Work } from '../work.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';

/** What somebody asks for, under which key of his own, and how it is done: `act` gives the id of what it is done to. */
export interface Asked {
  readonly key: string | null | undefined;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly act: (work: Work) => Promise<string>;
}

/** Does what was asked for, once by its key. @throws IdempotencyMismatchError, and what `act` throws */
export async function doOnce(
  context: Context,
  { key, parameters, act }: Asked,
): Promise<{ readonly id: string; readonly isReplay: boolean }> {
  const venueId = venueIdOf(context);
  const outcome = await context.runWork(context.actor, (work) =>
    keyed(work, { venueId, key: key ?? null, parameters }, act),
  );
  return doneOf(outcome);
}
