import { byteOf, isMarked, type LineSymbol } from '../../../src/sas/codec/symbol.ts';
import type { HeardSymbol, Port } from '../../../src/sas/host/port.ts';
import { createPortListeners } from '../../../src/sas/host/port-listeners.ts';

export interface ScriptedPort extends Port {
  /** Every message sent so far, as hex: "81", "01 1C". */
  readonly sent: readonly string[];
  hear(...symbols: HeardSymbol[]): void;
  /** The other end goes away. */
  unplug(cause?: Error): void;
  readonly isDisposed: boolean;
}

/** What a machine says to a message: its symbols, or nothing. */
export type Script = (message: string) => readonly HeardSymbol[] | undefined;

/** A port whose other end answers from a script, after the message is out. */
export function aScriptedPort(script: Script = () => undefined): ScriptedPort {
  const listeners = createPortListeners();
  const sent: string[] = [];
  let isOpen = true;
  let isDisposed = false;

  return {
    sent,
    onSymbols: listeners.onSymbols,
    onClosed: listeners.onClosed,
    send(symbols) {
      if (!isOpen) return;
      for (const message of messagesOf(symbols)) {
        sent.push(message);
        const answer = script(message);
        if (answer) queueMicrotask(() => listeners.heard(answer));
      }
    },
    hear: (...symbols) => listeners.heard(symbols),
    unplug(cause) {
      isOpen = false;
      listeners.closed(cause ?? null);
    },
    get isDisposed() {
      return isDisposed;
    },
    async [Symbol.asyncDispose]() {
      isOpen = false;
      isDisposed = true;
    },
  };
}

export function messagesOf(symbols: readonly LineSymbol[]): string[] {
  const messages: string[] = [];
  for (const symbol of symbols) {
    const byte = byteOf(symbol).toString(16).toUpperCase().padStart(2, '0');
    if (isMarked(symbol)) messages.push(byte);
    else messages.push(`${messages.pop()} ${byte}`);
  }
  return messages;
}
