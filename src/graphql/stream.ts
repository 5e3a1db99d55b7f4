import { createSourceEventStream, type ExecutionArgs, type ExecutionResult } from 'graphql';
import { isSource, type Source } from '../events/source.ts';
import { DomainError } from '../lib/errors.ts';
import type { Context } from './context.ts';
import { FIRST_FAULT } from './variable-errors.ts';

/** Execution arguments whose context can be renewed. */
export interface StreamArguments extends ExecutionArgs {
  readonly contextValue: Pick<Context, 'actor' | 'fresh' | 'lastEventId'>;
}

/** A subscription under way, as a transport holds it: it yields nothing itself, and ends when it is over. */
export interface Subscription extends AsyncGenerator<never, void, undefined> {
  /** What it follows by name, of the venue of its caller. */
  readonly channels: readonly string[];
  /**
   * Ends it with the refusal of a caller who may no longer have it, and shows him from now on what
   * his rights are now.
   *
   * @throws what keeps this from being found out
   */
  recheck(): Promise<void>;
  /** Ends it, with an error as its last word; its callers are told as of any other end. */
  end(error?: unknown): void;
  /** Calls once it is over, however that came, with what it failed of; at once if it is over already. */
  whenOver(call: (failure: Failure | null) => void): void;
}

/** What a subscription ended of when it did not just end. */
export interface Failure {
  readonly error: unknown;
}

/** What a subscription is fed from, or the result that refuses it. */
export async function openSource(args: ExecutionArgs): Promise<Source | ExecutionResult> {
  const source = await createSourceEventStream({ ...args, options: FIRST_FAULT });
  if (isAsyncIterable(source) && !isSource(source)) throw new Error('a subscription must plan its source');
  return source;
}

/**
 * Whether it says that the caller may not have a stream, and not that it could not be found out.
 */
export const isRefusal = (error: unknown): boolean =>
  error instanceof DomainError && !error.code.startsWith('SYS_');

export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
