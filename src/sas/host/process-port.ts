/**
 * A port whose device is in a process of its own (`port-process.ts`).
 *
 * Sending with the ninth bit as parity blocks for as long as the message lasts, and the pause inside it must stay
 * under 5 ms however busy everything else is. Only the port is over there, not the host: what the host does between
 * two exchanges has no deadline, and 0.1 ms each way is little in an exchange of 20 ms.
 */
import { type ChildProcess, fork } from 'node:child_process';
import type { LineSymbol } from '../codec/symbol.ts';
import type { PortSettings } from './open-port.ts';
import type { Port } from './port.ts';
import { createPortListeners } from './port-listeners.ts';
import { type FromPort, sharedClockMs, type ToPort } from './port-messages.ts';
import { PORT_PROGRAM } from './port-program.ts';

/** A process that does not say that something was sent hangs in its driver. */
const SEND_TIMEOUT_MS = 3_000;
const OPEN_TIMEOUT_MS = 20_000;
const CLOSE_TIMEOUT_MS = 2_000;

/** @throws Error with the reason the port could not be opened */
export async function openProcessPort(settings: PortSettings): Promise<Port> {
  const child = fork(PORT_PROGRAM.file, {
    execArgv: [...PORT_PROGRAM.execArgv],
    serialization: 'advanced',
    // It needs none of our secrets.
    env: {},
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const port = new ProcessPort(child);
  try {
    await port.open(settings);
    return port;
  } catch (error) {
    await port[Symbol.asyncDispose]();
    throw error;
  }
}

class ProcessPort implements Port {
  readonly #child: ChildProcess;
  readonly #listeners = createPortListeners();
  readonly #ended: Promise<unknown>;
  #opened: (reason: string | null) => void = () => {};
  #unsent = 0;
  #patience: NodeJS.Timeout | undefined;
  #isOpen = false;

  readonly onSymbols = this.#listeners.onSymbols;
  readonly onClosed = this.#listeners.onClosed;
  readonly onSent = this.#listeners.onSent;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.#ended = new Promise((resolve) => child.once('exit', resolve));
    child.on('message', (message: FromPort) => this.#hear(message));
    // A process that cannot be started has no exit.
    child.on('error', (error) => this.#fail(error.message));
    child.on('exit', (code, signal) => {
      const fail = () => this.#fail(`its process ended with ${signal ?? code}`);
      // What it said last may still be on its way.
      if (child.connected) child.once('disconnect', fail);
      else fail();
    });
  }

  async open(settings: PortSettings): Promise<void> {
    const opened = new Promise<string | null>((resolve) => {
      this.#opened = resolve;
    });
    const patience = setTimeout(() => this.#opened('the device took too long to open'), OPEN_TIMEOUT_MS);
    this.#tell({ kind: 'open', settings });
    const refusal = await opened;
    clearTimeout(patience);
    if (refusal !== null) throw new Error(refusal);
    this.#isOpen = true;
  }

  send(symbols: readonly LineSymbol[]): void {
    if (!this.#isOpen) return;
    this.#unsent += 1;
    this.#awaitSent();
    this.#tell({ kind: 'send', symbols, atMs: sharedClockMs() });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOpen = false;
    clearTimeout(this.#patience);
    this.#tell({ kind: 'close' });
    if (this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined)
      return;
    const impatience = setTimeout(() => this.#child.kill('SIGKILL'), CLOSE_TIMEOUT_MS);
    await this.#ended;
    clearTimeout(impatience);
  }

  #hear(message: FromPort): void {
    switch (message.kind) {
      case 'opened':
        this.#opened(null);
        break;
      case 'refused':
        this.#opened(message.reason);
        break;
      case 'heard':
        this.#listeners.heard(message.symbols);
        break;
      case 'sent':
        this.#unsent -= 1;
        this.#awaitSent();
        this.#listeners.sent(message.sent);
        break;
      case 'closed':
        this.#fail(message.reason);
    }
  }

  #awaitSent(): void {
    clearTimeout(this.#patience);
    if (this.#unsent === 0) return;
    this.#patience = setTimeout(() => this.#child.kill('SIGKILL'), SEND_TIMEOUT_MS);
  }

  #fail(reason: string | null): void {
    this.#opened(reason ?? 'the port closed');
    clearTimeout(this.#patience);
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#listeners.closed(reason === null ? null : new Error(reason));
  }

  #tell(message: ToPort): void {
    // A process that is gone has been noticed or will be.
    if (this.#child.connected) this.#child.send(message, () => {});
  }
}
