/** The settings of a serial device as Linux keeps them, and the calls that read and change them. */
import { writeSync } from 'node:fs';
import type { WireFormat } from './wire-format.ts';

/** What the ninth bit takes of the operating system. */
export interface Terminal {
  /** The termios struct of the port, as the C library lays it out. */
  attributes(fd: number): Uint8Array;
  /**
   * Applies the struct at once: what is still to be sent goes out in the new format. False when the device has no such
   * settings; one that says true may ignore them all the same.
   */
  setAttributes(fd: number, attributes: Uint8Array): boolean;
  /** Returns when everything written has left the device, as far as its driver knows. */
  drain(fd: number): void;
  write(fd: number, bytes: Uint8Array): void;
  /** Returns after `ms`; nothing else happens meanwhile. */
  pause(ms: number): void;
  nowMs(): number;
}

/** The port cannot carry the ninth bit, or refused a change. */
export class LineControlError extends Error {
  override readonly name = 'LineControlError';
}

// Linux, all architectures serialport is built for; struct termios of glibc and musl.
const TERMIOS_BYTES = 60;
const IFLAG_AT = 0;
const CFLAG_AT = 8;

const IGNBRK = 0x1;
const BRKINT = 0x2;
const IGNPAR = 0x4;
const PARMRK = 0x8;
const INPCK = 0x10;
const ISTRIP = 0x20;

const CSTOPB = 0x40;
const PARENB = 0x100;
const PARODD = 0x200;
const CMSPAR = 0x4000_0000;
const FORMAT_FLAGS = CSTOPB | PARENB | PARODD | CMSPAR;

const FLAGS: Readonly<Record<WireFormat, number>> = {
  MARK: PARENB | PARODD | CMSPAR,
  SPACE: PARENB | CMSPAR,
  EVEN: PARENB,
  ODD: PARENB | PARODD,
  TWO_STOP_BITS: CSTOPB,
};

/**
 * The settings for a format. `marksParity` delivers received ninth bits in-band (SAS.md 13.1 item 2); without it every
 * byte is delivered as it is, whatever its parity.
 */
export function withFormat(
  attributes: Uint8Array,
  format: WireFormat,
  { marksParity }: { readonly marksParity: boolean },
): Uint8Array {
  const changed = attributes.slice();
  const view = viewOf(changed);
  const input = view.getUint32(IFLAG_AT, true) & ~(IGNBRK | BRKINT | IGNPAR | PARMRK | INPCK | ISTRIP);
  view.setUint32(IFLAG_AT, input | (marksParity ? INPCK | PARMRK : IGNPAR), true);
  view.setUint32(CFLAG_AT, (view.getUint32(CFLAG_AT, true) & ~FORMAT_FLAGS) | FLAGS[format], true);
  return changed;
}

export const hasFormat = (attributes: Uint8Array, format: WireFormat): boolean =>
  (viewOf(attributes).getUint32(CFLAG_AT, true) & FORMAT_FLAGS) === FLAGS[format];

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const TCSANOW = 0;

/** The C library of this system. @throws LineControlError on anything but Linux */
export async function openLibc(): Promise<Terminal> {
  if (process.platform !== 'linux') {
    throw new LineControlError('The parity of a port is switched on Linux only; use a gateway elsewhere.');
  }
  const { default: koffi } = await import('koffi');
  const libc = koffi.load(null);
  const tcgetattr = libc.func('int tcgetattr(int fd, void *attributes)');
  const tcsetattr = libc.func('int tcsetattr(int fd, int actions, const void *attributes)');
  const tcdrain = libc.func('int tcdrain(int fd)');

  /** The error number, 0 for none. A signal may interrupt a wait, which is then simply taken up again. */
  function attempt(run: () => number): number {
    while (run() !== 0) {
      const errno = koffi.errno();
      if (errno !== koffi.os.errno.EINTR) return errno;
    }
    return 0;
  }
  function call(what: string, run: () => number, { tolerates = 0 } = {}): boolean {
    const errno = attempt(run);
    if (errno !== 0 && errno !== tolerates) throw new LineControlError(`${what} failed with errno ${errno}.`);
    return errno === 0;
  }
  const tolerates = koffi.os.errno.EINVAL;
  return {
    attributes(fd) {
      const attributes = new Uint8Array(TERMIOS_BYTES);
      call('tcgetattr', () => tcgetattr(fd, attributes));
      return attributes;
    },
    setAttributes: (fd, attributes) =>
      call('tcsetattr', () => tcsetattr(fd, TCSANOW, attributes), { tolerates }),
    drain: (fd) => void call('tcdrain', () => tcdrain(fd)),
    write(fd, bytes) {
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    },
    pause,
    nowMs: () => performance.now(),
  };
}

const NEVER_WOKEN = new Int32Array(new SharedArrayBuffer(4));

/** Blocks the whole thread: for processes that have nothing else to do. */
export function pause(ms: number): void {
  if (ms > 0) Atomics.wait(NEVER_WOKEN, 0, 0, ms);
}
