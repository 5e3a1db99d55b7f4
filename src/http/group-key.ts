import { createHash } from 'node:crypto';
import {
  type ArgumentNode,
  type DocumentNode,
  type ExecutionArgs,
  type FieldNode,
  getOperationAST,
  Kind,
  print,
  visit,
} from 'graphql';

/** The argument of a durable subscription that says where each reader begins. */
const AFTER = 'after';

/**
 * What subscriptions have in common that are executed together: the document, the operation, the
 * variables, all without where each begins. What else differs between them is the source's to say.
 */
export function groupKeyOf({ document, operationName, variableValues }: ExecutionArgs): string {
  const { digest, variables } = withoutAfter(document, operationName ?? null);
  const given = variables.flatMap((name) =>
    variableValues && Object.hasOwn(variableValues, name)
      ? [[name, sortedEntries(variableValues[name])]]
      : [],
  );
  return JSON.stringify([digest, operationName ?? null, given]);
}

interface Common {
  /** Of the text: a key is kept for each group, of which there can be one for each socket. */
  readonly digest: string;
  /** Those the operation declares, in its order, without one that holds the place and nothing else. */
  readonly variables: readonly string[];
}

/** Documents are kept and given again for the same text, so each is looked at once. */
const known = new WeakMap<DocumentNode, Map<string | null, Common>>();

function withoutAfter(document: DocumentNode, operationName: string | null): Common {
  const byOperation = known.get(document) ?? new Map<string | null, Common>();
  known.set(document, byOperation);
  const common = byOperation.get(operationName) ?? findCommon(document, operationName);
  byOperation.set(operationName, common);
  return common;
}

function findCommon(document: DocumentNode, operationName: string | null): Common {
  const after = rootFieldOf(document, operationName)?.arguments?.find(({ name }) => name.value === AFTER);
  const variables = variablesOf(document, operationName);
  if (!after) return { digest: digestOf(document), variables };
  if (after.value.kind !== Kind.VARIABLE) return { digest: digestOf(without(document, after)), variables };
  const place = after.value.name.value;
  // Used elsewhere as well it is part of what is shown.
  const isPlaceAlone = usesOf(document, place) === 1;
  return {
    digest: digestOf(document),
    variables: variables.filter((name) => !isPlaceAlone || name !== place),
  };
}

const digestOf = (document: DocumentNode): string =>
  createHash('sha256').update(print(document)).digest('base64');

const variablesOf = (document: DocumentNode, operationName: string | null): readonly string[] =>
  getOperationAST(document, operationName)?.variableDefinitions?.map(({ variable }) => variable.name.value) ??
  [];

/** A subscription has one; behind a fragment it is not looked for, and groups are then smaller than they could be. */
function rootFieldOf(document: DocumentNode, operationName: string | null): FieldNode | null {
  const [root] = getOperationAST(document, operationName)?.selectionSet.selections ?? [];
  return root?.kind === Kind.FIELD ? root : null;
}

const without = (document: DocumentNode, argument: ArgumentNode): DocumentNode =>
  visit(document, { Argument: (node) => (node === argument ? null : undefined) });

function usesOf(document: DocumentNode, variable: string): number {
  let uses = 0;
  visit(document, {
    VariableDefinition: () => false,
    Variable: ({ name }) => {
      if (name.value === variable) uses += 1;
    },
  });
  return uses;
}

/** Equal objects alike, in whatever order their keys were sent. */
const sortedEntries = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sortedEntries);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, inner]) => [key, sortedEntries(inner)]);
};
