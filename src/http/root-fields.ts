import { type DocumentNode, Kind, type OperationDefinitionNode, type SelectionNode } from 'graphql';

/** The fields at the root of an operation, those in its fragments too. Each fragment is looked at once. */
export function rootFieldsOf(
  document: DocumentNode,
  operation: OperationDefinitionNode,
): ReadonlySet<string> {
  const fields = new Set<string>();
  const left: SelectionNode[] = [...operation.selectionSet.selections];
  const seen = new Set<string>();
  for (let selection = left.pop(); selection; selection = left.pop()) {
    if (selection.kind === Kind.FIELD) fields.add(selection.name.value);
    else if (selection.kind === Kind.INLINE_FRAGMENT) left.push(...selection.selectionSet.selections);
    else if (!seen.has(selection.name.value)) {
      seen.add(selection.name.value);
      left.push(...selectionsOf(document, selection.name.value));
    }
  }
  return fields;
}

function selectionsOf(document: DocumentNode, fragment: string): readonly SelectionNode[] {
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === fragment)
      return definition.selectionSet.selections;
  return [];
}
