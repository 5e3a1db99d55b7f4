import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import type { Context } from './context.ts';

/** Under which name a root field of the schema carries its `RequireRights`. */
export const REQUIRE_RIGHTS = 'requireRights';

/** Asks whether the caller may use a root field. @throws the refusal */
export type RequireRights = (context: Context) => void | Promise<void>;

/** A subscription as it was asked for. */
interface Operation {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
}

/**
 * Asks the scopes of a subscription again, without an event.
 *
 * @throws the refusal of whoever may no longer have it
 */
export async function requireRights(operation: Operation, context: Context): Promise<void> {
  const fields = operation.schema.getSubscriptionType()?.getFields() ?? {};
  for (const name of rootFieldNames(operation)) {
    const require = fields[name]?.extensions[REQUIRE_RIGHTS] as RequireRights | undefined;
    await require?.(context);
  }
}

/** The names of the fields an operation begins with, wherever fragments have put them. */
function rootFieldNames({ document, operationName }: Operation): ReadonlySet<string> {
  const names = new Set<string>();
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);

  // The document is valid: no fragment is within itself.
  const collect = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) names.add(selection.name.value);
      else if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet);
      else {
        const fragment = fragments.get(selection.name.value);
        if (fragment) collect(fragment.selectionSet);
      }
    }
  };
  const operation = getOperationAST(document, operationName);
  if (operation) collect(operation.selectionSet);
  return names;
}
