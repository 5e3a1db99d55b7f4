import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { grouped } from '../lib/grouped.ts';
import type { Logger } from '../lib/logger.ts';
import { startWakeable, type Wakeable } from '../lib/wakeable.ts';
import type { LineIngest } from './ingest.ts';
import type { Jackpot } from './jackpot.ts';
import { listJackpots } from './jackpot-store.ts';
import type { SasLine } from './machine.ts';

/** A lost wake-up costs at most this. */
const IDLE_MS = 5_000;

/** Keeps a line's machines told what the jackpots of its venue stand at. To be woken when one changed. */
export function startProgressives({
  line,
  host,
  db,
  logger,
}: {
  readonly line: SasLine;
  readonly host: Pick<LineIngest['host'], 'setProgressives'>;
  readonly db: Kysely<Database>;
  readonly logger: Logger;
}): Wakeable {
  let told: ReadonlyMap<number, string> = new Map();

  return startWakeable({
    idleMs: IDLE_MS,
    onError: (error) => logger.warn({ err: error, line: line.name }, 'jackpots not read yet'),
    async run() {
      const groups = grouped(await listJackpots(db, line.venueId), ({ group }) => group);
      for (const group of told.keys()) if (!groups.has(group)) host.setProgressives(group, []);
      for (const [group, jackpots] of groups)
        if (told.get(group) !== standingOf(jackpots)) host.setProgressives(group, jackpots);
      told = new Map(Array.from(groups, ([group, jackpots]) => [group, standingOf(jackpots)]));
      return 'idle';
    },
  });
}

const standingOf = (jackpots: readonly Jackpot[]): string =>
  jackpots.map(({ level, cents }) => `${level}:${cents}`).join();
