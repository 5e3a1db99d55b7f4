import { type DocumentNode, getOperationAST, type OperationDefinitionNode } from 'graphql';
import type { OperationKind, OperationOutcome, OperationTimes } from '../graphql/operation-times.ts';
import { createHistogram, type Histogram, LATENCY_BOUNDS_MS } from '../lib/histogram.ts';
import { rootFieldsOf } from './root-fields.ts';

/** Measures the operations of every transport, each kind of them and each root field. */
export interface OperationMeter {
  /** One that ran or was refused after its document had proved good. */
  record(operation: MeasuredOperation): void;
  /** Of what has run so far. There are as many as the schema has root fields, at most twice. */
  readonly times: () => readonly OperationTimes[];
}

export interface MeasuredOperation {
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly ms: number;
  readonly outcome: OperationOutcome;
}

export function createOperationMeter(): OperationMeter {
  const known = new Map<string, OperationTimes>();
  /** Documents are kept between requests, and with them where their operations count. */
  const placesOf: Readonly<Record<OperationOutcome, WeakMap<OperationDefinitionNode, readonly Histogram[]>>> =
    { succeeded: new WeakMap(), failed: new WeakMap() };

  function timesOf(kind: OperationKind, field: string | null, outcome: OperationOutcome): Histogram {
    const key = `${kind} ${field} ${outcome}`;
    const found = known.get(key) ?? { kind, field, outcome, times: createHistogram(LATENCY_BOUNDS_MS) };
    known.set(key, found);
    return found.times;
  }

  return {
    record({ document, operationName, ms, outcome }) {
      const operation = getOperationAST(document, operationName);
      if (!operation) return;
      let places = placesOf[outcome].get(operation);
      if (!places) {
        const fields = [null, ...rootFieldsOf(document, operation)];
        places = fields.map((field) => timesOf(operation.operation, field, outcome));
        placesOf[outcome].set(operation, places);
      }
      for (const place of places) place.record(ms);
    },
    times: () => [...known.values()],
  };
}
