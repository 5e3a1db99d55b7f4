import { complexityFromQuery } from '@pothos/plugin-complexity';
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';

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
 * @throws GraphQLError for variables that do not fit, InvalidIdError
 */
export function costOf({ schema, document, operation, variables, context }: CostedOperation): number {
  const single = alone(operation, document);
  return complexityFromQuery(single, { schema, ctx: context, variables: { ...variables } }).complexity;
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
