/** The two listeners of a port. Either may be set late; a close that was missed is told at once. */
import type { HeardSymbol, Port } from './port.ts';

export interface PortListeners extends Pick<Port, 'onSymbols' | 'onClosed'> {
  heard(symbols: readonly HeardSymbol[]): void;
  /** Only the first call counts. */
  closed(cause: Error | null): void;
}

export function createPortListeners(): PortListeners {
  let listener: ((symbols: readonly HeardSymbol[]) => void) | null = null;
  let closeListener: ((cause: Error | null) => void) | null = null;
  let closure: { readonly cause: Error | null } | null = null;

  return {
    onSymbols(next) {
      listener = next;
    },
    onClosed(next) {
      closeListener = next;
      if (closure) next(closure.cause);
    },
    heard(symbols) {
      if (symbols.length > 0) listener?.(symbols);
    },
    closed(cause) {
      if (closure) return;
      closure = { cause };
      closeListener?.(cause);
    },
  };
}
