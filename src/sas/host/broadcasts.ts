/** What is said to all machines of a line at once; nobody answers (SAS.md 4 and 6.6). */
import {
  MOST_PROGRESSIVE_LEVELS,
  PROGRESSIVE_LEVEL,
  PROGRESSIVE_LEVELS,
} from '../codec/long-polls/progressives.ts';
import { encodeRequest } from '../codec/poll-table.ts';

export interface ProgressiveLevel {
  /** 1 to 32. */
  readonly level: number;
  readonly cents: bigint;
}

export interface Broadcast {
  frame(): Uint8Array;
  /** Whether it went out. */
  done(sent: boolean): void;
}

const EVERYBODY = 0;

interface Group {
  readonly frame: Uint8Array;
  dueAtMs: number;
}

export class Broadcasts {
  readonly #intervalMs: number;
  readonly #once: Broadcast[] = [];
  readonly #groups = new Map<number, Group>();

  /** @param intervalMs from one broadcast of a progressive group to its next. */
  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  once(broadcast: Broadcast): void {
    this.#once.push(broadcast);
  }

  /** What the levels stand at from now on; none ends it. @throws RangeError */
  setProgressives(group: number, levels: readonly ProgressiveLevel[], nowMs: number): void {
    if (levels.length === 0) this.#groups.delete(group);
    else this.#groups.set(group, { frame: progressiveFrame(group, levels), dueAtMs: nowMs });
  }

  /** What is due, and no longer is. */
  take(nowMs: number): Broadcast | null {
    const once = this.#once.shift();
    if (once !== undefined) return once;
    for (const group of this.#groups.values()) {
      if (group.dueAtMs > nowMs) continue;
      group.dueAtMs = nowMs + this.#intervalMs;
      return { frame: () => group.frame, done() {} };
    }
    return null;
  }

  /** When something will be due. */
  nextAtMs(): number {
    if (this.#once.length > 0) return Number.NEGATIVE_INFINITY;
    let nextMs = Number.POSITIVE_INFINITY;
    for (const { dueAtMs } of this.#groups.values()) nextMs = Math.min(nextMs, dueAtMs);
    return nextMs;
  }

  /** The line is gone: what was to be said once will not be said. */
  giveUp(): void {
    for (const { done } of this.#once.splice(0)) done(false);
  }
}

/** 80 is the better known, for one level; 86 tells up to 32 at once. */
function progressiveFrame(group: number, levels: readonly ProgressiveLevel[]): Uint8Array {
  const [first, ...more] = levels;
  if (levels.length > MOST_PROGRESSIVE_LEVELS) throw new RangeError(`${levels.length} levels of one group`);
  for (const { level } of levels)
    if (!Number.isInteger(level) || level < 1 || level > MOST_PROGRESSIVE_LEVELS)
      throw new RangeError(`${level} is no progressive level`);
  if (first !== undefined && more.length === 0)
    return encodeRequest(PROGRESSIVE_LEVEL, EVERYBODY, { group, ...first });
  return encodeRequest(PROGRESSIVE_LEVELS, EVERYBODY, { group, levels });
}
