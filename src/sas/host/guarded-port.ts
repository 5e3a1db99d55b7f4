import type { Port, Sent } from './port.ts';

/**
 * A port on which nothing is sent unless `maySend` holds in that very moment: not even by a process that was
 * stopped in the middle of a sentence and goes on when the line belongs to another.
 */
export function guardPort(port: Port, maySend: () => boolean): Port {
  const { onSent } = port;
  let sent: (sent: Sent) => void = () => {};
  return {
    send(symbols) {
      if (maySend()) port.send(symbols);
      // Nobody shall wait for it to leave.
      else sent({ hasLeft: false, gapMs: null });
    },
    onSymbols: (listener) => port.onSymbols(listener),
    onClosed: (listener) => port.onClosed(listener),
    ...(onSent && {
      onSent(listener: (sent: Sent) => void) {
        sent = listener;
        onSent(listener);
      },
    }),
    [Symbol.asyncDispose]: () => port[Symbol.asyncDispose](),
  };
}
