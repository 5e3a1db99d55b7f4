import { type ExecutionArgs, type ExecutionResult, execute, getOperationAST, print } from 'graphql';
import type { OperationArguments, Shortcut } from './operations.ts';
import { createRecentlyUsed } from './recently-used.ts';
import { rootFieldsOf } from './root-fields.ts';

/** A few of the whole schema, or any number of small ones. */
const KEPT_CHARACTERS = 8 * 1024 * 1024;
const OF_THE_SCHEMA: ReadonlySet<string> = new Set(['__schema', '__type', '__typename']);

/**
 * What asks of the schema alone is answered to everybody alike, and so executed once. The whole schema is more than a
 * megabyte: made for each who opens GraphiQL it would keep all others waiting for a quarter of a second.
 */
export function keepIntrospection(
  other: Shortcut,
  run: (args: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult> = execute,
): Shortcut {
  const answers = createRecentlyUsed<string>(KEPT_CHARACTERS);

  async function answer(args: OperationArguments): Promise<string | null> {
    const key = `${args.operationName ?? ''} ${print(args.document)}`;
    const known = answers.get(key);
    if (known !== null) return known;
    const { data, errors } = await run(args);
    if (errors) return null;
    const text = JSON.stringify(data);
    answers.set(key, text, key.length + text.length);
    return text;
  }
  return (args) => (asksOfSchemaAlone(args) ? answer(args) : other(args));
}

/** Without a variable: what it is asked for with would be part of the question. */
function asksOfSchemaAlone({ document, operationName }: OperationArguments): boolean {
  const operation = getOperationAST(document, operationName);
  if (operation?.operation !== 'query' || operation.variableDefinitions?.length) return false;
  return [...rootFieldsOf(document, operation)].every((field) => OF_THE_SCHEMA.has(field));
}
