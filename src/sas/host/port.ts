/**
 * What the SAS host needs from the outside: a line to speak on and a clock to wait by.
 *
 * A line symbol is a byte with its ninth (wakeup) bit (SAS.md 13.1); how a device carries that
 * bit is the business of whoever implements `Port`.
 */
import type { LineSymbol } from '../codec/symbol.ts';

/** What a listener hears: a symbol, or 'error' where the stream broke (SAS.md 13.2). */
export type HeardSymbol = LineSymbol | 'error';

/** What became of one `send`. */
export interface Sent {
  /** False for what was dropped instead: nobody on the line has heard it. */
  readonly hasLeft: boolean;
  /** The longest pause inside a message, from when a byte can have left to the next; null where there was none. */
  readonly gapMs: number | null;
}

/** One end of a SAS line: symbols in, messages out (SAS.md 13.1). */
export interface Port extends AsyncDisposable {
  /**
   * Sends symbols in one piece. The host marks the first byte of each message. What is sent on a
   * closed port is dropped: the listener of `onClosed` has been or will be told.
   */
  send(symbols: readonly LineSymbol[]): void;
  /** The listener gets whatever arrived, in any chunking; 'error' stands for a stream error. One listener. */
  onSymbols(listener: (symbols: readonly HeardSymbol[]) => void): void;
  /** Called once when the other end or the device goes away, with the cause if known; also when set afterwards. */
  onClosed(listener: (cause: Error | null) => void): void;
  /**
   * The listener is told of each `send`, in order, when its last byte has left; of none any more once the port closed.
   * Absent where nobody knows: a byte stream only says that it took the bytes. One listener.
   */
  onSent?(listener: (sent: Sent) => void): void;
}

/** Time for one line. `nowMs` is monotonic with an arbitrary start; `date` is the wall clock. */
export interface Clock {
  nowMs(): number;
  date(): Date;
  /** Calls `fn` once after `ms` milliseconds, unless disposed before. */
  setTimer(ms: number, fn: () => void): Disposable;
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  date: () => new Date(),
  setTimer: (ms, fn) => {
    const timer = setTimeout(fn, ms);
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};
