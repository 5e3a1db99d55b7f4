import type pg from 'pg';
import { SEALED_COLUMNS, type SealedColumn, type SealedValue } from '../auth/sealed-columns.ts';
import { createSealer, type SecretKeys } from '../auth/sealing.ts';
import { DatabaseSetupError } from '../db/errors.ts';

/** What of which tables has to be opened. A backup of an older floorwire has not all that are sealed today. */
export interface Sealed {
  readonly keys: SecretKeys;
  readonly tables: readonly string[];
}

/** As long as another key is given, no server starts on what was restored. @throws DatabaseSetupError */
export async function refuseOtherSecret(client: pg.Client, sealed: Sealed): Promise<void> {
  for await (const _column of unopened(client, sealed))
    throw new DatabaseSetupError(
      'SECRET_KEY does not open what is sealed in the backup. Set it to that of the server it was taken of, or copy ' +
        'the file secret of that DATA_DIR into this one; where nobody has it any more, restore with --without-secret.',
    );
}

/** Deletes what nobody can open any more. Answers how many rows of each table. */
export async function forgetUnopened(
  client: pg.Client,
  sealed: Sealed,
): Promise<Readonly<Record<string, number>>> {
  const forgotten: Record<string, number> = {};
  for await (const { table, boundTo, owners } of unopened(client, sealed)) {
    await client.query(
      `delete from ${client.escapeIdentifier(table)} where ${client.escapeIdentifier(boundTo)}::text = any($1)`,
      [owners],
    );
    forgotten[table] = owners.length;
  }
  return forgotten;
}

/** The columns with something in them that these keys do not open, and whose it is. */
async function* unopened(
  client: pg.Client,
  { keys, tables }: Sealed,
): AsyncGenerator<SealedColumn & { readonly owners: readonly string[] }> {
  for (const sealedColumn of SEALED_COLUMNS) {
    const { table, column, boundTo, purpose } = sealedColumn;
    if (!tables.includes(table)) continue;
    const sealer = createSealer(keys, purpose);
    const { rows } = await client.query<SealedValue>(
      `select ${client.escapeIdentifier(boundTo)}::text as owner, ${client.escapeIdentifier(column)} as sealed
       from ${client.escapeIdentifier(table)}`,
    );
    const owners = rows.flatMap(({ owner, sealed }) => (sealer.opens(sealed, owner) ? [] : [owner]));
    if (owners.length > 0) yield { ...sealedColumn, owners };
  }
}
