/**
 * A simulated line on a real pseudo-terminal.
 *
 * Each plug-in makes a new device with a number of its own; the host finds it by a symbolic link.
 */
import {
  closeSync,
  lstatSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { ReadStream } from 'node:tty';
import { makeFolderSync } from '../../lib/folder.ts';
import type { LineSymbol } from '../codec/symbol.ts';
import type { HeardSymbol } from '../host/port.ts';
import { type LineCoding, MARKED_CODING } from './line-coding.ts';
import { openPseudoTerminal } from './pseudo-terminal.ts';
import type { Wire } from './wire.ts';

export interface PtyLine extends Wire {
  /** The symbolic link the host opens. */
  readonly path: string;
  /** The device behind the link; null while unplugged. */
  readonly device: string | null;
}

/**
 * Opens a pseudo-terminal and makes the link point to it. A link that is left over is replaced.
 *
 * @throws PseudoTerminalError, or Error when something else than a link is at the path
 */
export async function createPtyLine(path: string, coding: LineCoding = MARKED_CODING): Promise<PtyLine> {
  makeFolderSync(dirname(path));
  const line = new LineOnPty(path, coding);
  await line.plug();
  return line;
}

/** An open pseudo-terminal. */
interface Plugged {
  readonly device: string;
  readonly masterFd: number;
  readonly slaveFd: number;
  readonly reader: ReadStream;
}

class LineOnPty implements PtyLine {
  readonly path: string;
  readonly #coding: LineCoding;
  #plugged: Plugged | null = null;
  #listener: (symbols: readonly HeardSymbol[]) => void = () => {};
  /** Plugging and unplugging happen one after the other, whatever the caller awaits. */
  #last: Promise<void> = Promise.resolve();

  constructor(path: string, coding: LineCoding) {
    this.path = path;
    this.#coding = coding;
  }

  get device(): string | null {
    return this.#plugged?.device ?? null;
  }

  onSymbols(listener: (symbols: readonly HeardSymbol[]) => void): void {
    this.#listener = listener;
  }

  send(symbols: readonly LineSymbol[]): void {
    if (this.#plugged === null) return;
    try {
      writeSync(this.#plugged.masterFd, this.#coding.encode(symbols));
    } catch (error) {
      // The host does not read and the buffer is full: the answer is lost, and with it nothing else.
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
    }
  }

  plug(): Promise<void> {
    return this.#next(() => this.#open());
  }

  unplug(): Promise<void> {
    return this.#next(() => this.#close());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.unplug();
  }

  #next(step: () => Promise<void>): Promise<void> {
    const next = this.#last.then(step);
    this.#last = next.catch(() => {});
    return next;
  }

  async #open(): Promise<void> {
    if (this.#plugged !== null) return;
    const { masterFd, slaveFd, device } = await openPseudoTerminal();
    try {
      renewLink(this.path, device);
    } catch (error) {
      closeSync(masterFd);
      closeSync(slaveFd);
      throw error;
    }
    const decoder = this.#coding.createDecoder();
    const reader = new ReadStream(masterFd);
    reader.on('data', (chunk: Buffer) => this.#listener(decoder.push(chunk)));
    // Our own slave end keeps the master alive; if it fails all the same, the line is as good as unplugged.
    reader.on('error', () => void this.unplug());
    this.#plugged = { device, masterFd, slaveFd, reader };
  }

  async #close(): Promise<void> {
    const plugged = this.#plugged;
    if (plugged === null) return;
    this.#plugged = null;
    removeLink(this.path, plugged.device);
    const closed = new Promise<void>((resolve) => plugged.reader.once('close', () => resolve()));
    plugged.reader.destroy();
    closeSync(plugged.slaveFd);
    await closed;
  }
}

/** Renaming replaces the link in one step: the host finds the old device or the new one. */
function renewLink(path: string, device: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === false) {
    throw new Error(`${path} is in the way: it is not a link of a simulated line.`);
  }
  const fresh = `${path}.${process.pid}.new`;
  rmSync(fresh, { force: true });
  symlinkSync(device, fresh);
  renameSync(fresh, path);
}

function removeLink(path: string, device: string): void {
  try {
    if (readlinkSync(path) === device) unlinkSync(path);
  } catch (error) {
    // Somebody has removed it before us.
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}
