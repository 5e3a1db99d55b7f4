import type { ExecutionResult } from 'graphql';
import { ApiKeyRevokedError, SessionRevokedError } from '../auth/errors.ts';
import { type ErrorScope, innermost } from '../graphql/errors.ts';
import type { DomainError } from '../lib/errors.ts';
import { COMPLETE_EVENT, nextEvent, publicResult } from './answer.ts';
import { AccessRevokedError } from './errors.ts';
import { asGraphQLError } from './operations.ts';

/** A stream of server-sent events that is open. */
export interface OpenStream {
  /** Ends it with a last frame that says why. */
  end(reason: DomainError): void;
}

export interface EventStreamOptions {
  readonly results: AsyncIterable<ExecutionResult>;
  readonly errors: ErrorScope;
  readonly pingIntervalMs: number;
  readonly onOpen: (stream: OpenStream) => void;
  readonly onClose: (stream: OpenStream) => void;
}

const COMMENT = ':\n\n';

/**
 * Results as GraphQL over SSE writes them, one connection for one operation. A result is taken
 * from its source only when the reader has taken the one before.
 */
export function eventStream(options: EventStreamOptions): ReadableStream<Uint8Array> {
  const { errors, pingIntervalMs, onOpen, onClose } = options;
  const results = options.results[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  const frame = (result: ExecutionResult) =>
    encoder.encode(nextEvent(JSON.stringify(publicResult(result, errors))));
  let isOpen = true;
  let free = () => {};

  return new ReadableStream<Uint8Array>({
    start(controller) {
      const ping = setInterval(() => {
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(COMMENT));
      }, pingIntervalMs);
      const stream: OpenStream = {
        end(reason) {
          free();
          controller.enqueue(frame({ errors: [asGraphQLError(reason)] }));
          complete(controller);
        },
      };
      free = () => {
        isOpen = false;
        clearInterval(ping);
        onClose(stream);
        results.return?.().catch(errors.onFault);
      };
      onOpen(stream);
      // Some proxies and browsers show nothing of an answer before its first byte.
      controller.enqueue(encoder.encode(COMMENT));
    },
    async pull(controller) {
      const next = await nextOf(results);
      if (!isOpen) return;
      if (next) controller.enqueue(frame(next.result));
      if (next && !next.isLast) return;
      free();
      complete(controller);
    },
    cancel() {
      if (isOpen) free();
    },
  });

  function complete(controller: ReadableStreamDefaultController<Uint8Array>): void {
    controller.enqueue(encoder.encode(COMPLETE_EVENT));
    controller.close();
  }
}

/** The next result; null at the end; an error of the source is its last result. */
async function nextOf(
  results: AsyncIterator<ExecutionResult>,
): Promise<{ readonly result: ExecutionResult; readonly isLast: boolean } | null> {
  try {
    const next = await results.next();
    return next.done ? null : { result: asEnded(next.value), isLast: false };
  } catch (error) {
    return { result: asEnded({ errors: [asGraphQLError(error)] }), isLast: true };
  }
}

/**
 * That a session is over can be found by the next event before its own has come: it ends alike
 * (REALTIME: SSE). Yoga hands on what its source throws as a result.
 */
function asEnded(result: ExecutionResult): ExecutionResult {
  const isOver = result.errors?.some((error) => isRevocation(innermost(error)));
  return isOver ? { errors: [asGraphQLError(new AccessRevokedError())] } : result;
}

const isRevocation = (error: unknown): boolean =>
  error instanceof SessionRevokedError || error instanceof ApiKeyRevokedError;
