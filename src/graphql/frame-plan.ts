import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLAbstractType,
  type GraphQLField,
  GraphQLIncludeDirective,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  type InlineFragmentNode,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  Kind,
  SchemaMetaFieldDef,
  type SelectionNode,
  type SelectionSetNode,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
  typeFromAST,
} from 'graphql';

/** What of an operation decides which of its fields are executed. */
export interface Operation {
  readonly schema: GraphQLSchema;
  readonly selectionSet: SelectionSetNode;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  /** As far as @skip and @include ask for them. */
  readonly variableValues: Readonly<Record<string, unknown>>;
}

/** One field of a result. */
export interface FieldPlan {
  readonly key: string;
  /** All that are merged in it; its arguments are those of the first. */
  readonly nodes: readonly [FieldNode, ...FieldNode[]];
  readonly parentType: GraphQLObjectType;
  readonly definition: GraphQLField<unknown, unknown>;
  readonly shape: Shape;
}

/** How a value of a type is completed. */
export type Shape = { readonly isRequired: boolean } & (
  | { readonly kind: 'LEAF'; readonly type: GraphQLLeafType }
  | { readonly kind: 'LIST'; readonly item: Shape }
  | { readonly kind: 'OBJECT'; readonly type: GraphQLObjectType; readonly selection: Selection }
  | { readonly kind: 'ABSTRACT'; readonly type: GraphQLAbstractType; readonly selection: Selection }
);

/** What is selected of an object, whichever type it is of. */
export interface Selection {
  /** @throws what graphql-js throws for a condition that has no value, when the first object of a type is completed */
  fieldsOf(type: GraphQLObjectType): readonly FieldPlan[];
}

/** What an operation selects. It is planned as far as it is asked for. */
export const planSelection = (operation: Operation): Selection =>
  new PlannedSelection(operation, [operation.selectionSet]);

class PlannedSelection implements Selection {
  readonly #operation: Operation;
  readonly #sets: readonly SelectionSetNode[];
  readonly #known = new Map<GraphQLObjectType, readonly FieldPlan[]>();

  constructor(operation: Operation, sets: readonly SelectionSetNode[]) {
    this.#operation = operation;
    this.#sets = sets;
  }

  fieldsOf(type: GraphQLObjectType): readonly FieldPlan[] {
    const known = this.#known.get(type);
    if (known) return known;
    const found = collectFields(this.#operation, type, this.#sets);
    const plans = [...found].flatMap(
      ([key, nodes]) => planField(this.#operation, type, { key, nodes }) ?? [],
    );
    this.#known.set(type, plans);
    return plans;
  }
}

type Nodes = [FieldNode, ...FieldNode[]];

/** A field that is not of the type is left out, as graphql-js leaves it out. */
function planField(
  operation: Operation,
  parentType: GraphQLObjectType,
  { key, nodes }: { readonly key: string; readonly nodes: Nodes },
): FieldPlan | null {
  const definition = definitionOf(operation.schema, parentType, nodes[0].name.value);
  if (!definition) return null;
  const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  const selection = new PlannedSelection(operation, sets);
  return { key, nodes, parentType, definition, shape: shapeOf(definition.type, selection) };
}

function definitionOf(
  schema: GraphQLSchema,
  parentType: GraphQLObjectType,
  name: string,
): GraphQLField<unknown, unknown> | undefined {
  if (name === TypeNameMetaFieldDef.name) return TypeNameMetaFieldDef;
  if (schema.getQueryType() === parentType) {
    if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
    if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
  }
  return parentType.getFields()[name];
}

function shapeOf(given: GraphQLOutputType, selection: Selection): Shape {
  const isRequired = isNonNullType(given);
  const type = isRequired ? given.ofType : given;
  if (isListType(type)) return { kind: 'LIST', isRequired, item: shapeOf(type.ofType, selection) };
  if (isLeafType(type)) return { kind: 'LEAF', isRequired, type };
  if (isAbstractType(type)) return { kind: 'ABSTRACT', isRequired, type, selection };
  return { kind: 'OBJECT', isRequired, type: type as GraphQLObjectType, selection };
}

function collectFields(
  operation: Operation,
  type: GraphQLObjectType,
  sets: readonly SelectionSetNode[],
): ReadonlyMap<string, Nodes> {
  const fields = new Map<string, Nodes>();
  const visited = new Set<string>();

  function collect({ selections }: SelectionSetNode): void {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        if (!isIncluded(operation, selection)) continue;
        const key = selection.alias?.value ?? selection.name.value;
        const nodes = fields.get(key);
        if (nodes) nodes.push(selection);
        else fields.set(key, [selection]);
        continue;
      }
      const fragment = fragmentOf(operation, selection, visited);
      if (fragment && isOf(operation.schema, fragment, type)) collect(fragment.selectionSet);
    }
  }
  for (const set of sets) collect(set);
  return fields;
}

/** What a selection spreads; null when it is left out, or spread already. */
function fragmentOf(
  operation: Operation,
  selection: Exclude<SelectionNode, FieldNode>,
  visited: Set<string>,
): FragmentDefinitionNode | InlineFragmentNode | null {
  if (selection.kind === Kind.INLINE_FRAGMENT) return isIncluded(operation, selection) ? selection : null;
  const name = selection.name.value;
  if (visited.has(name) || !isIncluded(operation, selection)) return null;
  visited.add(name);
  return operation.fragments[name] ?? null;
}

/** @throws GraphQLError for a condition without a value */
function isIncluded({ variableValues }: Operation, node: SelectionNode): boolean {
  if (!node.directives?.length) return true;
  if (getDirectiveValues(GraphQLSkipDirective, node, variableValues)?.if === true) return false;
  return getDirectiveValues(GraphQLIncludeDirective, node, variableValues)?.if !== false;
}

function isOf(
  schema: GraphQLSchema,
  { typeCondition }: FragmentDefinitionNode | InlineFragmentNode,
  type: GraphQLObjectType,
): boolean {
  if (!typeCondition) return true;
  const named = typeFromAST(schema, typeCondition);
  return named === type || (isAbstractType(named) && schema.isSubType(named, type));
}
