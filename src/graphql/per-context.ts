import DataLoader from 'dataloader';
import type { Context } from './context.ts';

/**
 * What is made for a context when it is asked for first. The context itself keeps it: what a WeakMap keeps counts as
 * alive in every collection of young objects, and where it leads back to its context, as loaders do, both grow old there
 * with all that was loaded.
 */
export function oncePerContext<Value extends object | null>(
  make: (context: Context) => Value,
): (context: Context) => Value {
  const place = Symbol('once per context');
  return (context) => {
    const kept = context as Context & { [place]?: Value };
    // An own property: contexts are made with others behind them.
    if (!Object.hasOwn(kept, place)) kept[place] = make(context);
    return kept[place] as Value;
  };
}

/** One query for all that is asked in a turn; its answers live as long as their context. Null for what has none. */
export const perContext = <Value>(
  find: (context: Context, keys: readonly string[]) => Promise<ReadonlyMap<string, Value>>,
): ((context: Context) => DataLoader<string, Value | null>) =>
  oncePerContext((context) => {
    return new DataLoader<string, Value | null>(async (keys) => {
      const found = await find(context, keys);
      return keys.map((key) => found.get(key) ?? null);
    });
  });
