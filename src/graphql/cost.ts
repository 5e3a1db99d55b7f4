import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { costOfSelections } from './selection-cost.ts';

/** One operation of a document with the variables it is to run with. */
export interface CostedOperation {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: object;
}

/**
 * What an operation costs by what its fields say of themselves: one for a field, times the entries of each list or page
 * it is in.
 *
 * @throws GraphQLError for variables that do not fit, as far as they are looked at; InvalidIdError
 */
export function costOf({ schema, document, operation, variables, context }: CostedOperation): number {
  const known = fixedCosts.get(operation);
  if (known !== undefined) return known;
  // Of many faults graphql-js would write all of a variable for each.
  const { errors, coerced } = getVariableValues(
    schema,
    operation.variableDefinitions ?? [],
    variables,
    ONE_FAULT,
  );
  if (!coerced) throw errors[0];
  const type = schema.getRootType(operation.operation);
  const fragments = fragmentsOf(document);
  const cost = type
    ? costOfSelections(operation.selectionSet, type, { schema, fragments, variableValues: coerced, context })
    : 0;
  if (!dependsOnArguments(operation, document, schema)) fixedCosts.set(operation, cost);
  return cost;
}

const ONE_FAULT = { maxErrors: 1 };

/** Documents are kept between requests, and with them what they cost whatever they are asked with. */
const fixedCosts = new WeakMap<OperationDefinitionNode, number>();

function dependsOnArguments(
  operation: OperationDefinitionNode,
  document: DocumentNode,
  schema: GraphQLSchema,
): boolean {
  const types = new TypeInfo(schema);
  let depends = false;
  const Field = () => {
    if (typeof types.getFieldDef()?.extensions.complexity === 'function') depends = true;
  };
  const looked: DocumentNode = {
    ...document,
    definitions: [operation, ...fragmentsOf(document).values()],
  };
  visit(looked, visitWithTypeInfo(types, { Field }));
  return depends;
}

/** By name. */
function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  const known = fragmentsByDocument.get(document);
  if (known) return known;
  const fragments = new Map(
    document.definitions.flatMap((each) =>
      each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each] as const] : [],
    ),
  );
  fragmentsByDocument.set(document, fragments);
  return fragments;
}

const fragmentsByDocument = new WeakMap<DocumentNode, ReadonlyMap<string, FragmentDefinitionNode>>();
