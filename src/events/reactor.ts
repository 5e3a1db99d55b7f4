import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { system } from '../lib/actor.ts';
import { startWakeable, WATCHED_MS, type Wakeable } from '../lib/wakeable.ts';
import type { EventType, LoggedEvent } from './events.ts';
import { setAside, startLeftovers } from './leftover.ts';
import { isAmong, readHead, readLog } from './log.ts';
import { isItsFault, type Reactor, type ReactorOptions, type ReactorWork } from './reaction.ts';

const BATCH = 50;
/** After this it looks whether a process that was at it died, and tries again what failed. */
const RETRY_MS = 1_000;
/** So many events of others are passed at a time: not each is worth a write, and they are not read again and again. */
const FAR = 1_000n;
const LOCK_SPACE = 7307812;
/** So often an event is tried by itself before a reactor goes on without it: for some seconds where that is for good. */
const MAX_TRIES = { LEAVE_OUT: 5, SET_ASIDE: 1 } as const;

/** Whether an event is a reason to wake it. */
export const isFor = (
  { types, narrowed = [] }: Pick<Reactor<EventType, never>, 'types' | 'narrowed'>,
  event: Pick<LoggedEvent, 'type' | 'payload'>,
): boolean => types.includes(event.type) && isAmong(narrowed, event);

/** Runs a reactor in this process, to be woken with its events; one process at a time makes progress. */
export function startReactor<T extends EventType, W extends ReactorWork>(
  reactor: Reactor<T, W>,
  { runWork, onError }: ReactorOptions<W>,
): Wakeable {
  const actor = system(`reactor:${reactor.name}`);
  const seen: Seen = { head: null };
  const next = (of: Reactor<T, W>, limit: number) =>
    runWork(actor, (work) => reactToBatch(work, of, { limit, seen }));
  const run = goingOn(reactor, { next, onError });
  let isKnown = false;
  const running = startWakeable({
    idleMs: WATCHED_MS,
    retryMs: RETRY_MS,
    onError,
    async run() {
      if (!isKnown) await runWork(actor, ({ tx }) => keepInterest(tx, reactor));
      isKnown = true;
      return await run();
    },
  });
  if (reactor.whenItFails === 'LEAVE_OUT') return running;
  const leftovers = startLeftovers(reactor, { runWork, onError, actor });
  return {
    wake: running.wake,
    async [Symbol.asyncDispose]() {
      await Promise.all([running, leftovers].map((one) => one[Symbol.asyncDispose]()));
    },
  };
}

type Outcome = 'again' | 'idle' | typeof RETRY_MS;

/** Up to where the log is known to hold nothing for a reactor that it has not reacted to; null before that is known. */
interface Seen {
  head: bigint | null;
}

/** Runs a reactor that waits for what it fails on for some seconds. */
function goingOn<T extends EventType, W extends ReactorWork>(
  reactor: Reactor<T, W>,
  {
    next,
    onError,
  }: Pick<ReactorOptions<W>, 'onError'> & {
    readonly next: (of: Reactor<T, W>, limit: number) => Promise<Outcome>;
  },
): () => Promise<Outcome> {
  /** A batch fails as one: so many events are taken one by one then, to find which it is. */
  let suspects = 0;
  let failed = { position: -1n, times: 0 };
  let passed = -1n;

  return async () => {
    const tried: LoggedEvent<T>[] = [];
    const watched: Reactor<T, W> = {
      ...reactor,
      async react(work, event) {
        tried.push(event);
        if (event.position !== passed) await reactor.react(work, event);
        else if (reactor.whenItFails === 'SET_ASIDE') await setAside(work, reactor.name, event);
      },
    };
    try {
      const outcome = await next(watched, suspects > 0 ? 1 : BATCH);
      suspects = Math.max(suspects - tried.length, 0);
      return outcome;
    } catch (error) {
      const event = tried.at(-1);
      if (!event || !isItsFault(error)) throw error;
      if (suspects > 0) {
        const { position } = event;
        failed = { position, times: failed.position === position ? failed.times + 1 : 1 };
        if (failed.times === MAX_TRIES[reactor.whenItFails]) {
          passed = position;
          const what = `reactor ${reactor.name} goes on without ${event.type}, which it failed on at ${position}`;
          onError(new Error(what, { cause: error }));
          return 'again';
        }
      } else suspects = BATCH;
      throw error;
    }
  };
}

/** Says what this reactor waits for: the log does not forget it before it was passed. */
async function keepInterest(
  tx: Transaction<Database>,
  { name, types }: { readonly name: string; readonly types: readonly EventType[] },
): Promise<void> {
  await tx
    .insertInto('reactor')
    .values({ name, types, position: 0n })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ types }))
    .execute();
}

async function reactToBatch<T extends EventType, W extends ReactorWork>(
  work: W,
  reactor: Reactor<T, W>,
  { limit, seen }: { readonly limit: number; readonly seen: Seen },
): Promise<Outcome> {
  // Most often nothing has happened at all.
  if (seen.head !== null && (await readHead(work.tx)) === seen.head) return 'idle';
  const lock = await sql<{ held: boolean }>`
    select pg_try_advisory_xact_lock(${LOCK_SPACE}, hashtext(${reactor.name})) as held`.execute(work.tx);
  if (!lock.rows[0]?.held) return RETRY_MS;

  const { types, narrowed = [] } = reactor;
  const row = await work.tx
    .selectFrom('reactor')
    .select('position')
    .where('name', '=', reactor.name)
    .executeTakeFirst();
  const after = row?.position ?? 0n;
  // Before the events: up to here none is missed.
  const head = await readHead(work.tx);
  const events = await readLog(work.tx, { after, limit, types, narrowed });
  const isMore = events.length === limit;
  const last = events.at(-1)?.position ?? after;
  const position = isMore || last > head ? last : head;
  // What it leaves out of its types holds the log like the rest, until it is passed.
  const holdsLog = async () =>
    narrowed.length > 0 && (await readLog(work.tx, { after, limit: 1, types })).length > 0;
  if (events.length === 0 && position < after + FAR && !(await holdsLog())) {
    seen.head = head;
    return 'idle';
  }

  // `types` was part of the query.
  for (const event of events) await reactor.react(work, event as LoggedEvent<T>);
  await work.tx
    .updateTable('reactor')
    .set({ position, moved_at: work.now })
    .where('name', '=', reactor.name)
    .execute();
  return isMore ? 'again' : 'idle';
}
