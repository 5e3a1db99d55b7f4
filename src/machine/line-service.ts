import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { LineUnavailableError } from './errors.ts';
import { findLine } from './line-store.ts';

/**
 * Passes where somebody speaks on the line of a machine that was not reached: then it is the machine that does not
 * answer.
 *
 * @throws LineUnavailableError
 */
export async function demandLine(
  db: Kysely<Database>,
  { lineId }: { readonly lineId: string },
): Promise<void> {
  const line = await findLine(db, lineId);
  if (line && line.state !== 'UP') throw new LineUnavailableError(line);
}
