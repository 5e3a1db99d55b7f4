import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  GraphQLError,
} from 'graphql';
import {
  ApiKeyExpiredError,
  ApiKeyRevokedError,
  PasswordChangeRequiredError,
  SessionRevokedError,
} from '../auth/errors.ts';
import { PermissionDeniedError } from '../lib/errors.ts';
import type { Context } from './context.ts';
import { NotSignedInError } from './errors.ts';
import { requireRights } from './stream-rights.ts';

/** A subscription under way: one result per event of its source. It ends with its source, by error too. */
export interface ResultStream extends AsyncGenerator<ExecutionResult, void, undefined> {
  /**
   * Ends the stream with the refusal of a caller who may no longer have it, also while it waits.
   *
   * @throws what keeps this from being found out; the next event asks again
   */
  recheck(): Promise<void>;
}

/** Execution arguments whose context can be renewed. */
export interface StreamArguments extends ExecutionArgs {
  readonly contextValue: Pick<Context, 'fresh'>;
}

/**
 * Subscribes once and executes the operation for each event with a context of its own, so that
 * no event is shown what a loader or a scope remembered from the one before.
 *
 * An error in one event spoils that frame; an error of the source ends the stream with it, and so
 * does an event that finds the caller without the rights he began with. When the subscription is
 * refused, the answer is a result instead of a stream.
 */
export async function subscribeWithFreshContext(
  args: StreamArguments,
): Promise<ResultStream | ExecutionResult> {
  const source = await createSourceEventStream(args);
  return isAsyncIterable(source) ? frames(args, source[Symbol.asyncIterator]()) : source;
}

/**
 * Not a generator function: those take a `return()` only between two frames, and a subscriber
 * that leaves while nothing happens must free its source at once.
 */
function frames(args: StreamArguments, source: AsyncIterator<unknown>): ResultStream {
  /** To be told once, as the last of the stream. */
  let refusal: unknown = null;
  const end = async () => {
    await source.return?.();
    return { done: true as const, value: undefined };
  };
  const over = () => {
    const told = refusal;
    refusal = null;
    if (told !== null) throw told;
    return { done: true as const, value: undefined };
  };
  return {
    async next() {
      const event = await source.next();
      if (event.done || refusal !== null) return over();
      try {
        const value = await frame(args, event.value);
        return refusal === null ? { done: false, value } : over();
      } catch (thrown) {
        refusal = null;
        await end();
        throw thrown;
      }
    },
    async recheck() {
      try {
        await requireRights(args, await args.contextValue.fresh());
      } catch (error) {
        if (!isRefusal(error)) throw error;
        refusal = error;
        await end();
      }
    },
    return: end,
    async throw(error: unknown) {
      await end();
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    async [Symbol.asyncDispose]() {
      await end();
    },
  };
}

/** @throws the refusal when the caller may no longer have this stream */
async function frame(args: StreamArguments, event: unknown): Promise<ExecutionResult> {
  const result = await resultOf(args, event);
  const refusal = result.errors?.find(
    ({ path, originalError }) => (path?.length ?? 0) <= 1 && isRefusal(originalError),
  );
  if (refusal) throw refusal;
  return result;
}

async function resultOf(args: StreamArguments, event: unknown): Promise<ExecutionResult> {
  try {
    return await execute({ ...args, rootValue: event, contextValue: await args.contextValue.fresh() });
  } catch (error) {
    const fault = error instanceof Error ? error : new Error('Not an error was thrown.', { cause: error });
    return { data: null, errors: [new GraphQLError(fault.message, { originalError: fault })] };
  }
}

const isRefusal = (error: unknown): boolean =>
  error instanceof SessionRevokedError ||
  error instanceof ApiKeyRevokedError ||
  error instanceof ApiKeyExpiredError ||
  error instanceof PasswordChangeRequiredError ||
  error instanceof PermissionDeniedError ||
  error instanceof NotSignedInError;

export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

export const isResultStream = (value: unknown): value is ResultStream =>
  isAsyncIterable(value) && 'recheck' in value;
