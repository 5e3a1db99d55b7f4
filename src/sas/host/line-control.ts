/**
 * The ninth bit on a real UART: MARK parity sends it as 1, SPACE parity as 0 (SAS.md 1.2).
 *
 * serialport knows neither, so the parity is switched through libc on the open file descriptor. Address byte,
 * drain, switch and rest are one uninterrupted synchronous block: an await would come back through an event loop
 * that has other work, and the gap inside a message must stay under 5 ms.
 */
import { writeSync } from 'node:fs';

export interface LineControl {
  /**
   * Prepares an open port: SPACE parity, received ninth bits delivered in-band (SAS.md 13.1 item 2).
   *
   * @throws LineControlError when the driver does not do MARK and SPACE parity.
   */
  setup(fd: number): void;
  /** Sends one message, its first byte with the ninth bit set. Blocks for about a byte time. */
  sendWithWakeup(fd: number, bytes: Uint8Array): void;
}

/** The three calls of the operating system the ninth bit needs. */
export interface Terminal {
  /** The termios struct of the port, as the C library lays it out. */
  attributes(fd: number): Uint8Array;
  /** Waits until everything written has left the UART, then applies the struct (TCSETSW). */
  setAttributesAfterDrain(fd: number, attributes: Uint8Array): void;
  write(fd: number, bytes: Uint8Array): void;
}

/** The port cannot carry the ninth bit, or refused a change. */
export class LineControlError extends Error {
  override readonly name = 'LineControlError';
}

// Linux, all architectures serialport is built for; struct termios of glibc and musl.
const TERMIOS_BYTES = 60;
const IFLAG_AT = 0;
const CFLAG_AT = 8;

const BRKINT = 0x2;
const IGNPAR = 0x4;
const PARMRK = 0x8;
const INPCK = 0x10;
const ISTRIP = 0x20;
const IGNBRK = 0x1;

const PARENB = 0x100;
const PARODD = 0x200;
const CMSPAR = 0x4000_0000;
const PARITY_FLAGS = PARENB | PARODD | CMSPAR;

const MARK = PARENB | PARODD | CMSPAR;
const SPACE = PARENB | CMSPAR;

/** @param terminal the C library in production (`openLibc`), a recording in tests. */
export function createLineControl(terminal: Terminal): LineControl {
  let parity: { readonly mark: Uint8Array; readonly space: Uint8Array } | null = null;

  return {
    setup(fd) {
      const now = terminal.attributes(fd);
      const prepared = { mark: withParity(now, MARK), space: withParity(now, SPACE) };
      switchAndVerify(terminal, fd, prepared.mark);
      switchAndVerify(terminal, fd, prepared.space);
      parity = prepared;
    },
    sendWithWakeup(fd, bytes) {
      if (parity === null) throw new LineControlError('The port was not set up for the ninth bit.');
      terminal.setAttributesAfterDrain(fd, parity.mark);
      terminal.write(fd, bytes.subarray(0, 1));
      terminal.setAttributesAfterDrain(fd, parity.space);
      if (bytes.length > 1) terminal.write(fd, bytes.subarray(1));
    },
  };
}

/** Some drivers accept CMSPAR and ignore it; only reading the flags back tells. */
function switchAndVerify(terminal: Terminal, fd: number, wanted: Uint8Array): void {
  terminal.setAttributesAfterDrain(fd, wanted);
  const cflag = viewOf(terminal.attributes(fd)).getUint32(CFLAG_AT, true);
  const expected = viewOf(wanted).getUint32(CFLAG_AT, true);
  if ((cflag & PARITY_FLAGS) !== (expected & PARITY_FLAGS)) {
    throw new LineControlError(
      'The driver of this port ignores MARK and SPACE parity (CMSPAR), so it cannot send the wakeup bit. ' +
        'Use another adapter, or a gateway that takes the marked stream.',
    );
  }
}

function withParity(attributes: Uint8Array, parity: number): Uint8Array {
  const changed = attributes.slice();
  const view = viewOf(changed);
  const iflag = view.getUint32(IFLAG_AT, true) & ~(IGNPAR | ISTRIP | BRKINT | IGNBRK);
  view.setUint32(IFLAG_AT, iflag | INPCK | PARMRK, true);
  view.setUint32(CFLAG_AT, (view.getUint32(CFLAG_AT, true) & ~PARITY_FLAGS) | parity, true);
  return changed;
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const TCSADRAIN = 1;

/** The C library of this system. @throws LineControlError on anything but Linux */
export async function openLibc(): Promise<Terminal> {
  if (process.platform !== 'linux') {
    throw new LineControlError('MARK and SPACE parity are switched on Linux only; use the marked stream.');
  }
  const { default: koffi } = await import('koffi');
  const libc = koffi.load(null);
  const tcgetattr = libc.func('int tcgetattr(int fd, void *attributes)');
  const tcsetattr = libc.func('int tcsetattr(int fd, int actions, const void *attributes)');

  /** A signal may interrupt the wait for the drain; the wait is then simply taken up again. */
  function call(what: string, run: () => number): void {
    while (run() !== 0) {
      const errno = koffi.errno();
      if (errno !== koffi.os.errno.EINTR) throw new LineControlError(`${what} failed with errno ${errno}.`);
    }
  }
  return {
    attributes(fd) {
      const attributes = new Uint8Array(TERMIOS_BYTES);
      call('tcgetattr', () => tcgetattr(fd, attributes));
      return attributes;
    },
    setAttributesAfterDrain: (fd, attributes) =>
      call('tcsetattr', () => tcsetattr(fd, TCSADRAIN, attributes)),
    write(fd, bytes) {
      writeSync(fd, bytes);
    },
  };
}
