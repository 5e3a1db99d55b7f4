import type { EventSource, Start } from '../events/source.ts';

/** A reader, as far as it matters to where he begins. */
interface Beginner {
  /** His cursor, until it is known where that lies. */
  start: Start | string;
  hasLeft: boolean;
}

/**
 * Finds where a reader begins; null when he has left meanwhile, for then what becomes of his cursor here is nothing to
 * him any more.
 *
 * @throws CursorError
 */
export async function findStart(source: EventSource, reader: Beginner): Promise<Start | null> {
  try {
    if (typeof reader.start === 'string') reader.start = await source.begin(reader.start);
  } catch (error) {
    if (!reader.hasLeft) throw error;
  }
  return reader.hasLeft || typeof reader.start === 'string' ? null : reader.start;
}
