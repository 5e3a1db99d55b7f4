import { type BoundRegions, bindingsOf } from './bound-value.ts';
import type { LayoutAt } from './display.ts';
import type { RevisionShelf } from './revision-shelf.ts';
import type { ValueBoard } from './value-board.ts';
import type { ShownValue } from './watched-value.ts';

/** What one screen shall show. */
export interface ScreenLayout {
  /** Of its display. */
  readonly version: bigint;
  /** Null: nothing. */
  readonly layout: LayoutAt | null;
}

/** A live value, and where the layout of that version of the display shows it. */
export interface ScreenValue extends BoundRegions, ShownValue {
  readonly displayVersion: bigint;
}

/** The live values of one screen: those of whatever layout it shall show. */
export interface ScreenValues extends Disposable {
  /**
   * Goes over to a layout, unless it is at a newer one. Gives its values as they stand, each of which is heard from
   * then on whenever it is another; none when there is a newer layout by now.
   */
  show(screen: ScreenLayout): Promise<readonly ScreenValue[]>;
}

export function createScreenValues({
  venueId,
  shelf,
  board,
  hear,
}: {
  readonly venueId: string;
  readonly shelf: RevisionShelf;
  readonly board: ValueBoard;
  readonly hear: (value: ScreenValue) => void;
}): ScreenValues {
  let current: { readonly version: bigint; readonly bound: Promise<readonly BoundRegions[]> } | null = null;
  let watching: readonly Disposable[] = [];

  function stop(): void {
    for (const each of watching) each[Symbol.dispose]();
    watching = [];
  }

  async function watch({ version, layout }: ScreenLayout): Promise<readonly BoundRegions[]> {
    const revision = layout && (await shelf.get(venueId, layout));
    const bound = bindingsOf(revision?.regions ?? []);
    if (current?.version !== version) return [];
    watching = bound.map((each) =>
      board.watch(venueId, each.binding, (shown) => hear({ ...each, ...shown, displayVersion: version })),
    );
    return bound;
  }

  function goOver(screen: ScreenLayout): Promise<readonly BoundRegions[]> {
    stop();
    // `watch` is to find it there, also when it does not have to wait.
    const bound = Promise.resolve().then(() => watch(screen));
    const own = { version: screen.version, bound };
    current = own;
    bound.catch(() => {
      // Whoever asks next tries again.
      if (current === own) current = null;
    });
    return bound;
  }

  return {
    async show(screen) {
      const { version } = screen;
      if (current && current.version > version) return [];
      const bound = await (current?.version === version ? current.bound : goOver(screen));
      const values = await Promise.all(
        bound.map(async (each) => ({
          ...each,
          ...(await board.read(venueId, each.binding)),
          displayVersion: version,
        })),
      );
      return current?.version === version ? values : [];
    },
    [Symbol.dispose]() {
      current = { version: LAST, bound: Promise.resolve([]) };
      stop();
    },
  };
}

/** None comes behind it. */
const LAST = 2n ** 63n;
