import { LineLeaseLostError } from './errors.ts';
import { elapsedMs, type LineLease, type Moment, thisMoment } from './line-lease.ts';

/** A lease in the hands of the process that took it. */
export interface Tenure {
  readonly lease: LineLease;
  /** Aborted when it is over: not renewed in time, lost to another, or given back. */
  readonly over: AbortSignal;
  /** Whether this process may still speak on the line, by its own clocks: right also after it stood still for a while. */
  isCurrent(): boolean;
  /** @throws LineLeaseLostError when it is over */
  demand(): void;
  /** The database renewed it; asked for at that moment. */
  renewed(askedAt: Moment): void;
  end(): void;
}

/** @param termMs how long it lasts after the moment at which it was asked for */
export function beginTenure(lease: LineLease, { termMs, askedAt, now = thisMoment }: TenureOptions): Tenure {
  const ending = new AbortController();
  let since = askedAt;
  let timer = setTimeout(endIfOver, leftMs());

  function leftMs(): number {
    return termMs - elapsedMs(since, now());
  }

  function endIfOver(): void {
    const left = leftMs();
    if (left <= 0) end();
    else timer = setTimeout(endIfOver, left);
  }

  function end(): void {
    clearTimeout(timer);
    ending.abort();
  }

  const isCurrent = () => !ending.signal.aborted && leftMs() > 0;
  return {
    lease,
    over: ending.signal,
    isCurrent,
    demand() {
      if (!isCurrent()) throw new LineLeaseLostError();
    },
    renewed(asked) {
      // Over is over: what was stopped does not begin again by itself.
      if (isCurrent()) since = asked;
      else end();
    },
    end,
  };
}

export interface TenureOptions {
  readonly termMs: number;
  readonly askedAt: Moment;
  readonly now?: () => Moment;
}
