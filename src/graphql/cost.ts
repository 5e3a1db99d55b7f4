import { complexityFromQuery } from '@pothos/plugin-complexity';
import {
  type DocumentNode,
  type GraphQLSchema,
  getVariableValues,
  type OperationDefinitionNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';

/** One operation of a document with the variables it is to run with. */
export interface CostedOperation {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: object;
}

/**
 * What an operation costs as Pothos counts: one for a field, times the entries of each list or
 * page it is in.
 *
 * @throws GraphQLError for variables that do not fit, as far as they are looked at; InvalidIdError
 */
export function costOf({ schema, document, operation, variables, context }: CostedOperation): number {
  const known = fixedCosts.get(operation);
  if (known !== undefined) return known;
  // Pothos has graphql-js write all of a variable for each fault there is in it.
  const { errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variables, ONE_FAULT);
  if (errors?.[0]) throw errors[0];
  const single = alone(operation, document);
  const cost = complexityFromQuery(single, { schema, ctx: context, variables: { ...variables } }).complexity;
  if (!dependsOnArguments(single, schema)) fixedCosts.set(operation, cost);
  return cost;
}

const ONE_FAULT = { maxErrors: 1 };

/** Documents are kept between requests, and with them what they cost whatever they are asked with. */
const fixedCosts = new WeakMap<OperationDefinitionNode, number>();

function dependsOnArguments(document: DocumentNode, schema: GraphQLSchema): boolean {
  const types = new TypeInfo(schema);
  let depends = false;
  const Field = () => {
    if (typeof types.getFieldDef()?.extensions.complexity === 'function') depends = true;
  };
  visit(document, visitWithTypeInfo(types, { Field }));
  return depends;
}

/** The operation with the fragments of its document: Pothos counts the first operation it meets. */
function alone(operation: OperationDefinitionNode, document: DocumentNode): DocumentNode {
  const known = documents.get(operation);
  if (known) return known;
  const fragments = document.definitions.filter(({ kind }) => kind === 'FragmentDefinition');
  const single: DocumentNode = { ...document, definitions: [operation, ...fragments] };
  documents.set(operation, single);
  return single;
}

const documents = new WeakMap<OperationDefinitionNode, DocumentNode>();
