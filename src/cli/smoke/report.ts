import { CheckError, likelyCauseOf } from './likely-cause.ts';

/** Something that is tried, and what it means when nothing comes of it in time. */
export interface Check {
  readonly name: string;
  readonly late: string;
}

/** Runs checks one after the other and prints a line of each. */
export interface Report {
  /** Ends with the report: for what outlives the check that began it. */
  readonly signal: AbortSignal;
  readonly hasFailed: boolean;
  /**
   * Null when it failed. Its signal ends with it, however it ends.
   *
   * @param run answers with a `note` of what was seen
   */
  run<Seen extends { readonly note: string }>(
    check: Check,
    run: (signal: AbortSignal) => Promise<Seen>,
  ): Promise<Seen | null>;
  skip(name: string, why: string): void;
  end(): void;
}

export function createReport({
  timeoutMs,
  print,
}: {
  readonly timeoutMs: number;
  readonly print: (line: string) => void;
}): Report {
  const whole = new AbortController();
  let hasFailed = false;
  const say = (name: string, took: string, outcome: string) =>
    // A server may answer anything, to a terminal too.
    print(`${name.padEnd(14)}${took.padStart(8)}  ${outcome}`.replace(/\p{Cc}/gu, ' '));
  return {
    signal: whole.signal,
    get hasFailed() {
      return hasFailed;
    },
    async run({ name, late }, run) {
      const own = new AbortController();
      const startedAt = performance.now();
      const took = () => `${Math.round(performance.now() - startedAt)} ms`;
      let timer: NodeJS.Timeout | undefined;
      const tooLate = new Promise<never>((_resolve, reject) => {
        const error = new CheckError(`nothing came within ${timeoutMs / 1_000} s: ${late}`);
        timer = setTimeout(() => reject(error), timeoutMs);
      });
      try {
        const seen = await Promise.race([run(own.signal), tooLate]);
        say(name, took(), `ok: ${seen.note}`);
        return seen;
      } catch (error) {
        hasFailed = true;
        say(name, took(), `failed: ${likelyCauseOf(error)}`);
        return null;
      } finally {
        clearTimeout(timer);
        own.abort();
      }
    },
    skip: (name, why) => say(name, '–', `skipped: ${why}`),
    end: () => whole.abort(),
  };
}
