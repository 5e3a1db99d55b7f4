import { closeSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { openPseudoTerminal } from '../../../src/sas/simulator/pseudo-terminal.ts';

/** A pseudo-terminal without machines: its path is the line, the rest is the other end. */
export interface Pty extends Disposable {
  readonly path: string;
  /** How many of the bytes went out; fewer than given when the other end does not read. */
  write(bytes: Uint8Array): number;
  onData(listener: (bytes: Uint8Array) => void): void;
  /** Closes this end. */
  hangUp(): void;
}

export async function openPty(): Promise<Pty> {
  const { masterFd, slaveFd, device } = await openPseudoTerminal();
  const stream = new ReadStream(masterFd);
  stream.on('error', () => {});
  let isOpen = true;

  function write(bytes: Uint8Array): number {
    try {
      return writeSync(masterFd, bytes);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return 0;
      throw error;
    }
  }
  function hangUp(): void {
    if (!isOpen) return;
    isOpen = false;
    closeSync(slaveFd);
    stream.destroy();
  }
  return {
    path: device,
    write,
    onData: (listener) => void stream.on('data', (chunk: Buffer) => listener(chunk)),
    hangUp,
    [Symbol.dispose]: hangUp,
  };
}
