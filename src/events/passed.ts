import type { EventSource } from './source.ts';

/**
 * Whether anything of a source lies behind a cursor: what the query showed that gave it does not.
 *
 * @throws CursorError
 */
export async function hasPassed(source: EventSource, after: string): Promise<boolean> {
  const start = await source.begin(after);
  let isFound = false;
  await source.catchUp({
    start,
    take: async (events) => {
      isFound ||= events.length > 0;
    },
    goLive: () => {},
    isOver: () => isFound,
  });
  return isFound;
}
