import type { Timers } from '../client/timers.ts';
import { mediaIn, type PlayedLayout, whatIsMissing, whyNotShown } from './layout.ts';
import type { Library } from './library.ts';
import type { Stage } from './stage.ts';

/** A layout that shall be shown, as the server tells of it. */
export interface PushedLayout {
  readonly displayVersion: string;
  /** Null: nothing. */
  readonly layout: PlayedLayout | null;
}

/** What is said of a layout that was pushed. */
export interface Applied {
  readonly displayVersion: string;
  /** Null: it is shown. */
  readonly failure: string | null;
}

/** Puts what shall be shown on the stage, has its media fetched, and says whether all of it is there. */
export interface Show {
  /** As it stood before the player was switched off. Nothing is said of that. */
  restore(pushed: PushedLayout): void;
  /** As it is now. */
  give(pushed: PushedLayout): void;
  stop(): void;
}

export interface ShowOptions {
  readonly stage: Stage;
  readonly library: Library;
  readonly timers: Timers;
  /** Told what is on the stage from now on. */
  readonly onShown: (shown: PushedLayout) => void;
  readonly onApplied: (applied: Applied) => void;
  /** Asks for what shall be shown once more: addresses of media that did not come may be over. */
  readonly readAnew: () => void;
}

/** The version of a display that never was to show anything: there is nothing to answer. */
const NEVER = '0';
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 5 * 60_000;

export function createShow(options: ShowOptions): Show {
  const { stage, library, timers, onShown, onApplied, readAnew } = options;
  let waitMs = FIRST_WAIT_MS;
  let cancel = () => {};

  function tell({ displayVersion, layout }: PushedLayout): void {
    cancel();
    const failure = layout && whatIsMissing(layout, library.stateOf);
    if (displayVersion !== NEVER) onApplied({ displayVersion, failure });
    if (failure === null) {
      waitMs = FIRST_WAIT_MS;
      return;
    }
    cancel = timers.after(waitMs, readAnew);
    waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS);
  }

  return {
    restore({ displayVersion, layout }) {
      stage.show(BigInt(displayVersion), layout);
      if (layout) void library.want(mediaIn(layout));
    },
    give(pushed) {
      const { displayVersion, layout } = pushed;
      const failure = layout && whyNotShown(layout);
      // It goes on showing what it can.
      if (failure !== null) return onApplied({ displayVersion, failure });
      if (BigInt(displayVersion) !== stage.displayVersion) waitMs = FIRST_WAIT_MS;
      stage.show(BigInt(displayVersion), layout);
      onShown(pushed);
      const media = layout ? mediaIn(layout) : [];
      const settled = library.want(media);
      if (media.every((each) => library.stateOf(each) === 'WHOLE')) return tell(pushed);
      void settled.then((isWanted) => isWanted && tell(pushed));
    },
    stop: () => cancel(),
  };
}
