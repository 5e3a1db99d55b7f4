import {
  type DocumentNode,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
} from 'graphql';
import type { OperationKind, OperationOutcome, OperationTimes } from '../graphql/operation-times.ts';
import { createHistogram, type Histogram, LATENCY_BOUNDS_MS } from '../lib/histogram.ts';

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
        const fields = [null, ...rootFields(document, operation)];
        places = fields.map((field) => timesOf(operation.operation, field, outcome));
        placesOf[outcome].set(operation, places);
      }
      for (const place of places) place.record(ms);
    },
    times: () => [...known.values()],
  };
}

/** The fields at the root of an operation, those in its fragments too. Each fragment is looked at once. */
function rootFields(document: DocumentNode, operation: OperationDefinitionNode): ReadonlySet<string> {
  const fields = new Set<string>();
  const left: SelectionNode[] = [...operation.selectionSet.selections];
  const seen = new Set<string>();
  for (let selection = left.pop(); selection; selection = left.pop()) {
    if (selection.kind === Kind.FIELD) fields.add(selection.name.value);
    else if (selection.kind === Kind.INLINE_FRAGMENT) left.push(...selection.selectionSet.selections);
    else if (!seen.has(selection.name.value)) {
      seen.add(selection.name.value);
      left.push(...selectionsOf(document, selection.name.value));
    }
  }
  return fields;
}

function selectionsOf(document: DocumentNode, fragment: string): readonly SelectionNode[] {
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === fragment)
      return definition.selectionSet.selections;
  return [];
}
