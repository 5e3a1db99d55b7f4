import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { system } from '../lib/actor.ts';
import type { Logger } from '../lib/logger.ts';
import { startWakeable, type Wakeable } from '../lib/wakeable.ts';
import type { RunWork } from '../work.ts';
import type { Sighting } from './discovered-address.ts';
import { type Discovery, stateOfDiscovery, totalOf } from './discovery.ts';
import { finishDiscovery, recordDiscoveryProgress, startDiscovery } from './discovery-service.ts';
import { findDiscovery } from './discovery-store.ts';
import type { LineIngest } from './ingest.ts';
import { findLine } from './line-store.ts';
import type { SasLine } from './machine.ts';

export interface DiscoveryRunnerOptions {
  readonly line: SasLine;
  readonly ingest: { readonly host: Pick<LineIngest['host'], 'discover'> };
  readonly db: Kysely<Database>;
  /** Refuses what this process may not write about the line any more. */
  readonly runWork: RunWork;
  readonly logger: Logger;
}

/** A search that the host has been told of. */
interface Search {
  readonly discovery: Discovery;
  asked: number;
  /** How much of `asked` is on record. */
  recorded: number;
  /** Null until the host is done. */
  found: readonly Sighting[] | null;
}

const SAS = system('sas');
/** A lost wake-up costs at most this. */
const IDLE_MS = 5_000;
/** The port of a line that was taken just now is about to be open. */
const SOON_MS = 250;
/** How often progress is told. */
const PARTS = 10;

/** Carries out the searches for machines on one line. One that an earlier driver has begun goes on where that was. */
export function startDiscoveryRunner(options: DiscoveryRunnerOptions): Wakeable {
  const { line, ingest, db, runWork, logger } = options;
  let search: Search | null = null;

  const loop = startWakeable({
    idleMs: IDLE_MS,
    onError: (error) => logger.warn({ err: error, line: line.name }, 'search for machines not on record yet'),
    async run() {
      const wanted = search ? null : await findWanted();
      if (wanted) {
        const running = await begun(wanted);
        if (!running) return SOON_MS;
        search = look(running);
      }
      if (!search) return 'idle';
      const { discovery, found, asked } = search;
      if (found) {
        await runWork(SAS, (work) => finishDiscovery(work, discovery, found));
        logger.info({ line: line.name, found: found.length }, 'machines were looked for');
        search = null;
        return 'again';
      }
      if (partOf(search, asked) > partOf(search, search.recorded)) {
        await runWork(SAS, (work) => recordDiscoveryProgress(work, discovery, asked));
        search.recorded = asked;
      }
      return 'idle';
    },
  });

  async function findWanted(): Promise<Discovery | null> {
    const last = await findDiscovery(db, { venueId: line.venueId, lineId: line.id });
    return last && stateOfDiscovery(last) !== 'FINISHED' ? last : null;
  }

  /** Null while the port is not open. */
  async function begun(wanted: Discovery): Promise<Discovery | null> {
    if (wanted.startedAt) return wanted;
    const now = await findLine(db, line.id);
    return now?.state === 'UP' ? await runWork(SAS, (work) => startDiscovery(work, wanted)) : null;
  }

  function look(discovery: Discovery): Search {
    const { fromAddress: from, toAddress: to, asked } = discovery;
    const looking: Search = { discovery, asked, recorded: asked, found: null };
    const onProgress = (progress: { readonly asked: number }) => {
      looking.asked = progress.asked;
      loop.wake();
    };
    ingest.host.discover({ from, to, asked, onProgress }).then(
      (found) => {
        looking.found = found;
        loop.wake();
      },
      // The host ended before: whoever drives the line next goes on.
      () => {},
    );
    return looking;
  }

  return loop;
}

const partOf = ({ discovery }: Search, asked: number): number =>
  Math.floor((PARTS * Math.min(asked, totalOf(discovery) - 1)) / totalOf(discovery));
