import { GraphQLError } from 'graphql';
import type { ErrorScope } from '../graphql/errors.ts';
import type { DomainError, ErrorCode } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import type { Logger } from '../lib/logger.ts';

/** What a foreign error means to a caller. */
export interface Translated {
  readonly answer: DomainError;
  /** Whether a person has to see to it, so that it is in the log as it was thrown. */
  readonly isFault: boolean;
}

/** Names a foreign error that means something to a caller; null when it is nothing but a fault. */
export type TranslateError = (fault: unknown) => Translated | null;

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
  finish(facts: Readonly<Record<string, string | number | null>>): void;
}

/** The same for all requests of a kind. */
export interface RequestLogOptions {
  readonly logger: Logger;
  readonly transport: 'http' | 'websocket' | 'fan-out';
  readonly translate: TranslateError;
  /** Of the line of a request without a fault. */
  readonly level?: 'info' | 'debug';
  /** Told the code of every error that is answered. */
  readonly onCode?: ((code: ErrorCode) => void) | undefined;
}

const MAX_NAME_LENGTH = 100;

export const createRequestLog = (options: RequestLogOptions, requestId = newId()): RequestLog =>
  new Log(options, requestId);

/** One for each operation, also for each that runs as long as its socket: what it may need is made when it is. */
class Log implements RequestLog, ErrorScope {
  readonly requestId: string;
  readonly #options: RequestLogOptions;
  readonly #startedMs = performance.now();
  #told: WeakSet<object> | null = null;
  #faults: object[] | null = null;
  #codes: Set<ErrorCode> | null = null;
  #operation: OperationName | null = null;
  #isStreaming = false;
  #isTold = false;

  constructor(options: RequestLogOptions, requestId: string) {
    this.#options = options;
    this.requestId = requestId;
  }

  translate(fault: unknown): DomainError | null {
    const translated = this.#options.translate(fault);
    if (translated?.isFault) this.onFault(fault);
    return translated?.answer ?? null;
  }

  get errors(): ErrorScope {
    return this;
  }

  operation(named: OperationName): void {
    this.#operation = named;
  }

  streaming(): void {
    this.#isStreaming = true;
  }

  onCode(code: ErrorCode): void {
    this.#codes ??= new Set();
    this.#codes.add(code);
    this.#options.onCode?.(code);
  }

  onFault(fault: unknown): void {
    // One thrown object can spoil several fields; it is one fault.
    if (typeof fault === 'object' && fault !== null) {
      this.#told ??= new WeakSet();
      if (this.#told.has(fault)) return;
      this.#told.add(fault);
    }
    if (!this.#isStreaming) {
      this.#faults ??= [];
      this.#faults.push(describeFault(fault));
      return;
    }
    this.#isTold = true;
    this.#write('error', { ...this.#about(), fault: describeFault(fault) }, 'unexpected error');
  }

  finish(facts: Readonly<Record<string, string | number | null>>): void {
    const ms = Math.round(performance.now() - this.#startedMs);
    const line = { ...this.#about(), ...facts, ms, ...(this.#codes && { codes: [...this.#codes] }) };
    const [fault, ...more] = this.#faults ?? [];
    if (fault)
      this.#write(
        'error',
        { ...line, fault, ...(more.length > 0 && { moreFaults: more }) },
        'unexpected error',
      );
    else if (!this.#isTold) this.#write(this.#options.level ?? 'info', line, 'request');
    // Whoever asked may have gone, and what he asked for still run: its faults have no other line to wait for.
    this.#isStreaming = true;
  }

  #about(): object {
    const named = this.#operation;
    if (!named) return {};
    return { kind: named.kind, operation: named.name?.slice(0, MAX_NAME_LENGTH) ?? null };
  }

  #write(level: 'error' | 'info' | 'debug', line: object, message: string): void {
    const { logger, transport } = this.#options;
    logger[level]({ requestId: this.requestId, transport, ...line }, message);
  }
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
