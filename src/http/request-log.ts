import { GraphQLError } from 'graphql';
import type { ErrorScope } from '../graphql/errors.ts';
import type { DomainError, ErrorCode } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';

/** Names a foreign error that means something to a caller; null when it is a fault. */
export type TranslateError = (fault: unknown) => DomainError | null;

/** What is known of an operation once it is read. Names are the caller's, so they are cut. */
export interface OperationName {
  readonly kind: string;
  readonly name: string | null;
}

/**
 * The one line the log gets about a request, faults and all; a stream's faults are told when they
 * happen. By allow-list: no variables, no tokens, no headers.
 */
export interface RequestLog {
  readonly requestId: string;
  /** Maps the errors of this request, and keeps what is thrown that is not an answer. */
  readonly errors: ErrorScope;
  operation(operation: OperationName): void;
  /** From now on there is no end in sight: faults are written at once. */
  streaming(): void;
  finish(facts: Readonly<Record<string, string | number>>): void;
}

export interface RequestLogOptions {
  readonly logger: Logger;
  readonly requestId: string;
  readonly transport: 'http' | 'websocket' | 'fan-out';
  readonly translate: TranslateError;
  /** Of the line of a request without a fault. */
  readonly level?: 'info' | 'debug';
  /** Told the code of every error that is answered. */
  readonly onCode?: ((code: ErrorCode) => void) | undefined;
}

const MAX_NAME_LENGTH = 100;

export function createRequestLog(options: RequestLogOptions): RequestLog {
  const { logger, requestId, transport, translate, level = 'info', onCode } = options;
  const log = logger.child({ requestId, transport });
  const startedMs = performance.now();
  const told = new WeakSet<object>();
  const faults: object[] = [];
  const codes = new Set<string>();
  let operation: OperationName | null = null;
  let isStreaming = false;
  let isTold = false;

  const about = () => ({
    ...(operation && { kind: operation.kind, operation: operation.name?.slice(0, MAX_NAME_LENGTH) ?? null }),
  });

  function onFault(fault: unknown): void {
    // One thrown object can spoil several fields; it is one fault.
    if (typeof fault === 'object' && fault !== null) {
      if (told.has(fault)) return;
      told.add(fault);
    }
    if (!isStreaming) {
      faults.push(describeFault(fault));
      return;
    }
    isTold = true;
    log.error({ ...about(), fault: describeFault(fault) }, 'unexpected error');
  }

  return {
    requestId,
    errors: {
      requestId,
      translate,
      onFault,
      onCode(code) {
        codes.add(code);
        onCode?.(code);
      },
    },
    operation: (named) => {
      operation = named;
    },
    streaming: () => {
      isStreaming = true;
    },
    finish(facts) {
      const ms = Math.round(performance.now() - startedMs);
      const line = { ...about(), ...facts, ms, ...(codes.size > 0 && { codes: [...codes] }) };
      const [fault, ...more] = faults;
      if (fault)
        log.error({ ...line, fault, ...(more.length > 0 && { moreFaults: more }) }, 'unexpected error');
      else if (!isTold) log[level](line, 'request');
    },
  };
}

const MAX_CAUSES = 3;

/** What an operator needs of a fault: its kind, its text, where; of a database error what was violated, never the values. */
export function describeFault(fault: unknown, depth = 0): object {
  const inner = fault instanceof GraphQLError && fault.originalError ? fault.originalError : fault;
  if (!(inner instanceof Error)) return { type: typeof inner, message: 'Not an error was thrown.' };
  return {
    type: inner.name,
    message: inner.message,
    ...textFields(inner, ['code', 'constraint', 'table', 'syscall']),
    stack: inner.stack,
    ...(inner.cause !== undefined && depth < MAX_CAUSES && { cause: describeFault(inner.cause, depth + 1) }),
  };
}

function textFields(error: Error, names: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of names) {
    const value: unknown = Reflect.get(error, name);
    if (typeof value === 'string') found[name] = value;
  }
  return found;
}
