import type { Span } from './document.ts';
import { readTokens } from './lexer.ts';
import { memberOf } from './member.ts';
import type { OperationRequest } from './operation.ts';
import type { PollOptions } from './poll.ts';
import { findOperation, rootFieldOf } from './resumption.ts';

/**
 * The query of the same name with the same selection, which says how things are where the subscription says what
 * they become. The arguments that only the subscription knows are left out.
 *
 * @param polled the fields that can be asked so, each with the arguments of its query
 * @returns null where there is none
 */
export function pollOfSameSelection(
  request: OperationRequest,
  polled: ReadonlyMap<string, ReadonlySet<string>>,
): PollOptions | null {
  const found = findOperation(request);
  const { operation } = found;
  const root = rootFieldOf(found);
  const known = root && polled.get(root.name);
  // A fragment at the root is one of Subscription.
  if (!known || operation.selections[0]?.kind !== 'FIELD') return null;
  const dropped = [...root.args].filter(([name]) => !known.has(name)).map(([, span]) => span);
  const isBare = dropped.length === root.args.size;
  const keyword = { start: operation.start, end: operation.start + operation.kind.length };
  const query = withoutUnusedVariables(
    edited(request.query, [
      { ...keyword, text: 'query' },
      ...(isBare ? [root.argsSpan] : dropped).map((span) => ({ ...span, text: '' })),
    ]),
    request.operationName,
  );
  return {
    query,
    ...(request.variables && { variables: request.variables }),
    frames: (data) => framesIn(data, root.key),
  };
}

function withoutUnusedVariables(query: string, operationName: OperationRequest['operationName']): string {
  const { operation } = findOperation({ query, operationName });
  const { variables, variablesSpan } = operation;
  const names = readTokens(query).flatMap(({ text }, at, tokens) =>
    text === '$' ? [tokens[at + 1]?.text] : [],
  );
  const unused = [...variables].filter(([name]) => names.filter((each) => each === name).length === 1);
  const isBare = unused.length === variables.size;
  const spans = isBare ? [variablesSpan] : unused.map(([, span]) => span);
  return edited(
    query,
    spans.map((span) => ({ ...span, text: '' })),
  );
}

function edited(text: string, edits: readonly (Span & { readonly text: string })[]): string {
  return [...edits]
    .sort((one, other) => other.start - one.start)
    .reduce((rest, { start, end, text: put }) => rest.slice(0, start) + put + rest.slice(end), text);
}

/** What would be one frame of the subscription each. */
function framesIn(data: unknown, key: string): readonly unknown[] {
  const value = memberOf(data, key);
  if (Array.isArray(value)) return value.map((each) => ({ [key]: each }));
  return value === null || value === undefined ? [] : [{ [key]: value }];
}
