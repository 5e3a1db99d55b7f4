import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { LoggedEvent } from '../events/events.ts';
import { type JobOptions, type RetentionOptions, startRetention } from '../job.ts';
import { system } from '../lib/actor.ts';
import { startWakeable, WATCHED_MS, type Wakeable } from '../lib/wakeable.ts';
import { listWatched, type Moved } from './alert-rule-store.ts';
import { pruneAlerts } from './alert-store.ts';
import { movedBy } from './moving.ts';
import { lookAtDue, lookAtMoved } from './watching-service.ts';

const BATCH = 100;
/** What happens in so short a time is looked at once. */
const TOGETHER_MS = 100;
const JOBS = system('alert-jobs');

/** Looks at what is watched: when it is time, and when it hears of something that may have moved it. */
export interface AlertWatch extends Wakeable {
  hear(event: LoggedEvent): void;
}

/**
 * Any number of processes may run it: each rule is looked at by one of them at a time. Of what nobody watches it asks
 * nothing. What it fails to look at, or does not hear of, is looked at when it is due.
 */
export function startAlertWatch({
  db,
  runWork,
  onError,
}: JobOptions & { readonly db: Kysely<Database> }): AlertWatch {
  /** What rules in force are about; null: they may be others than they were. */
  let watched: ReadonlySet<string> | null = null;
  let rulesChanged = 0;
  const moved = new Map<string, Moved>();
  let timer: NodeJS.Timeout | undefined;

  async function readWatched(): Promise<ReadonlySet<string>> {
    const before = rulesChanged;
    const read = new Set((await listWatched(db)).map(nameOf));
    if (rulesChanged === before) watched = read;
    return read;
  }

  const watch = startWakeable({
    idleMs: WATCHED_MS,
    onError,
    async run() {
      const heard = [...moved.values()];
      moved.clear();
      if (heard.length > 0) {
        const known = watched ?? (await readWatched());
        const toLookAt = heard.filter((one) => known.has(nameOf(one)));
        if (toLookAt.length > 0) await runWork(JOBS, (work) => lookAtMoved(work, toLookAt));
      }
      return (await runWork(JOBS, (work) => lookAtDue(work, { limit: BATCH }))) === BATCH ? 'again' : 'idle';
    },
  });

  return {
    wake: watch.wake,
    hear(event) {
      if (event.type.startsWith('alert.rule-')) {
        watched = null;
        rulesChanged += 1;
      }
      const { venueId } = event;
      const wanted = movedBy(event).filter((metric) => watched?.has(nameOf({ venueId, metric })) ?? true);
      if (wanted.length === 0) return;
      for (const metric of wanted) moved.set(nameOf({ venueId, metric }), { venueId, metric });
      timer ??= setTimeout(() => {
        timer = undefined;
        watch.wake();
      }, TOGETHER_MS);
    },
    async [Symbol.asyncDispose]() {
      clearTimeout(timer);
      await watch[Symbol.asyncDispose]();
    },
  };
}

const nameOf = ({ venueId, metric }: Moved): string => `${venueId} ${metric}`;

/** Forgets alerts that have been over for long. */
export const startAlertRetention = (options: RetentionOptions): Wakeable =>
  startRetention(options, { actor: JOBS, forget: pruneAlerts });
