import type DataLoader from 'dataloader';
import { NotFoundError } from '../lib/errors.ts';

/** What a loader finds; null for what is not there, or not for the caller to see. */
export const foundOrNull = <Value>(loader: DataLoader<string, Value>, id: string): Promise<Value | null> =>
  loader.load(id).catch((error: unknown) => {
    if (error instanceof NotFoundError) return null;
    throw error;
  });

/** Those of these that a loader finds, in their order, in one query with whatever else is asked for then. */
export async function listFound<Value>(
  loader: DataLoader<string, Value>,
  ids: readonly string[],
): Promise<Value[]> {
  const found = await Promise.all(ids.map((id) => foundOrNull(loader, id)));
  return found.filter((each) => each !== null);
}
