import DataLoader from 'dataloader';
import type { Context } from './context.ts';

/** One query for all that is asked in a turn; its answers live as long as their context. Null for what has none. */
export function perContext<Value>(
  find: (context: Context, keys: readonly string[]) => Promise<ReadonlyMap<string, Value>>,
): (context: Context) => DataLoader<string, Value | null> {
  const loaders = new WeakMap<Context, DataLoader<string, Value | null>>();
  return (context) => {
    const known = loaders.get(context);
    if (known) return known;
    const loader = new DataLoader<string, Value | null>(async (keys) => {
      const found = await find(context, keys);
      return keys.map((key) => found.get(key) ?? null);
    });
    loaders.set(context, loader);
    return loader;
  };
}
