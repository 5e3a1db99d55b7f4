import { grouped } from '../lib/grouped.ts';
import type { Context } from './context.ts';
import { perContext } from './per-context.ts';

/** One query for what the lines of a list have; its answers live as long as their context. */
export function perLine<Item extends { readonly lineId: string }>(
  find: (context: Context, lineIds: readonly string[]) => Promise<readonly Item[]>,
): (context: Context, lineId: string) => Promise<readonly Item[]> {
  const loaderOf = perContext(async (context, lineIds) =>
    grouped(await find(context, lineIds), ({ lineId }) => lineId),
  );
  return async (context, lineId) => (await loaderOf(context).load(lineId)) ?? [];
}
