/** A framed part of a picture, in whatever unit the whole of it is measured. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly z: number;
  readonly title: string;
  readonly lines: readonly string[];
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Draws boxes as text: `size.height` lines of `size.width` characters. A box covers those below it; of one that is too
 * small for a frame only what is in it is drawn.
 */
export function drawBoxes(boxes: readonly Box[], canvas: Size, size: Size): readonly string[] {
  const rows = Array.from({ length: size.height }, () => Array.from({ length: size.width }, () => ' '));
  const scaleX = size.width / canvas.width;
  const scaleY = size.height / canvas.height;
  for (const box of [...boxes].sort((one, other) => one.z - other.z)) {
    const left = Math.round(box.x * scaleX);
    const top = Math.round(box.y * scaleY);
    const width = Math.round((box.x + box.width) * scaleX) - left;
    const height = Math.round((box.y + box.height) * scaleY) - top;
    for (const [at, line] of boxLines(box, { width, height }).entries()) {
      const row = rows[top + at];
      for (const [column, character] of [...line].entries())
        if (row && left + column < size.width) row[left + column] = character;
    }
  }
  return rows.map((row) => row.join(''));
}

/** `height` lines of `width` characters. */
function boxLines(
  { title, lines }: Pick<Box, 'title' | 'lines'>,
  { width, height }: Size,
): readonly string[] {
  if (width < 3 || height < 3) return filled(lines, { width, height });
  const inner = filled(lines, { width: width - 2, height: height - 2 });
  const head = [...` ${printable(title)} `].slice(0, width - 2).join('');
  return [
    `┌${head.padEnd(width - 2, '─')}┐`,
    ...inner.map((line) => `│${line}│`),
    `└${'─'.repeat(width - 2)}┘`,
  ];
}

/** Lines broken to a width, and cut or filled to a height. */
function filled(lines: readonly string[], { width, height }: Size): readonly string[] {
  if (width < 1 || height < 1) return [];
  const broken = lines.flatMap((line) => wrapped(printable(line), width));
  return Array.from({ length: height }, (_, at) => fitted(broken[at] ?? '', width));
}

/** Broken between words where that is possible. */
function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((each) => pieces(each, width))) {
    const longer = line === '' ? word : `${line} ${word}`;
    if ([...longer].length <= width) {
      line = longer;
      continue;
    }
    lines.push(line);
    line = word;
  }
  return [...lines, line];
}

/** Of a word that is longer than a line. */
function pieces(word: string, width: number): readonly string[] {
  const characters = [...word];
  const count = Math.max(1, Math.ceil(characters.length / width));
  return Array.from({ length: count }, (_, at) => characters.slice(at * width, (at + 1) * width).join(''));
}

const fitted = (text: string, width: number): string => [...text].slice(0, width).join('').padEnd(width, ' ');

/** What comes from elsewhere steers no terminal. */
const printable = (text: string): string => text.replace(/\p{C}/gu, ' ');
