import type { Port } from './port.ts';

/**
 * A port on which nothing is sent unless `maySend` holds in that very moment: not even by a process that was
 * stopped in the middle of a sentence and goes on when the line belongs to another.
 */
export function guardPort(port: Port, maySend: () => boolean): Port {
  return {
    send(symbols) {
      if (maySend()) port.send(symbols);
    },
    onSymbols: (listener) => port.onSymbols(listener),
    onClosed: (listener) => port.onClosed(listener),
    [Symbol.asyncDispose]: () => port[Symbol.asyncDispose](),
  };
}
