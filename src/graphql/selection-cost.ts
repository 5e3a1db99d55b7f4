import { getMappedArgumentValues } from '@pothos/core';
import type { FieldComplexity, FieldComplexityValue } from '@pothos/plugin-complexity';
import {
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** What the selections of an operation are looked at with. */
export interface Counting {
  readonly schema: GraphQLSchema;
  /** By name. */
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly variableValues: GraphQLResolveInfo['variableValues'];
  readonly context: object;
}

/** Of a page: what each of its entries costs, and what it has once. Of anything else all is `each`. */
interface Cost {
  readonly each: number;
  readonly once: number;
}

const NONE: Cost = { each: 0, once: 0 };

/** Of a list of which nothing is said. */
const LIST_ENTRIES = 10;

/** The fields of a page that have one thing for each of its entries. */
const ENTRIES: ReadonlySet<string> = new Set(['edges', 'nodes']);

/**
 * One for a field, or what it says of itself, times the entries of each list or page it is in. What a page has once, as
 * `totalCount`, is counted once.
 *
 * @throws GraphQLError for fragments within themselves; InvalidIdError for ids that are none
 */
export function costOfSelections(
  selectionSet: SelectionSetNode,
  type: GraphQLNamedType,
  counting: Counting,
): number {
  const { each, once } = createCounter(counting)(selectionSet, type);
  return each + once;
}

type Counter = (selectionSet: SelectionSetNode, type: GraphQLNamedType) => Cost;

/** Counts each selection once, however often it is spread: fragments that double would take for ever. */
function createCounter(counting: Counting): Counter {
  const known = new Map<SelectionSetNode, Map<GraphQLNamedType, Cost>>();
  const open = new Set<SelectionSetNode>();

  function costOf(selectionSet: SelectionSetNode, type: GraphQLNamedType): Cost {
    const counted = known.get(selectionSet)?.get(type);
    if (counted) return counted;
    if (open.has(selectionSet)) throw new GraphQLError('A fragment is within itself.');
    open.add(selectionSet);
    const cost = selectionSet.selections.reduce((sum, selection) => {
      const { each, once } = costOfSelection(selection, type);
      return { each: sum.each + each, once: sum.once + once };
    }, NONE);
    open.delete(selectionSet);
    known.set(selectionSet, (known.get(selectionSet) ?? new Map()).set(type, cost));
    return cost;
  }

  function costOfSelection(selection: SelectionNode, type: GraphQLNamedType): Cost {
    if (selection.kind === Kind.FIELD) {
      const cost = costOfField(selection, fieldOf(selection, type));
      return isPage(type) && !ENTRIES.has(selection.name.value)
        ? { each: 0, once: cost }
        : { each: cost, once: 0 };
    }
    const fragment =
      selection.kind === Kind.FRAGMENT_SPREAD ? counting.fragments.get(selection.name.value) : selection;
    if (!fragment) return NONE;
    const on = fragment.typeCondition ? counting.schema.getType(fragment.typeCondition.name.value) : type;
    return on ? costOf(fragment.selectionSet, on) : NONE;
  }

  function costOfField(node: FieldNode, field: Field | null): number {
    if (!field) return 1;
    const { own, entries } = saidOf(node, field, counting);
    if (!node.selectionSet) return own;
    const { each, once } = costOf(node.selectionSet, getNamedType(field.type));
    return own + once + each * entries;
  }

  return costOf;
}

type Field = GraphQLField<unknown, unknown>;

/** Null for `__typename` and what only the schema has, and for a field that there is not. */
function fieldOf({ name }: FieldNode, type: GraphQLNamedType): Field | null {
  return isObjectType(type) || isInterfaceType(type) ? (type.getFields()[name.value] ?? null) : null;
}

const isPage = (type: GraphQLNamedType): boolean => isObjectType(type) && 'pageInfo' in type.getFields();

function saidOf(
  node: FieldNode,
  field: Field,
  { context, schema, variableValues }: Counting,
): { readonly own: number; readonly entries: number } {
  const said = field.extensions.complexity as FieldComplexity<object, object> | undefined;
  const value: FieldComplexityValue =
    typeof said === 'function'
      ? said(
          getMappedArgumentValues(field, node, context, { schema, variableValues, fragments: {} }) as object,
          context,
          field,
        )
      : (said ?? 1);
  const { field: own = 1, multiplier } = typeof value === 'number' ? { field: value } : value;
  return { own, entries: Math.max(multiplier ?? (isList(field) ? LIST_ENTRIES : 1), 0) };
}

function isList({ type }: Field): boolean {
  return isListType(isNonNullType(type) ? type.ofType : type);
}
