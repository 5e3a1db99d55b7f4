import { type ExecutionArgs, type ExecutionResult, execute, GraphQLError, getOperationAST } from 'graphql';
import { costOf } from '../graphql/cost.ts';
import { OperationTooComplexError } from '../graphql/errors.ts';
import { type ResultStream, type StreamArguments, subscribeWithFreshContext } from '../graphql/stream.ts';

/** An operation ready to run: its document was prepared, its context is that of one caller. */
export type OperationArguments = StreamArguments;

/** Runs a query or a mutation. It does not throw. */
export type Execute = (args: OperationArguments) => Promise<ExecutionResult>;

/** Begins a subscription, or answers why not. It does not throw. */
export type Subscribe = (args: OperationArguments) => Promise<ResultStream | ExecutionResult>;

export interface Operations {
  readonly execute: Execute;
  readonly subscribe: Subscribe;
}

export function createOperations({ maxComplexity }: { readonly maxComplexity: number }): Operations {
  return {
    execute: (args) => answering(() => checked(args, maxComplexity) ?? execute(args)),
    subscribe: (args) => answering(() => checked(args, maxComplexity) ?? subscribeWithFreshContext(args)),
  };
}

/** Whatever is thrown becomes a result: no transport has to fear it. */
async function answering<T>(run: () => T | Promise<T>): Promise<T | ExecutionResult> {
  try {
    return await run();
  } catch (error) {
    return { errors: [asGraphQLError(error)] };
  }
}

/** An error in the form that results carry, the one that was thrown inside. */
export function asGraphQLError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  const originalError =
    error instanceof Error ? error : new Error('Not an error was thrown.', { cause: error });
  return new GraphQLError(originalError.message, { originalError });
}

/** The refusal of an operation that costs too much, before anything of it runs. */
function checked(args: ExecutionArgs, maxComplexity: number): ExecutionResult | null {
  const { schema, document } = args;
  const operation = getOperationAST(document, args.operationName);
  if (!operation) {
    return { errors: [new GraphQLError('Say by operationName which operation of the document to run.')] };
  }
  const variables = args.variableValues ?? {};
  const cost = costOf({ schema, document, operation, variables, context: args.contextValue as object });
  if (cost <= maxComplexity) return null;
  throw new OperationTooComplexError(`The operation costs ${cost}; ${maxComplexity} are allowed.`);
}
