import { ApiKeyRevokedError, SessionRevokedError } from '../auth/errors.ts';
import { type ErrorScope, innermost } from '../graphql/errors.ts';
import type { Subscription } from '../graphql/stream.ts';
import type { DomainError } from '../lib/errors.ts';
import { COMPLETE_EVENT, nextEvent, publicResult } from './answer.ts';
import { AccessRevokedError } from './errors.ts';
import type { Frame } from './frame.ts';
import { asGraphQLError } from './operations.ts';
import { type Outlet, SLOW_SHARE } from './sink.ts';

/** A stream of server-sent events that is open. */
export interface OpenStream {
  /** Ends it with a last frame that says why. */
  end(reason: DomainError): void;
  /** Ends it because its reader has gone. */
  leave(): void;
}

export interface EventStreamOptions {
  readonly errors: ErrorScope;
  readonly pingIntervalMs: number;
  readonly maxBufferedBytes: number;
  readonly onBegin: Outlet['begins'];
  readonly onOpen: (stream: OpenStream) => void;
  readonly onClose: (stream: OpenStream) => void;
}

const COMMENT = Buffer.from(':\n\n');

/**
 * A subscription as GraphQL over SSE writes it, one connection for one operation. Frames that come
 * before it is open wait in it.
 */
export class EventStream implements Outlet {
  readonly body: ReadableStream<Uint8Array>;
  readonly #options: EventStreamOptions;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #isOpen = true;
  #taken: (() => void)[] = [];
  #free = () => {};

  constructor(options: EventStreamOptions) {
    this.#options = options;
    const slowBytes = options.maxBufferedBytes * SLOW_SHARE;
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#wake(),
        cancel: () => this.#close(),
      },
      { highWaterMark: slowBytes, size: (chunk) => chunk.byteLength },
    );
  }

  begins(subscription: Subscription): Promise<void> {
    return this.#options.onBegin(subscription);
  }

  get isSlow(): boolean {
    return this.#isOpen && (this.#controller.desiredSize ?? 0) <= 0;
  }

  get isFull(): boolean {
    const { maxBufferedBytes } = this.#options;
    return this.#isOpen && (this.#controller.desiredSize ?? 0) < maxBufferedBytes * (SLOW_SHARE - 1);
  }

  next(frame: Frame): void {
    this.#write(frame.forEventStream());
  }

  async drained(): Promise<void> {
    if (!this.isSlow) return;
    await new Promise<void>((resolve) => this.#taken.push(resolve));
  }

  /** Opens it for a subscription, which ends with it and it with the subscription. */
  open(subscription: Subscription): void {
    const { errors, pingIntervalMs, onOpen, onClose } = this.#options;
    const stream: OpenStream = { end: (reason) => this.#end(reason), leave: () => this.#leave() };
    const ping = setInterval(() => {
      if (!this.isSlow) this.#write(COMMENT);
    }, pingIntervalMs);
    this.#free = () => {
      clearInterval(ping);
      onClose(stream);
      subscription.return().catch((error) => errors.onFault(error));
    };
    onOpen(stream);
    // Some proxies and browsers show nothing of an answer before its first byte.
    this.#write(COMMENT);
    subscription.next().then(
      () => this.#end(),
      (error) => this.#end(isRevocation(innermost(error)) ? new AccessRevokedError() : error),
    );
  }

  #write(bytes: Uint8Array): void {
    if (this.#isOpen) this.#controller.enqueue(bytes);
  }

  #end(error?: unknown): void {
    if (!this.#isOpen) return;
    if (error !== undefined) {
      const result = publicResult({ errors: [asGraphQLError(error)] }, this.#options.errors);
      this.#write(Buffer.from(nextEvent(JSON.stringify(result))));
    }
    this.#write(Buffer.from(COMPLETE_EVENT));
    this.#controller.close();
    this.#close();
  }

  #leave(): void {
    if (!this.#isOpen) return;
    this.#controller.close();
    this.#close();
  }

  #close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#free();
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#taken.splice(0)) wake();
  }
}

/** That a session is over can be found before its own event has come: it ends alike (REALTIME: SSE). */
const isRevocation = (error: unknown): boolean =>
  error instanceof SessionRevokedError || error instanceof ApiKeyRevokedError;
