import { type Kysely, sql } from 'kysely';
import { shifted } from '../db/instant.ts';
import type { Database } from '../db/schema.ts';

/** Lines that nobody drives for longer than that: their driver vanished, or gave them back and nobody took them. */
export async function listUndriven(db: Kysely<Database>, after?: Patience): Promise<readonly string[]> {
  const rows = await undriven(db, after).select('lease.line_id').execute();
  return rows.map((row) => row.line_id);
}

interface Patience {
  /** A driver whose lease has expired may be about to come back: it looks as often as it has to. */
  readonly lostForMs: number;
  /** A line that was given back is about to be taken by the next driver, or by the same one started anew. */
  readonly releasedForMs: number;
}

const PATIENCE: Patience = { lostForMs: 2_000, releasedForMs: 10_000 };

/** The lines that nobody drives any more, and are not known as such. */
export const undriven = (db: Kysely<Database>, { lostForMs, releasedForMs } = PATIENCE) =>
  db
    .selectFrom('sas_line_lease as lease')
    .innerJoin('sas_line', 'sas_line.id', 'lease.line_id')
    .leftJoin('sas_line_status as status', 'status.line_id', 'lease.line_id')
    .where((eb) =>
      eb.or([
        eb('lease.expires_at', '<', ago(lostForMs)).and('lease.holder', 'is not', null),
        eb('lease.released_at', '<', ago(releasedForMs))
          .and('status.state', '=', 'UP')
          .and('sas_line.removed_at', 'is', null),
      ]),
    );

const ago = (ms: number) => shifted(sql<Date>`clock_timestamp()`, -ms);
