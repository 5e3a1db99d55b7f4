import { expect, test } from 'vitest';
import { createLineControl, LineControlError, type Terminal } from '../../../src/sas/host/line-control.ts';

const IFLAG_AT = 0;
const CFLAG_AT = 8;
const CS8_AND_MORE = 0x0000_18bd;
const PARITY = { 1073742592: 'MARK', 1073742080: 'SPACE' } as Record<number, string>;

/** A driver that writes down what it is told, as `keeps` lets it. */
function aTerminal(keeps: (cflag: number) => number = (cflag) => cflag) {
  const calls: string[] = [];
  const attributes = new Uint8Array(60);
  const view = new DataView(attributes.buffer);
  view.setUint32(IFLAG_AT, 0x4 | 0x20, true);
  view.setUint32(CFLAG_AT, CS8_AND_MORE, true);
  attributes[17 + 6] = 1;
  const terminal: Terminal = {
    attributes: () => attributes.slice(),
    setAttributesAfterDrain(fd, wanted) {
      attributes.set(wanted);
      const cflag = view.getUint32(CFLAG_AT, true);
      calls.push(`${fd} ${PARITY[cflag & 0x4000_0300] ?? 'NEITHER'}`);
      view.setUint32(CFLAG_AT, keeps(cflag) >>> 0, true);
    },
    write: (fd, bytes) => void calls.push(`${fd} write ${Buffer.from(bytes).toString('hex')}`),
  };
  return { terminal, calls, view, attributes };
}

test('the address byte goes out with MARK parity and the rest with SPACE, each switch after a drain', () => {
  const { terminal, calls } = aTerminal();
  const control = createLineControl(terminal);
  control.setup(7);
  calls.length = 0;

  control.sendWithWakeup(7, Uint8Array.of(0x01, 0x02, 0xca, 0x3a));

  expect(calls).toEqual(['7 MARK', '7 write 01', '7 SPACE', '7 write 02ca3a']);
});

test('a general poll leaves the line in SPACE parity, so that the answer is not taken for a chirp', () => {
  const { terminal, calls } = aTerminal();
  const control = createLineControl(terminal);
  control.setup(7);
  calls.length = 0;

  control.sendWithWakeup(7, Uint8Array.of(0x81));

  expect(calls).toEqual(['7 MARK', '7 write 81', '7 SPACE']);
});

test('the setup delivers received ninth bits in-band and leaves every other setting alone', () => {
  const { terminal, view, attributes } = aTerminal();
  createLineControl(terminal).setup(7);

  expect(view.getUint32(IFLAG_AT, true)).toBe(0x10 | 0x8);
  expect(view.getUint32(CFLAG_AT, true)).toBe((CS8_AND_MORE & ~0x200) | 0x4000_0100);
  expect(attributes[17 + 6]).toBe(1);
});

test.each([
  ['CMSPAR', (cflag: number) => cflag & ~0x4000_0000],
  ['PARODD', (cflag: number) => cflag & ~0x200],
  ['parity', (cflag: number) => cflag & ~0x100],
])('a driver that drops %s is refused in words', (_, keeps) => {
  const { terminal } = aTerminal(keeps);
  const control = createLineControl(terminal);

  expect(() => control.setup(7)).toThrow(LineControlError);
  expect(() => control.setup(7)).toThrow(/ignores MARK and SPACE parity/);
  expect(() => control.sendWithWakeup(7, Uint8Array.of(0x81))).toThrow(LineControlError);
});
