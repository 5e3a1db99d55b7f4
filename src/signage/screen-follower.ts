import type { ScreenLayout, ScreenValue, ScreenValues } from './screen-values.ts';

/** Has the values of a screen follow its layout until it is disposed of. */
export interface ScreenFollower extends Disposable {
  /** Goes over to a layout as soon as its values can be read, unless there is a newer one by then. */
  show(screen: ScreenLayout): void;
}

/** Until the values of a layout are asked for again when they could not be read. */
const RETRY_MS = 500;

/** `hear` is told the values of each layout as they stand; from then on `values` tells of them itself. */
export function createScreenFollower(
  values: Pick<ScreenValues, 'show'>,
  hear: (value: ScreenValue) => void,
): ScreenFollower {
  /** Whose values are asked for; null once it is over. */
  let latest: ScreenLayout | null = null;
  let retry: NodeJS.Timeout | undefined;

  function show(screen: ScreenLayout): void {
    clearTimeout(retry);
    latest = screen;
    values.show(screen).then(
      (shown) => {
        for (const value of shown) hear(value);
      },
      // That the database is away is told elsewhere.
      () => {
        if (latest === screen) retry = setTimeout(show, RETRY_MS, screen).unref();
      },
    );
  }

  return {
    show,
    [Symbol.dispose]() {
      latest = null;
      clearTimeout(retry);
    },
  };
}
