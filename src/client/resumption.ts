import { type Document, type Operation, readDocument, type Selection } from './document.ts';
import { NotResumableError } from './errors.ts';
import { memberOf } from './member.ts';
import type { OperationRequest } from './operation.ts';

/** How a subscription is resumed, as its text says it. */
export interface Resumption {
  /** The variable that is given as `after`; null for a stream that begins with how things are. */
  readonly variable: string | null;
  /** The cursor of a frame's data; null where there is none. */
  cursorOf(data: unknown): string | null;
}

type Field = Extract<Selection, { readonly kind: 'FIELD' }>;

const NEVER: Resumption = { variable: null, cursorOf: () => null };

/** @throws SyntaxError; RangeError when the text has not exactly one such operation */
export function findOperation({ query, operationName }: OperationRequest): {
  readonly document: Document;
  readonly operation: Operation;
} {
  const document = readDocument(query);
  const named = document.operations.filter(({ name }) => !operationName || name === operationName);
  const [operation] = named;
  if (!operation || named.length > 1)
    throw new RangeError('Say by operationName which operation of the text is meant.');
  return { document, operation };
}

/** The field that is subscribed to. */
export function rootFieldOf({ document, operation }: ReturnType<typeof findOperation>): Field | null {
  return fieldsOf(operation.selections, document)[0]?.field ?? null;
}

/**
 * Reads how to resume a subscription from its text.
 *
 * @param resumable the fields that take `after`
 * @throws NotResumableError when its field takes `after` and the text cannot be resumed; SyntaxError; RangeError
 */
export function readResumption(request: OperationRequest, resumable: ReadonlySet<string>): Resumption {
  const found = findOperation(request);
  const root = rootFieldOf(found);
  if (!root || !resumable.has(root.name)) return NEVER;
  const variable = root.args.get('after')?.variable ?? null;
  if (variable === null || !found.operation.variables.has(variable))
    throw new NotResumableError(
      `${root.name} can be resumed: declare ($after: Cursor) and give ${root.name}(after: $after).`,
    );
  const keys = fieldsOf(root.selections, found.document)
    .filter(({ field, isConditional }) => field.name === 'cursor' && !isConditional)
    .map(({ field }) => field.key);
  if (keys.length === 0)
    throw new NotResumableError(`${root.name} can be resumed: select its cursor, without a directive.`);
  return { variable, cursorOf: (data) => cursorIn(memberOf(data, root.key), keys) };
}

interface Found {
  readonly field: Field;
  /** Whether a directive may keep it out of the answer. */
  readonly isConditional: boolean;
}

/** The fields of a selection, those of its fragments among them. A fragment within itself is not followed. */
function fieldsOf(
  selections: readonly Selection[],
  document: Document,
  within: ReadonlySet<string> = new Set(),
): readonly Found[] {
  return selections.flatMap((selection) => {
    if (selection.kind === 'FIELD') return [{ field: selection, isConditional: selection.isConditional }];
    const name = selection.kind === 'SPREAD' ? selection.fragment : null;
    if (name !== null && within.has(name)) return [];
    const inner =
      selection.kind === 'SPREAD' ? document.fragments.get(selection.fragment) : selection.selections;
    return fieldsOf(inner ?? [], document, name === null ? within : new Set([...within, name])).map(
      ({ field, isConditional }) => ({ field, isConditional: isConditional || selection.isConditional }),
    );
  });
}

function cursorIn(frame: unknown, keys: readonly string[]): string | null {
  const cursors = keys.map((key) => memberOf(frame, key));
  return cursors.find((cursor): cursor is string => typeof cursor === 'string') ?? null;
}
