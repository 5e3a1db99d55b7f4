import type { Random } from '../sas/codec/generated/random.ts';

/** Which fields can be selected of a type, and of those that are things which of theirs. */
export interface Selectable {
  readonly type: string;
  readonly fields: Readonly<Record<string, Selectable | null>>;
}

/** Everything at once. */
export const allOf = ({ fields }: Selectable): string =>
  `{ __typename ${Object.entries(fields)
    .map(([name, inner]) => `${name} ${inner ? allOf(inner) : ''}`)
    .join(' ')} }`;

/** Some of it as clients ask: under other names, twice, in fragments, out of order. */
export function someOf(
  random: Random,
  selectable: Selectable,
): { readonly selection: string; readonly fragments: string } {
  const named: string[] = [];
  return { selection: selection(selectable), fragments: named.join('\n') };

  function selection({ type, fields }: Selectable): string {
    const names = Object.keys(fields);
    const wanted = Array.from(
      { length: 1 + random.below(names.length) },
      () => names[random.below(names.length)] ?? '',
    );
    return `{ ${wanted.map((name) => wrapped(type, asked(name, fields[name] ?? null))).join(' ')} }`;
  }

  function asked(name: string, inner: Selectable | null): string {
    const below = inner ? selection(inner) : '';
    const chance = random.below(6);
    if (chance === 0) return `__typename ${name} ${below}`;
    return chance === 1 ? `also_${name}: ${name} ${below}` : `${name} ${below}`;
  }

  function wrapped(type: string, text: string): string {
    const chance = random.below(8);
    if (chance === 0) return `... on ${type} { ${text} }`;
    if (chance === 1) return `... { ${text} }`;
    if (chance !== 2) return text;
    const name = `Part${named.length}`;
    named.push(`fragment ${name} on ${type} { ${text} }`);
    return `...${name}`;
  }
}
