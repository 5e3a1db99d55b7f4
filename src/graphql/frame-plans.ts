import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import { planSelection, type Selection } from './frame-plan.ts';

/** Of one document, by operation and conditions; who comes after these has a plan for himself. */
const MAX_KEPT = 16;

/** What all who have a document share of it, for as long as somebody has it. */
interface Planned {
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  /** The variables that @skip and @include ask for. */
  readonly conditions: readonly string[];
  readonly selections: Map<string, Selection>;
}

export interface PlannedOperation extends Pick<Planned, 'fragments'> {
  readonly selection: Selection;
}

/** The plan of an operation, one for all whose variables leave out and include the same. */
export function planOperation(
  { schema, document, operation }: OperationOf,
  variableValues: Readonly<Record<string, unknown>>,
): PlannedOperation {
  const { fragments, conditions, selections } = plannedOf(schema, document);
  const decisive = Object.fromEntries(
    conditions.filter((name) => name in variableValues).map((name) => [name, variableValues[name]]),
  );
  const key = JSON.stringify([operation.name?.value, decisive]);
  const { selectionSet } = operation;
  const selection =
    selections.get(key) ?? planSelection({ schema, selectionSet, fragments, variableValues: decisive });
  if (selections.size < MAX_KEPT) selections.set(key, selection);
  return { fragments, selection };
}

export interface OperationOf {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

const known = new WeakMap<GraphQLSchema, WeakMap<DocumentNode, Planned>>();

function plannedOf(schema: GraphQLSchema, document: DocumentNode): Planned {
  const documents = known.get(schema) ?? new WeakMap<DocumentNode, Planned>();
  known.set(schema, documents);
  const planned = documents.get(document) ?? {
    fragments: fragmentsOf(document),
    conditions: conditionsOf(document),
    selections: new Map(),
  };
  documents.set(document, planned);
  return planned;
}

const fragmentsOf = ({ definitions }: DocumentNode): Planned['fragments'] =>
  Object.fromEntries(
    definitions.flatMap((each) =>
      each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each] as const] : [],
    ),
  );

function conditionsOf(document: DocumentNode): readonly string[] {
  const names = new Set<string>();
  visit(document, {
    Directive: ({ arguments: given = [] }) => {
      for (const { value } of given) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  return [...names].sort();
}
