import type { Size } from './canvas.ts';

/** Where pictures are shown, as text. */
export interface Terminal {
  /** Shows a picture instead of the one before; a status below it, in one line. */
  show(draw: (size: Size) => readonly string[], status: string): void;
}

interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

/** Of what is no terminal, and so has no size. */
const PAPER: Size = { width: 80, height: 24 };
const HOME_AND_CLEAR = '\u001b[H\u001b[2J';

/** A terminal shows the newest picture alone; a pipe or file gets each, unless it looks like the one before. */
export function createTerminal(output: Output): Terminal {
  let last = '';
  return {
    show(draw, status) {
      const { columns = PAPER.width, rows = PAPER.height } = output;
      const picture = [...draw({ width: columns, height: Math.max(1, rows - 1) }), status.slice(0, columns)];
      const text = picture.map((line) => line.trimEnd()).join('\n');
      if (text === last) return;
      last = text;
      output.write(output.isTTY ? `${HOME_AND_CLEAR}${text}` : `${text}\n\n`);
    },
  };
}
