import type { SystemActor } from '../lib/actor.ts';
import { startWakeable, type Wakeable } from '../lib/wakeable.ts';
import type { EventType, LoggedEvent } from './events.ts';
import {
  deleteLeftover,
  keepLeftover,
  type Leftover,
  lockDueLeftover,
  postponeLeftover,
} from './leftover-store.ts';
import { readLog } from './log.ts';
import { isItsFault, type Reactor, type ReactorOptions, type ReactorWork } from './reaction.ts';

const FIRST_MS = 10_000;
const LONGEST_MS = 15 * 60_000;
/** However many there are, what fails again takes so little of the database. */
const PAUSE_MS = 200;

/** Leaves an event for later; that commits with what passes it. */
export const setAside = (
  { tx, now }: ReactorWork,
  name: string,
  { position }: Pick<LoggedEvent, 'position'>,
): Promise<void> => keepLeftover(tx, name, { position, tries: 0, tryAt: nextTry(now, 0) });

/** Tries again what a reactor has set aside, ever more seldom, until it works or the log has forgotten it. */
export function startLeftovers<T extends EventType, W extends ReactorWork>(
  reactor: Reactor<T, W>,
  { runWork, onError, actor }: ReactorOptions<W> & { readonly actor: SystemActor },
): Wakeable {
  const { name } = reactor;
  const tryOne = async (): Promise<'idle' | 'again' | number> => {
    const found: Leftover[] = [];
    try {
      return await runWork(actor, async (work) => {
        const leftover = await lockDueLeftover(work.tx, name, work);
        if (!leftover) return 'idle';
        found[0] = leftover;
        await deleteLeftover(work.tx, name, leftover);
        const event = await readAt(work, leftover.position);
        // That it is one of its types was part of the query that found it first.
        if (event) await reactor.react(work, event as LoggedEvent<T>);
        else onError(new Error(`reactor ${name} can no longer do what it set aside at ${leftover.position}`));
        return 'again';
      });
    } catch (error) {
      const [leftover] = found;
      if (!leftover || !isItsFault(error)) throw error;
      const tries = leftover.tries + 1;
      await runWork(actor, ({ tx, now }) =>
        postponeLeftover(tx, name, { ...leftover, tries, tryAt: nextTry(now, tries) }),
      );
      onError(new Error(`reactor ${name} still fails at ${leftover.position}`, { cause: error }));
      return PAUSE_MS;
    }
  };
  return startWakeable({ idleMs: FIRST_MS, onError, run: tryOne });
}

async function readAt({ tx }: ReactorWork, position: bigint): Promise<LoggedEvent | null> {
  const [event] = await readLog(tx, { after: position - 1n, limit: 1 });
  return event?.position === position ? event : null;
}

const nextTry = (now: Date, tries: number): Date =>
  new Date(now.getTime() + Math.min(FIRST_MS * 2 ** tries, LONGEST_MS));
