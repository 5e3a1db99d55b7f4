/** A line inside the process: symbols are passed as they are, so tests need neither bytes nor devices. */
import type { LineSymbol } from '../codec/symbol.ts';
import type { HeardSymbol, Port } from '../host/port.ts';
import type { Wire } from './wire.ts';

export interface MemoryLine {
  /** The machines' end. */
  readonly egm: Wire;
  /** A new host's end, as long as it is plugged in; the one before is closed. @throws Error when unplugged */
  open(): Promise<Port>;
}

export interface MemoryPair extends MemoryLine {
  /** The first host's end. */
  readonly host: Port;
}

/** Symbols reach the other end in a later microtask, never inside `send`. */
export function memoryLine(): MemoryLine {
  return new InMemoryLine();
}

/** A memory line with its first host's end opened. */
export function memoryPair(): MemoryPair {
  const line = new InMemoryLine();
  return { host: line.openNow(), egm: line.egm, open: () => line.open() };
}

class InMemoryLine implements MemoryLine {
  readonly egm: Wire;
  #host: HostEnd | null = null;
  #plugged = true;
  #heardByEgm: (symbols: readonly HeardSymbol[]) => void = () => {};

  constructor() {
    this.egm = {
      send: (symbols) => this.#toHost(symbols),
      onSymbols: (listener) => {
        this.#heardByEgm = listener;
      },
      unplug: async () => this.#unplug(),
      plug: async () => {
        this.#plugged = true;
      },
      [Symbol.asyncDispose]: async () => this.#unplug(),
    };
  }

  async open(): Promise<Port> {
    return this.openNow();
  }

  openNow(): Port {
    if (!this.#plugged) throw new Error('The memory line is unplugged.');
    this.#host?.close(new Error('The memory line was opened again.'));
    const host: HostEnd = new HostEnd((symbols) => {
      queueMicrotask(() => {
        if (this.#host === host && !host.isClosed) this.#heardByEgm(symbols);
      });
    });
    this.#host = host;
    return host;
  }

  #toHost(symbols: readonly LineSymbol[]): void {
    const host = this.#host;
    queueMicrotask(() => host?.hear(symbols));
  }

  #unplug(): void {
    this.#plugged = false;
    this.#host?.close(new Error('The memory line was unplugged.'));
    this.#host = null;
  }
}

class HostEnd implements Port {
  readonly #send: (symbols: readonly LineSymbol[]) => void;
  #listener: (symbols: readonly HeardSymbol[]) => void = () => {};
  #closeListener: ((cause: Error | null) => void) | null = null;
  #closure: { readonly cause: Error | null } | null = null;
  #told = false;

  constructor(send: (symbols: readonly LineSymbol[]) => void) {
    this.#send = send;
  }

  get isClosed(): boolean {
    return this.#closure !== null;
  }

  send(symbols: readonly LineSymbol[]): void {
    if (!this.isClosed) this.#send([...symbols]);
  }

  onSymbols(listener: (symbols: readonly HeardSymbol[]) => void): void {
    this.#listener = listener;
  }

  onClosed(listener: (cause: Error | null) => void): void {
    this.#closeListener = listener;
    if (this.#closure !== null) this.#tell(this.#closure.cause);
  }

  hear(symbols: readonly LineSymbol[]): void {
    if (!this.isClosed) this.#listener(symbols);
  }

  /** The other end went away. */
  close(cause: Error): void {
    if (this.isClosed) return;
    this.#closure = { cause };
    queueMicrotask(() => this.#tell(cause));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Whoever closes a port knows it: the listener is for the other end going away.
    this.#closure ??= { cause: null };
    this.#told = true;
  }

  #tell(cause: Error | null): void {
    if (this.#told || this.#closeListener === null) return;
    this.#told = true;
    this.#closeListener(cause);
  }
}
