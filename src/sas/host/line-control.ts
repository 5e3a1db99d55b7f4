/**
 * The ninth bit on a real UART, as parity (SAS.md 1.2).
 *
 * serialport knows no MARK and SPACE parity, so the format is switched through libc on the open file descriptor.
 * Address byte, drain, switch and rest are one uninterrupted synchronous block: an await would come back through an
 * event loop that has other work, and the gap inside a message must stay under 5 ms. The block lasts as long as the
 * message, so that it belongs into a process of its own (`process-port.ts`).
 */
import { hasFormat, LineControlError, type Terminal, withFormat } from './termios.ts';
import {
  BYTE_MS,
  formatsOf,
  type ParityKind,
  restingFormat,
  segmentsOf,
  styleOf,
  tellsNinthBit,
  type WireFormat,
  type WireStyle,
  type WireStyles,
} from './wire-format.ts';

export interface LineControl {
  /** How received bytes are delivered: as the marked stream of SAS.md 13.2, or each as it is. */
  readonly reads: 'MARKED' | 'PLAIN';
  /**
   * Prepares an open port.
   *
   * @throws LineControlError when its driver does not do the parity it takes.
   */
  setup(fd: number): void;
  /**
   * Sends one message, its first byte with the ninth bit set, and returns when it has left the device: the longest
   * pause inside it in milliseconds, null where it was sent in one piece. It is counted from when a byte can have left
   * at the earliest, so that a driver that tells late makes it longer and not shorter.
   */
  sendWithWakeup(fd: number, message: Uint8Array): number | null;
}

export interface LineControlOptions {
  readonly parity: ParityKind;
  readonly styles: WireStyles;
}

/** @param terminal the C library in production (`openLibc`), a recording in tests. */
export function createLineControl(terminal: Terminal, { parity, styles }: LineControlOptions): LineControl {
  const marksParity = tellsNinthBit(parity, styles);
  let settings: ReadonlyMap<WireFormat, Uint8Array> | null = null;
  let current: WireFormat | null = null;
  /** When the last byte must have left if it went out at once: never later than it did. */
  let leftAtMs = 0;

  function switchTo(fd: number, format: WireFormat): void {
    const wanted = settings?.get(format);
    if (wanted === undefined) throw new LineControlError('The port was not set up for the ninth bit.');
    if (format !== current && !terminal.setAttributes(fd, wanted)) throw refusalOf(format);
    current = format;
  }

  function awaitLeft(fd: number, { drain }: WireStyle): void {
    if (drain === 'DRIVER') terminal.drain(fd);
    else terminal.pause(leftAtMs - terminal.nowMs());
  }

  /** Machines answer with the ninth bit 0, so the port must not expect anything else. */
  function rest(fd: number, settleMs: number): void {
    const resting = current && restingFormat(current, parity);
    if (resting === null || resting === current) return;
    terminal.pause(settleMs);
    switchTo(fd, resting);
  }

  return {
    reads: marksParity ? 'MARKED' : 'PLAIN',

    setup(fd) {
      const found = terminal.attributes(fd);
      const formats = formatsOf(parity, styles);
      settings = new Map(formats.map((format) => [format, withFormat(found, format, { marksParity })]));
      for (const format of formats) {
        switchTo(fd, format);
        if (!hasFormat(terminal.attributes(fd), format)) throw refusalOf(format);
      }
      rest(fd, 0);
    },

    sendWithWakeup(fd, message) {
      const style = styleOf(styles, message);
      let longestMs: number | null = null;
      for (const [at, { format, bytes }] of segmentsOf(message, parity, style).entries()) {
        // Also before the first: what went out before may still be on its way.
        awaitLeft(fd, style);
        const earliestMs = leftAtMs;
        if (at > 0 && format !== current) terminal.pause(style.paritySettleMs);
        switchTo(fd, format);
        if (at === 1) terminal.pause(earliestMs + style.addressGapMs - terminal.nowMs());
        terminal.write(fd, bytes);
        const now = terminal.nowMs();
        leftAtMs = now + bytes.length * BYTE_MS;
        if (at > 0) longestMs = Math.max(longestMs ?? 0, now - earliestMs);
      }
      awaitLeft(fd, style);
      rest(fd, style.paritySettleMs);
      return longestMs;
    },
  };
}

/** Some drivers refuse a flag; some accept it and ignore it, which only reading the flags back tells. */
function refusalOf(format: WireFormat): LineControlError {
  if (format === 'MARK' || format === 'SPACE') {
    return new LineControlError(
      'The driver of this port ignores MARK and SPACE parity (CMSPAR), so it cannot send the wakeup bit that way. ' +
        'Try wakeupMode EVEN_ODD, another adapter, or a 9-bit gateway.',
    );
  }
  const what = format === 'TWO_STOP_BITS' ? 'two stop bits' : 'EVEN and ODD parity';
  return new LineControlError(
    `The driver of this port ignores ${what}. Use another adapter, or a 9-bit gateway.`,
  );
}
