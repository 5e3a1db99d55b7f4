import type { GraphqlError } from './errors.ts';

/** What an app asks for: a text, and what goes into it. */
export interface OperationRequest {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  /** Which operation of the text, where it has several. */
  readonly operationName?: string | null | undefined;
}

/** A frame of a subscription, or the answer to a query or mutation. */
export interface Result<Data = unknown> {
  readonly data?: Data | null;
  readonly errors?: readonly GraphqlError[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** Whom an operation tells what it hears. */
export interface Listener<Data = unknown> {
  next(result: Result<Data>): void;
  /** It ended so, and is not tried again: a RefusedError, SignedOutError, NotResumableError or ConnectionClosedError. */
  error?(error: unknown): void;
  /** The server has no more to say. */
  complete?(): void;
  /**
   * Events were missed, because they are no longer kept (WS_003). Read anew what is shown, and answer the cursor
   * of what was read: the subscription goes on behind it, without one from now on.
   */
  gap?(): Gap | Promise<Gap>;
}

export type Gap = string | null | undefined;

/** The same for the same operation, in whatever order its variables were written. */
export const keyOf = ({ query, variables, operationName }: OperationRequest): string =>
  JSON.stringify([query, operationName ?? null, variables ?? {}], (_name, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
      : value,
  );
