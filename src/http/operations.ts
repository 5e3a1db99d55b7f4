import { type ExecutionArgs, type ExecutionResult, execute, GraphQLError, getOperationAST } from 'graphql';
import { costOf } from '../graphql/cost.ts';
import { CostLimitError, type OperationCost } from '../graphql/errors.ts';
import type { StreamArguments, Subscription } from '../graphql/stream.ts';
import { FIRST_FAULT, placedResult } from '../graphql/variable-errors.ts';
import { writtenResult } from '../graphql/written-result.ts';
import type { FanOut } from './fan-out.ts';
import type { OperationMeter } from './operation-meter.ts';
import type { Outlet } from './sink.ts';

/** An operation ready to run: its document was prepared, its context is that of one caller. */
export type OperationArguments = StreamArguments;

/** Runs a query or a mutation. It does not throw. */
export type Execute = (args: OperationArguments) => Promise<ExecutionResult>;

/** Begins a subscription whose results go to the sink, or answers why not. It does not throw. */
export type Subscribe = (args: OperationArguments, sink: Outlet) => Promise<Subscription | ExecutionResult>;

export interface Operations {
  readonly execute: Execute;
  readonly subscribe: Subscribe;
}

/** Writes the data of an operation sooner than by its execution, and the same; null: not of this one. It does not throw. */
export type Shortcut = (args: OperationArguments) => Promise<string | null>;

export interface OperationsOptions {
  readonly maxComplexity: number;
  readonly fanOut: FanOut;
  readonly meter: OperationMeter;
  readonly shortcut: Shortcut;
}

export function createOperations({ maxComplexity, fanOut, meter, shortcut }: OperationsOptions): Operations {
  return {
    execute: (args) =>
      measured(meter, args, () =>
        answering(args, async () => {
          const cost = priceOf(args, maxComplexity);
          const refusal = refusedFor(cost);
          if (refusal) return refusal;
          const written = await shortcut(args);
          if (written !== null) return writtenResult(written, { cost });
          return withCost(await execute({ ...args, options: FIRST_FAULT }), cost);
        }),
      ),
    subscribe: (args, sink) =>
      measured(meter, args, () =>
        answering(args, async () => {
          const cost = priceOf(args, maxComplexity);
          // A subscription says once what it costs.
          const begun = refusedFor(cost) ?? (await fanOut.join(args, { sink, extensions: { cost } }));
          return 'recheck' in begun ? begun : withCost(begun, cost);
        }),
      ),
  };
}

/** Every operation passes here once, whatever it came over. */
async function measured<R extends ExecutionResult | Subscription>(
  meter: OperationMeter,
  { document, operationName }: OperationArguments,
  run: () => Promise<R>,
): Promise<R> {
  const startedMs = performance.now();
  const result = await run();
  const outcome = 'errors' in result && result.errors ? 'failed' : 'succeeded';
  meter.record({ document, operationName, ms: performance.now() - startedMs, outcome });
  return result;
}

/** Whatever is thrown becomes a result: no transport has to fear it. What is wrong with arguments says with which. */
async function answering<R extends ExecutionResult | Subscription>(
  args: OperationArguments,
  run: () => Promise<R>,
): Promise<R | ExecutionResult> {
  try {
    const result = await run();
    return 'errors' in result ? placedResult(args, result) : result;
  } catch (error) {
    return placedResult(args, { errors: [asGraphQLError(error)] });
  }
}

/** An error in the form that results carry, the one that was thrown inside. */
export function asGraphQLError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  const originalError =
    error instanceof Error ? error : new Error('Not an error was thrown.', { cause: error });
  return new GraphQLError(originalError.message, { originalError });
}

/** @throws GraphQLError when the document does not say which operation is meant */
function priceOf(args: ExecutionArgs, maximum: number): OperationCost {
  const { schema, document } = args;
  const operation = getOperationAST(document, args.operationName);
  if (!operation) throw new GraphQLError('Say by operationName which operation of the document to run.');
  const variables = args.variableValues ?? {};
  const context = args.contextValue as object;
  return { requested: costOf({ schema, document, operation, variables, context }), maximum };
}

/** The refusal of an operation that costs too much, before anything of it runs. */
function refusedFor(cost: OperationCost): ExecutionResult | null {
  if (cost.requested <= cost.maximum) return null;
  return withCost({ errors: [asGraphQLError(new CostLimitError(cost))] }, cost);
}

/** Every answer says what was asked for and how much may be: `extensions.cost`. */
const withCost = (result: ExecutionResult, cost: OperationCost): ExecutionResult => ({
  ...result,
  extensions: { ...result.extensions, cost },
});
