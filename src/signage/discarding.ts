import type { Actor } from '../lib/actor.ts';
import type { RunWork } from '../work.ts';
import type { Storage } from './storage.ts';
import { condemn, deleteCondemned } from './stored-file-store.ts';

/**
 * Nothing stays of a file that was refused while it arrived; one that was kept after all stays. What cannot be deleted
 * now is by who sweeps (`sweepFiles`).
 *
 * @param signal lets go of a storage that is far away
 */
export async function discard(
  { runWork, storage }: { readonly runWork: RunWork; readonly storage: Storage },
  { id, actor, signal }: { readonly id: string; readonly actor: Actor; readonly signal: AbortSignal },
): Promise<void> {
  const isNobodys = await runWork(actor, ({ tx, now }) => condemn(tx, id, now));
  if (!isNobodys || signal.aborted) return;
  await storage.delete(id, signal);
  await runWork(actor, ({ tx }) => deleteCondemned(tx, [id]));
}
