import { sql } from 'kysely';
import type { NewEvent } from '../events/events.ts';
import type { Author, Work } from '../work.ts';

/**
 * Does something that can be undone alone: when its answer is not to be kept, neither is what it wrote, and what it
 * would have announced is not. What it throws undoes the whole work, as ever.
 */
export async function attempt<T>(
  work: Work,
  act: (work: Work) => Promise<T>,
  isKept: (answer: T) => boolean,
): Promise<T> {
  const events: { readonly event: NewEvent; readonly author: Author | undefined }[] = [];
  await sql`savepoint attempt`.execute(work.tx);
  const answer = await act({ ...work, emit: (event, author) => events.push({ event, author }) });
  if (isKept(answer)) for (const { event, author } of events) work.emit(event, author);
  else await sql`rollback to savepoint attempt`.execute(work.tx);
  // Another one may lie around it.
  await sql`release savepoint attempt`.execute(work.tx);
  return answer;
}
