import type { Histogram } from '../lib/histogram.ts';

export type OperationKind = 'query' | 'mutation' | 'subscription';

/** `failed`: its answer carried `errors`. An error that is a member of a result union is an answer like another. */
export type OperationOutcome = 'succeeded' | 'failed';

/** How long operations took, in milliseconds; a subscription until it had begun. */
export interface OperationTimes {
  readonly kind: OperationKind;
  /** Which root field they selected, beside others perhaps; null: all operations of the kind. */
  readonly field: string | null;
  readonly outcome: OperationOutcome;
  readonly times: Histogram;
}
