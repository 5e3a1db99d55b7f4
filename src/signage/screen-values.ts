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
  /** What was read or heard last of each: while some are read, others may be heard to be another. */
  let latest = new Map<BoundRegions, ShownValue>();

  function stop(): void {
    for (const each of watching) each[Symbol.dispose]();
    watching = [];
  }

  async function watch({ version, layout }: ScreenLayout): Promise<readonly BoundRegions[]> {
    const revision = layout && (await shelf.get(venueId, layout));
    const bound = bindingsOf(revision?.regions ?? []);
    if (current?.version !== version) return [];
    watching = bound.map((each) =>
      board.watch(venueId, each.binding, (shown) => {
        latest.set(each, shown);
        hear({ ...each, ...shown, displayVersion: version });
      }),
    );
    return bound;
  }

  function goOver(screen: ScreenLayout): Promise<readonly BoundRegions[]> {
    stop();
    latest = new Map();
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

  async function readNow(each: BoundRegions): Promise<void> {
    const before = latest.get(each);
    const shown = await board.read(venueId, each.binding);
    // What was heard meanwhile is newer, or the same.
    if (latest.get(each) === before) latest.set(each, shown);
  }

  return {
    async show(screen) {
      const { version } = screen;
      if (current && current.version > version) return [];
      const bound = await (current?.version === version ? current.bound : goOver(screen));
      await Promise.all(bound.map(readNow));
      if (current?.version !== version) return [];
      return bound.flatMap((each) => {
        const shown = latest.get(each);
        return shown ? [{ ...each, ...shown, displayVersion: version }] : [];
      });
    },
    [Symbol.dispose]() {
      current = { version: LAST, bound: Promise.resolve([]) };
      stop();
    },
  };
}

/** None comes behind it. */
const LAST = 2n ** 63n;
