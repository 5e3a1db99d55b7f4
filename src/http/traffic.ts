import { CLOSE } from '../graphql/close-codes.ts';
import type { ErrorCode } from '../lib/errors.ts';
import { createTally, type Tally } from '../lib/tally.ts';
import { createOperationMeter, type OperationMeter } from './operation-meter.ts';

/** What a server has answered since it started, counted where it happens. */
export interface Traffic {
  readonly operations: OperationMeter;
  /** HTTP answers by the class of their status. */
  readonly answers: Tally<StatusClass>;
  /** Errors of answers by their code, in `errors` and as members of a result. */
  readonly errors: Tally<ErrorCode>;
  /** Ended WebSockets by the code they closed with. */
  readonly closes: Tally<string>;
}

export type StatusClass = '1xx' | '2xx' | '3xx' | '4xx' | '5xx';

export const createTraffic = (): Traffic => ({
  operations: createOperationMeter(),
  answers: createTally(),
  errors: createTally(),
  closes: createTally(),
});

export const statusClassOf = (status: number): StatusClass => `${Math.trunc(status / 100)}xx` as StatusClass;

/** Ours, and those that browsers and lost connections leave behind. */
const KNOWN_CODES: ReadonlySet<number> = new Set([...Object.values(CLOSE), 1000, 1001, 1002, 1005, 1006]);

/** A client closes with any code it likes: what is not known is one name. */
export const closeNameOf = (code: number): string => (KNOWN_CODES.has(code) ? String(code) : 'other');
