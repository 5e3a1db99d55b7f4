/**
 * Reports about one thing — the line, a machine, its meters — in the order they were made, one at a time.
 *
 * A newer report of a kind replaces the one that waits, so a slow consumer costs no memory and gets the newest. An
 * exception is never replaced: who delivers it waits before making another.
 */
import { createBackoff } from './backoff.ts';
import { createPace, type Pace } from './pace.ts';
import type { Clock } from './port.ts';
import type { HostReport } from './report.ts';

export interface ReportLaneOptions {
  readonly report: (report: HostReport) => Promise<void>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onError: () => void;
  /** Whatever waits in that lane goes before what is delivered in this one, but not the other way round. */
  readonly behind?: ReportLane;
}

interface Entry {
  readonly report: HostReport;
  readonly settle: (delivered: boolean) => void;
}

const RETRY_MIN_MS = 100;
const RETRY_MAX_MS = 5_000;

export class ReportLane {
  readonly #options: ReportLaneOptions;
  readonly #waiting: Entry[] = [];
  readonly #pace: Pace;
  #pump: Promise<void> | null = null;
  #closed = false;

  constructor(options: ReportLaneOptions) {
    this.#options = options;
    this.#pace = createPace(options.clock);
  }

  /**
   * Resolves true once the report, or a newer one of its kind, was taken; false when it was given up.
   *
   * Meters are tried once, because newer ones follow; everything else until it is taken or the lane closes.
   */
  deliver(report: HostReport): Promise<boolean> {
    if (this.#closed) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.#enqueue({ report, settle: resolve });
      this.#pump ??= this.#deliverAll();
    });
  }

  /** Tries nothing again, waits for the delivery under way, and gives up the rest. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#pace.wake();
    await this.#pump;
  }

  #enqueue(entry: Entry): void {
    const at = this.#waiting.findIndex(({ report }) => report.kind === entry.report.kind);
    const replaced = this.#waiting[at];
    if (replaced === undefined || replaced.report.kind === 'exception') {
      this.#waiting.push(entry);
      return;
    }
    this.#waiting.splice(at, 1);
    this.#waiting.push({
      report: entry.report,
      settle(delivered) {
        replaced.settle(delivered);
        entry.settle(delivered);
      },
    });
  }

  /** Resolves when nothing waits here any more. */
  async idle(): Promise<void> {
    await this.#pump;
  }

  async #deliverAll(): Promise<void> {
    await this.#options.behind?.idle();
    for (let entry = this.#waiting.shift(); entry !== undefined; entry = this.#waiting.shift()) {
      entry.settle(await this.#deliverOne(entry.report));
    }
    // In the same turn as the look that found nothing: whoever delivers next starts a new pump.
    this.#pump = null;
  }

  async #deliverOne(report: HostReport): Promise<boolean> {
    const { random, onError } = this.#options;
    const backoff = createBackoff({ minMs: RETRY_MIN_MS, maxMs: RETRY_MAX_MS, random });
    while (!this.#closed) {
      try {
        await this.#options.report(report);
        return true;
      } catch {
        // What went wrong is for the consumer to log; the line only has to know that it is not stored.
        onError();
      }
      if (report.kind === 'meters' || this.#isSuperseded(report)) return false;
      if (!this.#closed) await this.#pace.wait(this.#options.clock.nowMs() + backoff.next());
    }
    return false;
  }

  #isSuperseded({ kind }: HostReport): boolean {
    return kind !== 'exception' && this.#waiting.some((entry) => entry.report.kind === kind);
  }
}
