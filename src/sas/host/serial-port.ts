/**
 * A SAS line on a serial device or a pseudo-terminal.
 *
 * serialport opens, locks and watches the device. Reading and writing go straight to its file descriptor, which is
 * non-blocking: a poll through the stream of serialport costs three times the CPU, and its reader spins for ever on a
 * pseudo-terminal whose other end went away between two reads.
 */
import { readSync, writeSync } from 'node:fs';
import { createMarkedStreamDecoder, encodeMarkedStream } from '../codec/marked-stream.ts';
import { byteOf, isMarked, type LineSymbol } from '../codec/symbol.ts';
import { createLineControl, type LineControl, openLibc } from './line-control.ts';
import type { Port } from './port.ts';
import { createPortListeners } from './port-listeners.ts';

/**
 * How the ninth bit travels. MARKED: in-band in both directions, for pseudo-terminals and gateways (SAS.md 13.2).
 * PARITY: as MARK and SPACE parity of a real UART, which on reading gives the same in-band stream (13.1 item 2).
 */
export type WakeupMode = 'MARKED' | 'PARITY';

export interface SerialPortOptions {
  readonly path: string;
  readonly wakeupMode: WakeupMode;
  /** Only used with PARITY; by default through the C library. */
  readonly lineControl?: LineControl;
}

const BAUD_RATE = 19_200;
const READ_BYTES = 4_096;

/** What we use of a port of serialport's binding on Linux and macOS. */
interface Device {
  readonly fd: number | null;
  readonly poller: { once(event: 'readable', listener: (error: Error | null) => void): unknown };
  close(): Promise<void>;
}

/**
 * Opens the device with 19200 8N1 under an exclusive lock.
 *
 * @throws Error when it is missing, locked or no serial device; LineControlError when it cannot do the ninth bit.
 */
export async function openSerialPort(options: SerialPortOptions): Promise<Port> {
  const device = await openDevice(options);
  try {
    const control = options.wakeupMode === 'PARITY' ? await lineControlOf(options) : null;
    const fd = descriptorOf(device);
    control?.setup(fd);
    return new SerialLine(device, fd, control);
  } catch (error) {
    await device.close();
    throw error;
  }
}

async function openDevice({ path, wakeupMode }: SerialPortOptions): Promise<Device> {
  const { SerialPort } = await import('serialport');
  const device = await SerialPort.binding.open({ path, baudRate: BAUD_RATE, lock: true });
  if (!('poller' in device)) {
    await device.close();
    throw new Error('Serial lines are supported on Linux and macOS; elsewhere use a TCP gateway.');
  }
  if (wakeupMode === 'PARITY') {
    // An FTDI adapter otherwise holds a reply back for 16 of the 20 ms; drivers without the setting refuse it.
    await device.set({ lowLatency: true, dtr: true, rts: true }).catch(() => {});
  }
  return device;
}

async function lineControlOf({ lineControl }: SerialPortOptions): Promise<LineControl> {
  return lineControl ?? createLineControl(await openLibc());
}

function descriptorOf(device: Device): number {
  if (device.fd === null) throw new Error('The port closed while it was opened.');
  return device.fd;
}

class SerialLine implements Port {
  readonly #device: Device;
  readonly #fd: number;
  readonly #control: LineControl | null;
  readonly #listeners = createPortListeners();
  readonly #decoder = createMarkedStreamDecoder();
  readonly #buffer = new Uint8Array(READ_BYTES);
  #isOpen = true;
  #closing: Promise<void> | null = null;

  readonly onSymbols = this.#listeners.onSymbols;
  readonly onClosed = this.#listeners.onClosed;

  constructor(device: Device, fd: number, control: LineControl | null) {
    this.#device = device;
    this.#fd = fd;
    this.#control = control;
    this.#awaitBytes();
  }

  send(symbols: readonly LineSymbol[]): void {
    if (!this.#isOpen) return;
    try {
      if (this.#control === null) writeSync(this.#fd, encodeMarkedStream(symbols));
      else for (const message of messagesOf(symbols)) this.#control.sendWithWakeup(this.#fd, message);
    } catch (error) {
      // A full output buffer loses the message as a bad wire would: nobody is reading at the other end.
      if (!isTryAgain(error)) this.#fail(error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }

  #awaitBytes(): void {
    if (!this.#isOpen) return;
    this.#device.poller.once('readable', (error) => {
      if (!this.#isOpen) return;
      if (error) this.#fail(error);
      else this.#read();
    });
  }

  #read(): void {
    try {
      const count = readSync(this.#fd, this.#buffer, 0, READ_BYTES, null);
      if (count === 0) {
        this.#fail(null);
        return;
      }
      this.#listeners.heard(this.#decoder.push(this.#buffer.subarray(0, count)));
    } catch (error) {
      if (!isTryAgain(error)) {
        this.#fail(error);
        return;
      }
    }
    this.#awaitBytes();
  }

  #fail(cause: unknown): void {
    if (!this.#isOpen) return;
    void this.#close();
    this.#listeners.closed(new Error('the device or its other end went away', { cause }));
  }

  /** Only once: the poller of a device that is closed twice brings the process down. */
  #close(): Promise<void> {
    // Before the close, which calls the waiting listener.
    this.#isOpen = false;
    // A device that is gone may refuse to be closed, which changes nothing.
    this.#closing ??= this.#device.close().catch(() => {});
    return this.#closing;
  }
}

/** One entry for each message; only the first symbol of a message is marked. */
function messagesOf(symbols: readonly LineSymbol[]): Uint8Array[] {
  const messages: number[][] = [];
  for (const symbol of symbols) {
    const current = messages.at(-1);
    if (isMarked(symbol)) messages.push([byteOf(symbol)]);
    else if (current === undefined) throw new RangeError('A message starts with a marked symbol.');
    else current.push(symbol);
  }
  return messages.map((message) => Uint8Array.from(message));
}

const TRY_AGAIN: ReadonlySet<unknown> = new Set(['EAGAIN', 'EWOULDBLOCK', 'EINTR']);

function isTryAgain(error: unknown): boolean {
  return error instanceof Error && 'code' in error && TRY_AGAIN.has(error.code);
}
