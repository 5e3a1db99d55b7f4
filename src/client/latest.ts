import { memberOf } from './member.ts';
import type { OperationRequest, Result } from './operation.ts';

/** The newest frame of a subscription, for who shows it while nothing newer can be had. */
export interface Latest<Data = unknown> {
  readonly result: Result<Data>;
  /** When it came. */
  readonly asOf: Date;
  /**
   * Whether it may be another by now: nobody listens to it, or nothing carries it. That is so while the connection is
   * gone, until a stream or poll has come through, and all the time it is polling that would have to carry it and cannot.
   */
  readonly isStale: boolean;
}

/** Where frames of one person outlive a page, such as `localStorage`. Whoever can read it can read them. */
export interface FrameStore {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

export interface LatestFrames {
  put(request: OperationRequest, result: Result): void;
  find(request: OperationRequest): Omit<Latest, 'isStale'> | null;
}

interface Kept {
  readonly result: Result;
  readonly asOfMs: number;
}

const PREFIX = 'floorwire ';
/** So many subscriptions are remembered; the one that was heard of longest ago goes. */
const LIMIT = 100;

export function createLatestFrames({
  store,
  now,
}: {
  readonly store: FrameStore | null;
  readonly now: () => number;
}): LatestFrames {
  const frames = new Map<string, Kept>();

  function stored(key: string): Kept | null {
    try {
      const kept: unknown = JSON.parse(store?.getItem(PREFIX + key) ?? 'null');
      return isKept(kept) ? kept : null;
    } catch {
      // Another wrote there, or it cannot be read: then there is none.
      return null;
    }
  }

  return {
    put(request, result) {
      // What is no answer is no newer one.
      if (result.data == null) return;
      const key = shownKeyOf(request);
      const kept: Kept = { result, asOfMs: now() };
      frames.delete(key);
      frames.set(key, kept);
      const [oldest] = frames.keys();
      if (frames.size > LIMIT && oldest !== undefined) frames.delete(oldest);
      try {
        store?.setItem(PREFIX + key, JSON.stringify(kept));
      } catch {
        // It is full, or not allowed: memory has it.
      }
    },
    find(request) {
      const key = shownKeyOf(request);
      const kept = frames.get(key) ?? stored(key);
      return kept && { result: kept.result, asOf: new Date(kept.asOfMs) };
    },
  };
}

/** The same wherever it goes on from: `after` says where, and nothing of what is shown. */
export function shownKeyOf({ query, variables, operationName }: OperationRequest): string {
  const shown = Object.entries(variables ?? {}).filter(([name]) => name !== 'after');
  return JSON.stringify([
    query,
    operationName ?? null,
    shown.sort(([one], [other]) => (one < other ? -1 : 1)),
  ]);
}

const isKept = (value: unknown): value is Kept =>
  typeof memberOf(value, 'result') === 'object' && typeof memberOf(value, 'asOfMs') === 'number';
