import { system } from '../lib/actor.ts';
import type { RunWork, Work } from '../work.ts';
import {
  findSealedValues,
  lockSealedColumn,
  replaceSealedValue,
  SEALED_COLUMNS,
  type SealedColumn,
} from './sealed-columns.ts';
import { createSealer, type SecretKeys } from './sealing.ts';
import { listAllVenues } from './venue-store.ts';

/** What came of one column. */
export interface Rewrapped {
  readonly table: string;
  /** Sealed with SECRET_KEY now, and with the old one before. */
  readonly rewrapped: number;
  /** Sealed with SECRET_KEY already. */
  readonly untouched: number;
}

/**
 * Seals everything that the old SECRET_KEY opens with the new one: all of it or, when one value opens
 * with neither, nothing. Run again, it finds nothing left to do. Takes the rights of the database's owner.
 *
 * @throws KeyDecryptionError
 */
export async function rewrapSecrets({
  runWork,
  ...keys
}: SecretKeys & { readonly runWork: RunWork }): Promise<readonly Rewrapped[]> {
  return await runWork(system('cli'), async (work) => {
    const outcomes: Rewrapped[] = [];
    for (const column of SEALED_COLUMNS) outcomes.push(await rewrapColumn(work, column, keys));
    const rewrapped = outcomes.reduce((sum, each) => sum + each.rewrapped, 0);
    if (rewrapped === 0) return outcomes;
    // What is sealed belongs to no venue, and events do: each venue's log says it.
    for (const { id: venueId } of await listAllVenues(work.tx))
      work.emit({ type: 'auth.secrets-rewrapped', venueId, count: rewrapped });
    return outcomes;
  });
}

async function rewrapColumn({ tx }: Work, column: SealedColumn, keys: SecretKeys): Promise<Rewrapped> {
  const { table, purpose } = column;
  const current = createSealer({ secretKey: keys.secretKey }, purpose);
  const either = createSealer(keys, purpose);
  await lockSealedColumn(tx, column);
  let [rewrapped, untouched] = [0, 0];
  for (const { owner, sealed } of await findSealedValues(tx, column)) {
    if (current.opens(sealed, owner)) {
      untouched += 1;
      continue;
    }
    const secret = either.open(sealed, owner);
    await replaceSealedValue(tx, column, { owner, sealed: current.seal(secret, owner) });
    rewrapped += 1;
  }
  return { table, rewrapped, untouched };
}
