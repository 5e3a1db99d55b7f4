import { expect, test } from 'vitest';
import { type Box, drawBoxes } from '../../src/player/canvas.ts';

const aBox = (fields: Partial<Box>): Box => ({
  x: 0,
  y: 0,
  width: 100,
  height: 100,
  z: 0,
  title: 'box',
  lines: [],
  ...fields,
});
const draw = (boxes: readonly Box[], size = { width: 20, height: 5 }) =>
  drawBoxes(boxes, { width: 100, height: 100 }, size).join('\n');

test('a box has its title in its frame, and its lines broken between words', () => {
  expect(draw([aBox({ lines: ['Lucky Harbour pays tonight'] })])).toBe(
    `
┌ box ─────────────┐
│Lucky Harbour pays│
│tonight           │
│                  │
└──────────────────┘`.trimStart(),
  );
});

test('the higher box covers the lower one, in whatever order they come', () => {
  const boxes = [
    aBox({ x: 50, width: 50, z: 2, title: 'top', lines: ['over'] }),
    aBox({ lines: ['under'.repeat(3)] }),
  ];
  expect(draw(boxes)).toBe(
    `
┌ box ────┌ top ───┐
│underunde│over    │
│         │        │
│         │        │
└─────────└────────┘`.trimStart(),
  );
});

test('what is too small for a frame is drawn without one, and what lies outside is not drawn', () => {
  const boxes = [
    aBox({ height: 20, lines: ['one line'] }),
    aBox({ x: 90, y: 80, width: 50, height: 60, lines: ['beyond'] }),
  ];
  expect(
    draw(boxes)
      .split('\n')
      .map((line) => line.length),
  ).toEqual([20, 20, 20, 20, 20]);
  expect(draw(boxes)).toContain('one line');
});

test('a word longer than a line is broken, and nothing that comes from elsewhere steers the terminal', () => {
  const [, first, second] = draw([
    aBox({ title: 'a\u001b[2Jb', lines: ['x'.repeat(20), '\u001b[31m\u0007'] }),
  ]).split('\n');
  expect([first, second]).toEqual([`│${'x'.repeat(18)}│`, `│xx${' '.repeat(16)}│`]);
  expect(draw([aBox({ title: 'a\u001b[2Jb', lines: ['\u001b[31m\u0007'] })])).not.toMatch(/(?!\n)\p{C}/u);
});
