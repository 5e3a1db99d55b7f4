import DataLoader from 'dataloader';
import type { Context } from './context.ts';

/** One query for what the lines of a list have; its answers live as long as their context. */
export function perLine<Item extends { readonly lineId: string }>(
  find: (context: Context, lineIds: readonly string[]) => Promise<readonly Item[]>,
): (context: Context) => DataLoader<string, readonly Item[]> {
  const loaders = new WeakMap<Context, DataLoader<string, readonly Item[]>>();
  return (context) => {
    const known = loaders.get(context);
    if (known) return known;
    const loader = new DataLoader<string, readonly Item[]>(async (lineIds) => {
      const found = await find(context, lineIds);
      return lineIds.map((id) => found.filter(({ lineId }) => lineId === id));
    });
    loaders.set(context, loader);
    return loader;
  };
}
