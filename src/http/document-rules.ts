import {
  type ASTVisitor,
  type DefinitionNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';
import { OperationTooComplexError } from '../graphql/errors.ts';
import type { Limits } from './limits.ts';

/** What a document may hold besides being valid. They look at each node once, whatever fragments do. */
export function limitRules({ maxDepth, maxAliases, maxDirectives }: Limits): ValidationRule[] {
  return [
    depthRule(maxDepth),
    countRule({
      of: 'aliases',
      kind: 'Field',
      limit: maxAliases,
      counts: (node) => 'alias' in node && !!node.alias,
    }),
    countRule({ of: 'directives', kind: 'Directive', limit: maxDirectives, counts: () => true }),
  ];
}

/** A refusal with the code API_006, in the form validation takes. */
export function tooComplex(message: string): GraphQLError {
  return new GraphQLError(message, { originalError: new OperationTooComplexError(message) });
}

function countRule(rule: {
  readonly of: string;
  readonly kind: 'Field' | 'Directive';
  readonly limit: number;
  readonly counts: (node: object) => boolean;
}): ValidationRule {
  return (context): ASTVisitor => {
    let count = 0;
    const enter = (node: object) => {
      if (!rule.counts(node)) return;
      count += 1;
      if (count === rule.limit + 1) {
        context.reportError(tooComplex(`The document has more than ${rule.limit} ${rule.of}.`));
      }
    };
    return { [rule.kind]: { enter } };
  };
}

function depthRule(maxDepth: number): ValidationRule {
  return (context): ASTVisitor => {
    const depthOfFragment = new Map<string, number>();
    return {
      OperationDefinition(operation) {
        const depth = depthOf(operation.selectionSet, context, depthOfFragment);
        if (depth > maxDepth) {
          context.reportError(tooComplex(`The operation is ${depth} fields deep; ${maxDepth} are allowed.`));
        }
        return false;
      },
      FragmentDefinition: () => false,
    };
  };
}

/** Fields below each other, fragments unfolded. What introspects does not count. */
function depthOf(
  selectionSet: SelectionSetNode,
  context: ValidationContext,
  known: Map<string, number>,
): number {
  let deepest = 0;
  for (const selection of selectionSet.selections) {
    if (selection.kind === 'Field') {
      if (selection.name.value === '__schema' || selection.name.value === '__type') continue;
      const below = selection.selectionSet ? depthOf(selection.selectionSet, context, known) : 0;
      deepest = Math.max(deepest, below + 1);
    } else if (selection.kind === 'InlineFragment') {
      deepest = Math.max(deepest, depthOf(selection.selectionSet, context, known));
    } else {
      const fragment = context.getFragment(selection.name.value);
      if (fragment) deepest = Math.max(deepest, depthOfFragment(fragment, context, known));
    }
  }
  return deepest;
}

function depthOfFragment(
  fragment: FragmentDefinitionNode,
  context: ValidationContext,
  known: Map<string, number>,
): number {
  const name = fragment.name.value;
  const before = known.get(name);
  if (before !== undefined) return before;
  // A fragment within itself is refused by a rule of its own; here it must only end.
  known.set(name, 0);
  const depth = depthOf(fragment.selectionSet, context, known);
  known.set(name, depth);
  return depth;
}

/**
 * What a subscription follows is settled when it begins, so nothing at its root may be left out (GraphQL, 5.2.4.1).
 * graphql-js counts its fields without variables, and with nothing left to follow it fails.
 *
 * @throws GraphQLError
 */
export function refuseChosenRoots({ definitions }: DocumentNode): void {
  const subscriptions = definitions.filter(isSubscription);
  if (subscriptions.length === 0) return;
  const fragments = new Map(definitions.filter(isFragment).map((each) => [each.name.value, each]));
  const looked = new Set<SelectionSetNode>();

  function look(selectionSet: SelectionSetNode): void {
    if (looked.has(selectionSet)) return;
    looked.add(selectionSet);
    for (const selection of selectionSet.selections) {
      const choosing = selection.directives?.filter(({ name }) => CHOOSING.includes(name.value)) ?? [];
      if (choosing.length > 0)
        throw new GraphQLError('What a subscription follows takes neither @skip nor @include.', {
          nodes: choosing,
        });
      if (selection.kind === 'InlineFragment') look(selection.selectionSet);
      const fragment = selection.kind === 'FragmentSpread' && fragments.get(selection.name.value);
      if (fragment) look(fragment.selectionSet);
    }
  }
  for (const { selectionSet } of subscriptions) look(selectionSet);
}

const CHOOSING: readonly string[] = ['skip', 'include'];

const isFragment = (definition: DefinitionNode): definition is FragmentDefinitionNode =>
  definition.kind === 'FragmentDefinition';

const isSubscription = (definition: DefinitionNode): definition is OperationDefinitionNode =>
  definition.kind === 'OperationDefinition' && definition.operation === 'subscription';
