/** The port of one line: opened, and after each end of it opened again, with growing waits. */
import { createBackoff } from './backoff.ts';
import { Exchange, type ExchangeOptions } from './exchange.ts';
import type { Pace } from './pace.ts';
import type { Port } from './port.ts';
import type { HostTiming } from './profiles.ts';
import type { LineReport } from './report.ts';
import type { LineCounters } from './statistics.ts';

export interface LineLinkOptions {
  readonly open: () => Promise<Port>;
  readonly exchange: ExchangeOptions & { readonly timing: HostTiming; readonly counters: LineCounters };
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Woken when the port closes, and when the host wants to end. */
  readonly pace: Pace;
  readonly deliver: (report: LineReport) => Promise<boolean>;
  readonly isStopping: () => boolean;
  /** Speaks on the open line until it closes, or the host wants to end. */
  readonly speak: (exchange: Exchange) => Promise<void>;
  /** The port closed, or could not be opened. */
  readonly onDown: () => void;
}

export class LineLink {
  readonly #options: LineLinkOptions;
  #state: 'UP' | 'DOWN' | null = null;
  /** Why the line is down, as it was reported last. */
  #downCause: string | null = null;
  #hasBeenUp = false;

  constructor(options: LineLinkOptions) {
    this.#options = options;
  }

  get isUp(): boolean {
    return this.#state === 'UP';
  }

  /** Ends with the host. */
  async run(): Promise<void> {
    const { exchange, random, pace, isStopping } = this.#options;
    const { clock, timing } = exchange;
    const { reopenMinMs: minMs, reopenMaxMs: maxMs } = timing;
    const backoff = createBackoff({ minMs, maxMs, random });
    while (!isStopping()) {
      const startedAtMs = clock.nowMs();
      const cause = await this.#serveOnce();
      if (isStopping()) return;
      this.#closed(cause);
      // A port that opens only to close again is no reason to hurry.
      if (clock.nowMs() - startedAtMs > maxMs) backoff.reset();
      const untilMs = clock.nowMs() + backoff.next();
      while (!isStopping() && clock.nowMs() < untilMs) await pace.wait(untilMs);
    }
  }

  /** Returns why the line is down again. */
  async #serveOnce(): Promise<Error | null> {
    const { open, exchange: options, pace, speak } = this.#options;
    let cause: Error | null = null;
    try {
      await using port = await open();
      using exchange = new Exchange(port, options, (closedBy) => {
        cause = closedBy;
        pace.wake();
      });
      this.#opened();
      await speak(exchange);
    } catch (error) {
      cause = error instanceof Error ? error : new Error(String(error));
    }
    return cause;
  }

  #opened(): void {
    const { exchange, deliver } = this.#options;
    if (this.#hasBeenUp) exchange.counters.reopenings += 1;
    this.#hasBeenUp = true;
    this.#state = 'UP';
    void deliver({ kind: 'line', state: 'UP', cause: null, at: exchange.clock.date() });
  }

  /** Said again when a try to open the port tells why, or another reason: many a port closes without a word. */
  #closed(error: Error | null): void {
    const { exchange, deliver, onDown } = this.#options;
    const cause = error && messageOf(error);
    if (this.#state !== 'DOWN' || (cause !== null && cause !== this.#downCause)) {
      this.#downCause = cause;
      void deliver({ kind: 'line', state: 'DOWN', cause, at: exchange.clock.date() });
    }
    this.#state = 'DOWN';
    onDown();
  }
}

/** Where every address of a name was tried, Node.js has a code for it and no words. */
const messageOf = (error: Error & { readonly code?: unknown }): string =>
  error.message || String(error.code ?? error.name);
