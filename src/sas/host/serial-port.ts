/**
 * A SAS line on a serial device or a pseudo-terminal.
 *
 * serialport opens, locks and watches the device. Reading and writing go straight to its file descriptor, which is
 * non-blocking: a poll through the stream of serialport costs three times the CPU, and its reader spins for ever on a
 * pseudo-terminal whose other end went away between two reads.
 */
import { readSync, writeSync } from 'node:fs';
import type { LineSymbol } from '../codec/symbol.ts';
import { type ByteStream, MARKED_STREAM, PLAIN_STREAM } from './byte-stream.ts';
import { createLineControl, type LineControl } from './line-control.ts';
import { messagesOf } from './messages.ts';
import type { Port } from './port.ts';
import { createPortListeners } from './port-listeners.ts';
import { openLibc } from './termios.ts';
import type { WakeupMode } from './wakeup-mode.ts';
import { USUAL_STYLES, type WireStyles } from './wire-format.ts';

export interface SerialPortOptions {
  readonly path: string;
  readonly wakeupMode: Exclude<WakeupMode, 'RFC2217'>;
  /** Only used with PARITY and EVEN_ODD; as SAS is written by default. */
  readonly styles?: WireStyles;
  /** Only used with PARITY and EVEN_ODD; by default through the C library. */
  readonly lineControl?: LineControl;
}

const BAUD_RATE = 19_200;
const READ_BYTES = 4_096;
/** The event 'readable' to the poller. */
const READABLE = 1;

/** What we use of a port of serialport's binding on Linux and macOS. */
interface Device {
  readonly fd: number | null;
  readonly poller: {
    on(event: 'readable', listener: (error: Error | null) => void): unknown;
    /** Has the next of the events told of, once. */
    poll(events: number): void;
  };
  close(): Promise<void>;
}

/**
 * Opens the device with 19200 8N1 under an exclusive lock. With PARITY and EVEN_ODD every `send` blocks until it has
 * left the device.
 *
 * @throws Error when it is missing, locked or no serial device; LineControlError when it cannot do the ninth bit.
 */
export async function openSerialPort(options: SerialPortOptions): Promise<Port> {
  const device = await openDevice(options);
  try {
    const control = await lineControlOf(options);
    const fd = descriptorOf(device);
    control?.setup(fd);
    const isPlain = options.wakeupMode === 'PLAIN' || control?.reads === 'PLAIN';
    return new SerialLine({ device, fd, control, stream: isPlain ? PLAIN_STREAM : MARKED_STREAM });
  } catch (error) {
    await device.close();
    throw error;
  }
}

const isUart = ({ wakeupMode }: SerialPortOptions): boolean =>
  wakeupMode === 'PARITY' || wakeupMode === 'EVEN_ODD';

async function openDevice(options: SerialPortOptions): Promise<Device> {
  const { SerialPort } = await import('serialport');
  const device = await SerialPort.binding.open({ path: options.path, baudRate: BAUD_RATE, lock: true });
  if (!('poller' in device)) {
    await device.close();
    throw new Error('Serial lines are supported on Linux and macOS; elsewhere use a TCP gateway.');
  }
  if (isUart(options)) {
    // An FTDI adapter otherwise holds a reply back for 16 of the 20 ms; drivers without the setting refuse it.
    await device.set({ lowLatency: true, dtr: true, rts: true }).catch(() => {});
  }
  return device;
}

async function lineControlOf(options: SerialPortOptions): Promise<LineControl | null> {
  if (!isUart(options)) return null;
  if (options.lineControl) return options.lineControl;
  return createLineControl(await openLibc(), {
    parity: options.wakeupMode === 'PARITY' ? 'MARK_SPACE' : 'EVEN_ODD',
    styles: options.styles ?? USUAL_STYLES,
  });
}

function descriptorOf(device: Device): number {
  if (device.fd === null) throw new Error('The port closed while it was opened.');
  return device.fd;
}

interface OpenDevice {
  readonly device: Device;
  readonly fd: number;
  readonly stream: ByteStream;
  /** Null where the ninth bit is in the stream, or nowhere. */
  readonly control: LineControl | null;
}

class SerialLine implements Port {
  readonly #device: Device;
  readonly #fd: number;
  readonly #stream: ByteStream;
  readonly #control: LineControl | null;
  readonly #listeners = createPortListeners();
  readonly #decoder;
  readonly #buffer = new Uint8Array(READ_BYTES);
  #isOpen = true;
  #closing: Promise<void> | null = null;

  readonly onSymbols = this.#listeners.onSymbols;
  readonly onClosed = this.#listeners.onClosed;
  readonly onSent?: NonNullable<Port['onSent']>;

  constructor({ device, fd, stream, control }: OpenDevice) {
    this.#device = device;
    this.#fd = fd;
    this.#stream = stream;
    this.#control = control;
    this.#decoder = stream.createDecoder();
    if (control) this.onSent = this.#listeners.onSent;
    device.poller.on('readable', (error) => {
      if (!this.#isOpen) return;
      if (error) this.#fail(error);
      else this.#read();
    });
    this.#awaitBytes();
  }

  send(symbols: readonly LineSymbol[]): void {
    if (!this.#isOpen) return;
    try {
      if (this.#control) this.#sendTimed(this.#control, symbols);
      else writeSync(this.#fd, this.#stream.encode(symbols));
    } catch (error) {
      // A full output buffer loses the message as a bad wire would: nobody is reading at the other end.
      if (!isTryAgain(error)) this.#fail(error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }

  #sendTimed(control: LineControl, symbols: readonly LineSymbol[]): void {
    let hasLeft = false;
    let gapMs: number | null = null;
    try {
      for (const message of messagesOf(symbols)) {
        const longestMs = control.sendWithWakeup(this.#fd, message);
        if (longestMs !== null) gapMs = Math.max(gapMs ?? 0, longestMs);
      }
      hasLeft = true;
    } finally {
      this.#listeners.sent({ hasLeft, gapMs });
    }
  }

  #awaitBytes(): void {
    if (this.#isOpen) this.#device.poller.poll(READABLE);
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

const TRY_AGAIN: ReadonlySet<unknown> = new Set(['EAGAIN', 'EWOULDBLOCK', 'EINTR']);

function isTryAgain(error: unknown): boolean {
  return error instanceof Error && 'code' in error && TRY_AGAIN.has(error.code);
}
