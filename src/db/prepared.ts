import type { QueryConfig } from 'pg';

/** Statements that have come so often are prepared. */
const OFTEN = 5;
/** Each is kept by every connection, with its plan: some 20 kB. */
const MOST_NAMED = 200;
/** Texts that are counted and have no name yet; the one that came first is forgotten for another. */
const MOST_COUNTED = 1_000;

/** Names the statements that come again and again: PostgreSQL parses and plans them once on each connection. */
export interface StatementNames {
  /** What pg is asked. */
  query(text: string, values: readonly unknown[]): QueryConfig<unknown[]>;
}

/**
 * Plans are generic either way (`plan_cache_mode`), so a name changes what a statement costs and not what it does.
 * Without one are statements without parameters, of which several may be one text, and those that ask for `*`:
 * a prepared statement fails for good when another process migrates its table.
 */
export function createStatementNames(): StatementNames {
  const names = new Map<string, string>();
  const uses = new Map<string, number>();

  function nameOf(text: string): string | undefined {
    const known = names.get(text);
    if (known !== undefined || names.size === MOST_NAMED) return known;
    const count = (uses.get(text) ?? 0) + 1;
    if (count < OFTEN) {
      uses.set(text, count);
      const [oldest] = uses.keys();
      if (uses.size > MOST_COUNTED && oldest !== undefined) uses.delete(oldest);
      return undefined;
    }
    uses.delete(text);
    const name = `floorwire ${names.size + 1}`;
    names.set(text, name);
    return name;
  }

  return {
    query(text, values) {
      const isFit = values.length > 0 && !asksForAll(text);
      const name = isFit ? nameOf(text) : undefined;
      return { text, values: [...values], ...(name !== undefined && { name }) };
    },
  };
}

/** `*` for columns, and not for a count or a product. */
const asksForAll = (text: string): boolean => /(?:\b(?:select|distinct|returning)|[,.])\s*\*/i.test(text);
