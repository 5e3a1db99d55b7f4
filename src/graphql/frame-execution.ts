import {
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  getArgumentValues,
  getOperationAST,
  getVariableValues,
  locatedError,
  OperationTypeNode,
} from 'graphql';
import { completeFields, type Data, FieldErrors, isThenable, type Run } from './frame-completion.ts';
import type { FieldPlan } from './frame-plan.ts';
import { planOperation } from './frame-plans.ts';

/**
 * Executes a subscription's operation for one event. The context is one of its own, so that nothing is shown what a
 * loader or a scope remembered from another event or of another view.
 */
export type ExecuteFrame = (
  contextValue: unknown,
  rootValue: unknown,
) => ExecutionResult | Promise<ExecutionResult>;

/** What all events of a group are executed with. */
export type FrameArguments = Pick<ExecutionArgs, 'schema' | 'document' | 'operationName' | 'variableValues'>;

/**
 * Prepares the executions of a subscription's operation, each of which gives what `execute` of graphql-js would. What
 * that does anew for each event and is the same for all is done once: coercing variables and arguments, and collecting
 * fields, which all groups of one document share.
 */
export function prepareFrames(args: FrameArguments): ExecuteFrame {
  const prepared = prepare(args);
  // It says itself what is wrong.
  if (!prepared) return (contextValue, rootValue) => execute({ ...args, contextValue, rootValue });
  const { shared, fields } = prepared;
  return (contextValue, rootValue) => {
    const run: Run = { shared, contextValue, rootValue, errors: null };
    try {
      const data = completeFields(run, fields, { source: rootValue, path: undefined });
      if (!isThenable(data)) return resultOf(run, data);
      return data.then(
        (found) => resultOf(run, found),
        (error) => spoiled(run, error),
      );
    } catch (error) {
      return spoiled(run, error);
    }
  };
}

const resultOf = ({ errors }: Run, data: Data | null): ExecutionResult =>
  errors ? { errors: errors.list, data } : { data };

/** For what may not be null, up to the root. */
function spoiled(run: Run, error: unknown): ExecutionResult {
  run.errors ??= new FieldErrors();
  run.errors.add(locatedError(error, undefined), undefined);
  return resultOf(run, null);
}

interface Prepared {
  readonly shared: Run['shared'];
  readonly fields: readonly FieldPlan[];
}

/** Null for what cannot be executed. */
function prepare({
  schema,
  document,
  operationName,
  variableValues: given,
}: FrameArguments): Prepared | null {
  const operation = getOperationAST(document, operationName);
  const rootType = schema.getSubscriptionType();
  if (!rootType || operation?.operation !== OperationTypeNode.SUBSCRIPTION) return null;
  const { coerced: variableValues } = getVariableValues(
    schema,
    operation.variableDefinitions ?? [],
    given ?? {},
  );
  if (!variableValues) return null;
  const { fragments, selection } = planOperation({ schema, document, operation }, variableValues);
  const argumentsOf = argumentsFor(variableValues);
  try {
    const fields = selection.fieldsOf(rootType);
    return { shared: { schema, operation, fragments, variableValues, argumentsOf }, fields };
  } catch {
    return null;
  }
}

/** Each resolver gets an object of its own, with values that all share. */
function argumentsFor(variableValues: Record<string, unknown>): Run['shared']['argumentsOf'] {
  const known = new Map<FieldPlan, Record<string, unknown>>();
  return (field) => {
    const { definition, nodes } = field;
    if (definition.args.length === 0) return {};
    const values = known.get(field) ?? getArgumentValues(definition, nodes[0], variableValues);
    known.set(field, values);
    return { ...values };
  };
}
