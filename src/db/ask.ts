import type { ClientBase, QueryConfig, QueryResult } from 'pg';

/**
 * What a client answers, as the promise of `client.query` would. That form keeps each result until the next full
 * garbage collection: it assigns the query its callback, V8 allocates functions that are assigned to a property where
 * it puts what lives long, and the callback holds the rows. An argument is allocated among what dies young.
 */
export async function ask<Row extends object = never>(
  client: ClientBase,
  query: string | QueryConfig<unknown[]>,
): Promise<QueryResult<Row>> {
  try {
    return await new Promise<QueryResult<Row>>((resolve, reject) => {
      // Without an error it is undefined or null.
      client.query<Row, unknown[]>(query as string, (error: Error | null | undefined, result) =>
        error ? reject(error) : resolve(result),
      );
    });
  } catch (error) {
    // From where it was asked, not from where the answer was read.
    if (error instanceof Error) Error.captureStackTrace(error);
    throw error;
  }
}
