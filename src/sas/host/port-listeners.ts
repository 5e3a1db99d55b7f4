/** The listeners of a port. Each may be set late; a close that was missed is told at once. */
import type { HeardSymbol, Port, Sent } from './port.ts';

export interface PortListeners extends Pick<Port, 'onSymbols' | 'onClosed'> {
  onSent(listener: (sent: Sent) => void): void;
  heard(symbols: readonly HeardSymbol[]): void;
  /** Only the first call counts. */
  closed(cause: Error | null): void;
  sent(sent: Sent): void;
}

export function createPortListeners(): PortListeners {
  let listener: ((symbols: readonly HeardSymbol[]) => void) | null = null;
  let closeListener: ((cause: Error | null) => void) | null = null;
  let sentListener: ((sent: Sent) => void) | null = null;
  let closure: { readonly cause: Error | null } | null = null;

  return {
    onSymbols(next) {
      listener = next;
    },
    onClosed(next) {
      closeListener = next;
      if (closure) next(closure.cause);
    },
    onSent(next) {
      sentListener = next;
    },
    heard(symbols) {
      if (symbols.length > 0) listener?.(symbols);
    },
    closed(cause) {
      if (closure) return;
      closure = { cause };
      closeListener?.(cause);
    },
    sent: (sent) => sentListener?.(sent),
  };
}
