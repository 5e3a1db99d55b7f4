import type pg from 'pg';
import type { BackupTable } from './backup-format.ts';

interface ColumnRow {
  readonly table_name: string;
  readonly column_name: string;
  readonly sequence: string | null;
}

/** Every table but the book of migrations, each behind those it refers to. */
export async function listTables(client: pg.Client): Promise<readonly BackupTable[]> {
  const { rows } = await client.query<ColumnRow>(`
    select table_name, column_name,
      case when is_identity = 'YES' then pg_get_serial_sequence(quote_ident(table_name), column_name) end as sequence
    from information_schema.columns join information_schema.tables using (table_schema, table_name)
    where table_schema = 'public' and table_type = 'BASE TABLE' and table_name <> 'schema_migration'
      and is_generated = 'NEVER'
    order by table_name, ordinal_position`);
  const names = [...new Set(rows.map(({ table_name }) => table_name))];
  const tables = await Promise.all(names.map((name) => toTable(client, name, rows)));
  const byName = new Map(tables.map((table) => [table.table, table]));
  const references = await listReferences(client);
  return inOrder(names, references).flatMap((name) => byName.get(name) ?? []);
}

async function toTable(client: pg.Client, table: string, rows: readonly ColumnRow[]): Promise<BackupTable> {
  const columns = rows.filter(({ table_name }) => table_name === table);
  const numbered = columns.find(({ sequence }) => sequence !== null);
  if (!numbered?.sequence)
    return { table, columns: columns.map(({ column_name }) => column_name), sequence: null };
  const { rows: found } = await client.query<{ last: string }>(
    `select last_value::text as last from ${numbered.sequence}`,
  );
  return {
    table,
    columns: columns.map(({ column_name }) => column_name),
    sequence: { column: numbered.column_name, last: found[0]?.last ?? '1' },
  };
}

interface Reference {
  readonly from: string;
  readonly to: string;
}

/** Those that hold statement by statement; what is judged at the end of a transaction asks for no order. */
async function listReferences(client: pg.Client): Promise<readonly Reference[]> {
  const { rows } = await client.query<Reference>(`
    select distinct conrelid::regclass::text as from, confrelid::regclass::text as to
    from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace and conrelid <> confrelid
      and not condeferred`);
  return rows;
}

/** Each name behind those it refers to. */
export function inOrder(names: readonly string[], references: readonly Reference[]): readonly string[] {
  const ordered = new Set<string>();
  let left = [...names];
  while (left.length > 0) {
    const ready = left.filter((name) =>
      references.every(({ from, to }) => from !== name || ordered.has(to) || !names.includes(to)),
    );
    if (ready.length === 0)
      throw new Error(`these tables refer to each other in a circle: ${left.join(', ')}`);
    for (const name of ready) ordered.add(name);
    left = left.filter((name) => !ordered.has(name));
  }
  return [...ordered];
}
