/** How long something may take. */
export interface TimeLimit extends Disposable {
  /** Aborted when it took longer, or when whoever wants it gave up. */
  readonly signal: AbortSignal;
  /** It goes on: from now it may take as long again. */
  renew(): void;
}

/**
 * Aborts when `ms` have passed or with `givenUp`, whichever is first, until it is disposed of. `AbortSignal.any` would not
 * do: it keeps nothing alive, so that an `AbortSignal.timeout` in it that was collected never aborts (Node.js 20).
 */
export function limitTime(ms: number, givenUp?: AbortSignal): TimeLimit {
  const limit = new AbortController();
  const giveUp = () => limit.abort(givenUp?.reason);
  const timer = setTimeout(() => limit.abort(new DOMException(`not within ${ms} ms`, 'TimeoutError')), ms);
  givenUp?.addEventListener('abort', giveUp);
  if (givenUp?.aborted) giveUp();
  let isOver = false;
  return {
    signal: limit.signal,
    renew() {
      if (!isOver) timer.refresh();
    },
    [Symbol.dispose]() {
      isOver = true;
      clearTimeout(timer);
      givenUp?.removeEventListener('abort', giveUp);
    },
  };
}
