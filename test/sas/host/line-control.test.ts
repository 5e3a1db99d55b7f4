import { expect, test } from 'vitest';
import { createLineControl } from '../../../src/sas/host/line-control.ts';
import { LineControlError, type Terminal } from '../../../src/sas/host/termios.ts';
import {
  BYTE_MS,
  type ParityKind,
  type ParityMode,
  USUAL_STYLE,
  USUAL_STYLES,
  type WireStyle,
  type WireStyles,
} from '../../../src/sas/host/wire-format.ts';

const IFLAG_AT = 0;
const CFLAG_AT = 8;
const CS8_AND_MORE = 0x0000_18bd;
const FORMAT_BITS = 0x4000_0340;
const FORMATS = {
  1073742592: 'MARK',
  1073742080: 'SPACE',
  256: 'EVEN',
  768: 'ODD',
  64: '8N2',
} as Record<number, string>;

const SWITCH_MS = 0.25;

/**
 * A driver that writes down what it is told, as `keeps` lets it. A switch of the format takes it a quarter millisecond,
 * and it tells so late that it has sent.
 */
function aTerminal(keeps: (cflag: number) => number = (cflag) => cflag, lateMs = 0) {
  const calls: string[] = [];
  const attributes = new Uint8Array(60);
  const view = new DataView(attributes.buffer);
  let nowMs = 0;
  let leftAtMs = 0;
  view.setUint32(IFLAG_AT, 0x4 | 0x20, true);
  view.setUint32(CFLAG_AT, CS8_AND_MORE, true);
  attributes[17 + 6] = 1;
  const terminal: Terminal = {
    attributes: () => attributes.slice(),
    setAttributes(_, wanted) {
      attributes.set(wanted);
      nowMs += SWITCH_MS;
      const cflag = view.getUint32(CFLAG_AT, true);
      calls.push(FORMATS[cflag & FORMAT_BITS] ?? 'NONE');
      view.setUint32(CFLAG_AT, keeps(cflag) >>> 0, true);
      return true;
    },
    drain() {
      calls.push('drain');
      nowMs = Math.max(nowMs, leftAtMs + lateMs);
    },
    write(_, bytes) {
      calls.push(Buffer.from(bytes).toString('hex'));
      leftAtMs = nowMs + bytes.length * BYTE_MS;
    },
    pause(ms) {
      nowMs += Math.max(ms, 0);
      if (ms > 0) calls.push(`${Math.round(ms * 100) / 100} ms`);
    },
    nowMs: () => nowMs,
  };
  return { terminal, calls, view, attributes };
}

interface LineOptions {
  readonly parity?: ParityKind;
  readonly styles?: WireStyles;
  readonly lateMs?: number;
}

/** A line that is set up, and what happens on it from then on. */
function aLine({ parity = 'MARK_SPACE', styles = USUAL_STYLES, lateMs = 0 }: LineOptions = {}) {
  const { terminal, calls } = aTerminal((cflag) => cflag, lateMs);
  const control = createLineControl(terminal, { parity, styles });
  control.setup(7);
  const send = (...bytes: number[]) => {
    calls.length = 0;
    const gapMs = control.sendWithWakeup(7, Uint8Array.from(bytes));
    return { calls: [...calls], gapMs };
  };
  return { control, send };
}

const styled = (style: Partial<WireStyle>): WireStyles => ({
  usual: { ...USUAL_STYLE, ...style },
  byAddress: new Map(),
});

test('the address byte goes out with MARK parity and the rest with SPACE, each switch after a drain', () => {
  expect(aLine().send(0x01, 0x02, 0xca, 0x3a).calls).toEqual([
    'drain',
    'MARK',
    '01',
    'drain',
    'SPACE',
    '02ca3a',
    'drain',
  ]);
});

test('a general poll leaves the line in SPACE parity, so that the answer is not taken for a chirp', () => {
  expect(aLine().send(0x81)).toEqual({ calls: ['drain', 'MARK', '81', 'drain', 'SPACE'], gapMs: null });
});

test('the pause inside a message counts from when the byte before it can have left, and a late driver too', () => {
  expect(aLine().send(0x01, 0x1a).gapMs).toBeCloseTo(SWITCH_MS);
  expect(aLine({ lateMs: 3.5 }).send(0x01, 0x1a).gapMs).toBeCloseTo(3.5 + SWITCH_MS);
});

test('a driver that tells late need not be asked', () => {
  const { send } = aLine({ lateMs: 3.5, styles: styled({ drain: 'TIMED', paritySettleMs: 1 }) });
  const { calls, gapMs } = send(0x01, 0x1a);
  expect(calls).toEqual(['MARK', '01', '0.57 ms', '1 ms', 'SPACE', '1a', '0.57 ms']);
  expect(gapMs).toBeCloseTo(1 + SWITCH_MS);
  expect(send(0x81).calls).toEqual(['MARK', '81', '0.57 ms', '1 ms', 'SPACE']);
});

test('without MARK and SPACE every byte gets the one of EVEN and ODD that makes its parity bit the ninth bit', () => {
  const { control, send } = aLine({ parity: 'EVEN_ODD' });
  // 01 is odd and wants 1: EVEN. 72 is even, 02 odd and FF even; all want 0: EVEN, ODD, EVEN.
  expect(send(0x01, 0x72, 0x02, 0xff, 0x00).calls).toEqual([
    'drain',
    'EVEN',
    '0172',
    'drain',
    'ODD',
    '02',
    'drain',
    'EVEN',
    'ff00',
    'drain',
  ]);
  expect(send(0x81).calls).toEqual(['drain', 'ODD', '81', 'drain']);
  expect(control.reads).toBe('PLAIN');
});

test('whatever the byte, its parity bit is the ninth bit it shall have', () => {
  for (let byte = 0; byte < 256; byte += 1) {
    const { send } = aLine({ parity: 'EVEN_ODD' });
    const weight = byte.toString(2).replaceAll('0', '').length;
    let format = '';
    const bits = ['EVEN', ...send(0x01).calls, ...send(byte, byte).calls].flatMap((call) => {
      if (call === 'EVEN' || call === 'ODD') format = call;
      return call === hexOf(byte) ? (weight + (format === 'ODD' ? 1 : 0)) % 2 : [];
    });
    expect(bits.slice(-2), `byte ${hexOf(byte)}`).toEqual([1, 0]);
  }
});

const hexOf = (byte: number): string => byte.toString(16).padStart(2, '0');

test('a machine that wants EVEN parity gets it throughout, and its neighbour the ninth bit', () => {
  const styles: WireStyles = {
    usual: USUAL_STYLE,
    byAddress: new Map([[2, { ...USUAL_STYLE, parityMode: 'EVEN' }]]),
  };
  const { control, send } = aLine({ styles });
  expect(send(0x82).calls).toEqual(['drain', 'EVEN', '82', 'drain']);
  expect(send(0x02, 0x1f).calls).toEqual(['drain', '021f', 'drain']);
  expect(send(0x81).calls).toEqual(['drain', 'MARK', '81', 'drain', 'SPACE']);
  // What such a machine answers has parity errors that mean nothing.
  expect(control.reads).toBe('PLAIN');
});

test.each([
  ['MARK_SPACE', ['drain', '8N2', '01', 'drain', 'SPACE', '1f', 'drain']],
  ['EVEN_ODD', ['drain', '8N2', '01', 'drain', 'ODD', '1f', 'drain']],
] as const)('two stop bits stand for the wakeup bit of an address alone, with %s', (parity, calls) => {
  const { send } = aLine({ parity, styles: styled({ parityMode: 'TWO_STOP_BITS' }) });
  expect(send(0x01, 0x1f).calls).toEqual(calls);
  expect(send(0x81).calls.slice(-2)).toEqual(['drain', parity === 'MARK_SPACE' ? 'SPACE' : 'EVEN']);
});

test('a machine may want time behind its address, and an adapter before it switches', () => {
  const gap = aLine({ styles: styled({ addressGapMs: 3 }) }).send(0x01, 0x1f);
  expect(gap.calls).toEqual(['drain', 'MARK', '01', 'drain', 'SPACE', `${3 - SWITCH_MS} ms`, '1f', 'drain']);
  expect(gap.gapMs).toBeCloseTo(3);
  const settle = aLine({ styles: styled({ paritySettleMs: 1 }) });
  expect(settle.send(0x01, 0x1f).calls).toEqual([
    'drain',
    'MARK',
    '01',
    'drain',
    '1 ms',
    'SPACE',
    '1f',
    'drain',
  ]);
  expect(settle.send(0x81).calls).toEqual(['drain', 'MARK', '81', 'drain', '1 ms', 'SPACE']);
  const even = aLine({ styles: styled({ parityMode: 'EVEN', addressGapMs: 3 }) });
  expect(even.send(0x01, 0x1f).calls).toEqual(['drain', '01', 'drain', '3 ms', '1f', 'drain']);
});

test.each([
  ['MARK_SPACE', 'delivers received ninth bits in-band', 0x10 | 0x8],
  ['EVEN_ODD', 'delivers each byte as it is', 0x4],
] as const)('the setup of %s %s and leaves every other setting alone', (parity, _, input) => {
  const { terminal, view, attributes } = aTerminal();
  createLineControl(terminal, { parity, styles: USUAL_STYLES }).setup(7);

  expect(view.getUint32(IFLAG_AT, true)).toBe(input);
  expect(view.getUint32(CFLAG_AT, true) & ~FORMAT_BITS).toBe(CS8_AND_MORE & ~FORMAT_BITS);
  expect(attributes[17 + 6]).toBe(1);
});

const NINTH_BIT: ParityMode = 'NINTH_BIT';

test.each([
  [
    'CMSPAR',
    'MARK_SPACE',
    NINTH_BIT,
    (cflag: number) => cflag & ~0x4000_0000,
    /ignores MARK and SPACE parity/,
  ],
  ['PARODD', 'MARK_SPACE', NINTH_BIT, (cflag: number) => cflag & ~0x200, /ignores MARK and SPACE parity/],
  ['parity', 'MARK_SPACE', NINTH_BIT, (cflag: number) => cflag & ~0x100, /Try wakeupMode EVEN_ODD/],
  ['parity', 'EVEN_ODD', NINTH_BIT, (cflag: number) => cflag & ~0x100, /ignores EVEN and ODD parity/],
  ['PARODD', 'EVEN_ODD', NINTH_BIT, (cflag: number) => cflag & ~0x200, /ignores EVEN and ODD parity/],
  ['CSTOPB', 'MARK_SPACE', 'TWO_STOP_BITS', (cflag: number) => cflag & ~0x40, /ignores two stop bits/],
] as const)(
  'a driver that drops %s is refused in words for %s, %s',
  (_, parity, parityMode, keeps, words) => {
    const { terminal } = aTerminal(keeps);
    const control = createLineControl(terminal, { parity, styles: styled({ parityMode }) });

    expect(() => control.setup(7)).toThrow(LineControlError);
    expect(() => control.setup(7)).toThrow(words);
  },
);

test('a device that has no parity at all is refused in the same words', () => {
  const { terminal } = aTerminal();
  const control = createLineControl(
    { ...terminal, setAttributes: () => false },
    { parity: 'MARK_SPACE', styles: USUAL_STYLES },
  );
  expect(() => control.setup(7)).toThrow(/ignores MARK and SPACE parity/);
});

test('a driver without CMSPAR does for a line whose machines all want EVEN parity', () => {
  const { terminal } = aTerminal((cflag) => cflag & ~0x4000_0000);
  const styles = styled({ parityMode: 'EVEN' });
  createLineControl(terminal, { parity: 'MARK_SPACE', styles }).setup(7);
});

test('nothing is sent on a port that was not set up', () => {
  const control = createLineControl(aTerminal().terminal, { parity: 'MARK_SPACE', styles: USUAL_STYLES });
  expect(() => control.sendWithWakeup(7, Uint8Array.of(0x81))).toThrow(LineControlError);
});
