import type { Followed } from './followed.ts';
import { createRun, type Run, type RunOptions } from './run.ts';
import type { ServerFacts } from './server-facts.ts';
import type { Way } from './way.ts';

/** All operations that somebody listens to, and the way they go over now. */
export interface Roster {
  readonly size: number;
  /** Null while they wait for one. */
  readonly way: Way | null;
  /** Goes on with all of them over this way; with null they wait. */
  carry(way: Way, facts: ServerFacts): void;
  carry(way: null): void;
  /** Runs it from now on; begins anew what runs already. */
  run(operation: Followed): void;
  /** Answers how many are left. */
  take(operation: Followed): number;
  carries(operation: Followed): boolean;
  failAll(error: unknown): void;
}

export interface RosterOptions extends Omit<RunOptions, 'over'> {
  /** It has ended by itself, and nobody was told yet. */
  readonly over: (operation: Followed) => void;
}

export function createRoster(options: RosterOptions): Roster {
  const runs = new Map<Followed, Run>();
  let way: Way | null = null;
  let facts: ServerFacts | null = null;

  function start(run: Run) {
    if (!way || !facts) return run.over(null);
    try {
      run.operation.prepare(facts);
    } catch (error) {
      return fail(run.operation, error);
    }
    run.over(way);
  }
  function take(operation: Followed): number {
    runs.get(operation)?.stop();
    runs.delete(operation);
    return runs.size;
  }
  function end(operation: Followed) {
    take(operation);
    options.over(operation);
  }
  /** Who is told may begin again at once, with another. */
  function fail(operation: Followed, error: unknown) {
    end(operation);
    operation.fail(error);
  }
  return {
    get size() {
      return runs.size;
    },
    get way() {
      return way;
    },
    carry(next: Way | null, known: ServerFacts | null = null) {
      way = next;
      facts = known;
      for (const run of [...runs.values()]) start(run);
    },
    run(operation) {
      const run = runs.get(operation) ?? createRun(operation, { ...options, over: () => end(operation) });
      runs.set(operation, run);
      start(run);
    },
    take,
    carries: (operation) => runs.get(operation)?.isCarried ?? false,
    failAll(error) {
      for (const operation of [...runs.keys()]) fail(operation, error);
    },
  };
}
