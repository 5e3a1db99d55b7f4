import { type FieldNode, type FragmentDefinitionNode, Kind, type SelectionSetNode } from 'graphql';

/**
 * What of some types is written as JSON text at once, without an execution that makes objects of it first: a table
 * of fields for each type, and out of the tables and a selection the function that writes what is selected.
 */
export interface Shape<T, Column, Seen> {
  readonly typename: string;
  /** Those of the schema that the type has. */
  readonly interfaces: readonly string[];
  /** Any other field is left to the execution. */
  readonly fields: Readonly<Record<string, WrittenField<T, Column, Seen>>>;
}

/** Writes a thing as it is shown to who sees it. */
export type Write<T, Seen> = (thing: T, seen: Seen) => string;

/** How a selection is written, and of which columns. */
export interface Writer<T, Column, Seen> {
  readonly columns: readonly Column[];
  readonly write: Write<T, Seen>;
}

export interface Selected {
  readonly selections: readonly SelectionSetNode[];
  readonly fragments: Fragments;
}

export type Fragments = Readonly<Record<string, FragmentDefinitionNode>>;

/** Null: something of what is selected below the field is left to the execution. */
export type WrittenField<T, Column, Seen> = (selected: Selected) => Writer<T, Column, Seen> | null;

/** A field without fields of its own. */
export const value =
  <T, Column, Seen>(columns: readonly Column[], write: Write<T, Seen>): WrittenField<T, Column, Seen> =>
  () => ({ columns, write });

/** A field that is a thing of another type; null: there is none, or it is not for whoever sees. */
export const thing =
  <T, Inner, Column, Seen>(
    columns: readonly Column[],
    shape: Shape<Inner, Column, Seen>,
    find: (thing: T, seen: Seen) => Inner | null,
  ): WrittenField<T, Column, Seen> =>
  (selected) => {
    const inner = writerOf(shape, selected);
    return (
      inner && {
        columns: [...columns, ...inner.columns],
        write(outer, seen) {
          const found = find(outer, seen);
          return found === null ? 'null' : inner.write(found, seen);
        },
      }
    );
  };

/** A field that is a list of things. */
export const things =
  <T, Inner, Column, Seen>(
    columns: readonly Column[],
    shape: Shape<Inner, Column, Seen>,
    list: (thing: T, seen: Seen) => readonly Inner[],
  ): WrittenField<T, Column, Seen> =>
  (selected) => {
    const inner = writerOf(shape, selected);
    return (
      inner && {
        columns: [...columns, ...inner.columns],
        write: (outer, seen) =>
          `[${list(outer, seen)
            .map((each) => inner.write(each, seen))
            .join()}]`,
      }
    );
  };

/** Null: something of what is selected is left to the execution. */
export function writerOf<T, Column, Seen>(
  shape: Shape<T, Column, Seen>,
  selected: Selected,
): Writer<T, Column, Seen> | null {
  const nodes = fieldsOf(shape, selected);
  if (!nodes) return null;
  const columns: Column[] = [];
  const parts: { readonly before: string; readonly write: Write<T, Seen> }[] = [];
  for (const [key, [node, ...others]] of nodes) {
    const writer = node && writerOfField(shape, [node, ...others], selected.fragments);
    if (!writer) return null;
    columns.push(...writer.columns);
    parts.push({ before: `${parts.length === 0 ? '{' : ','}${JSON.stringify(key)}:`, write: writer.write });
  }
  return {
    columns,
    write(thing, seen) {
      let text = '';
      for (const { before, write } of parts) text += before + write(thing, seen);
      return `${text}}`;
    },
  };
}

function writerOfField<T, Column, Seen>(
  { typename, fields }: Shape<T, Column, Seen>,
  nodes: readonly [FieldNode, ...FieldNode[]],
  fragments: Fragments,
): Writer<T, Column, Seen> | null {
  const { name, arguments: given = [] } = nodes[0];
  if (name.value === '__typename') return { columns: [], write: () => `"${typename}"` };
  const field = Object.hasOwn(fields, name.value) ? fields[name.value] : undefined;
  if (!field || given.length > 0) return null;
  return field({ selections: nodes.flatMap(({ selectionSet }) => selectionSet ?? []), fragments });
}

/**
 * What is selected, by the key it is answered under, as an execution collects it; that all of one key agree, the
 * validation has seen. Null: some of it is under a condition.
 */
function fieldsOf<T, Column, Seen>(
  { typename, interfaces }: Shape<T, Column, Seen>,
  { selections, fragments }: Selected,
): ReadonlyMap<string, readonly FieldNode[]> | null {
  const found = new Map<string, FieldNode[]>();
  const seen = new Set<string>();
  const isOf = (type: string | undefined) =>
    type === undefined || type === typename || interfaces.includes(type);

  function collect(selection: SelectionSetNode): boolean {
    return selection.selections.every((node) => {
      if (node.directives && node.directives.length > 0) return false;
      if (node.kind === Kind.FIELD) {
        const key = (node.alias ?? node.name).value;
        found.set(key, [...(found.get(key) ?? []), node]);
        return true;
      }
      if (node.kind === Kind.INLINE_FRAGMENT)
        return !isOf(node.typeCondition?.name.value) || collect(node.selectionSet);
      if (seen.has(node.name.value)) return true;
      seen.add(node.name.value);
      const fragment = fragments[node.name.value];
      if (!fragment || (fragment.directives && fragment.directives.length > 0)) return false;
      return !isOf(fragment.typeCondition.name.value) || collect(fragment.selectionSet);
    });
  }
  return selections.every(collect) ? found : null;
}
