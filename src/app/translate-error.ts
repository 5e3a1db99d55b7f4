import { codeOf, isConnectionError, isOutOfOrder } from '../db/errors.ts';
import type { Translated } from '../http/request-log.ts';
import { DatabaseUnavailableError, TimeoutError } from '../lib/errors.ts';
import { StorageUnavailableError } from '../signage/errors.ts';
import { StorageError } from '../signage/storage.ts';

/** SQLSTATE of a statement that ran over its time. */
const STATEMENT_CANCELLED = '57014';

/** What of the errors of PostgreSQL and of what keeps files means something to a caller. */
export function translateError(fault: unknown): Translated | null {
  const cause = { cause: fault };
  if (isConnectionError(fault)) return { answer: new DatabaseUnavailableError(cause), isFault: false };
  if (isOutOfOrder(fault)) return { answer: new DatabaseUnavailableError(cause), isFault: true };
  if (fault instanceof StorageError && fault.isAway)
    return { answer: new StorageUnavailableError(cause), isFault: true };
  if (codeOf(fault) !== STATEMENT_CANCELLED) return null;
  return { answer: new TimeoutError('The database took too long. Try again.', cause), isFault: false };
}
