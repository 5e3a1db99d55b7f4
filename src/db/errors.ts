/**
 * PostgreSQL's refusals, told apart: what a caller may try again, what a constraint said,
 * and what a person has to put right.
 */

/** Something a person must put right; `message` is the whole story in one line, without a secret. */
export class DatabaseSetupError extends Error {
  override readonly name = 'DatabaseSetupError';
}

/** Errors of the operating system that mean "no server there, or no longer". */
const SYSTEM_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/**
 * SQLSTATEs with which the server ends or refuses a session: too many connections, shutdown, crash
 * of another backend, starting up, database dropped, idle session, idle transaction.
 */
const SESSION_STATES = new Set(['53300', '57P01', '57P02', '57P03', '57P04', '57P05', '25P03']);

/** What TLS says of a server that is not trusted, or is not spoken with. */
const TLS_CODES = /^ERR_(?:SSL|TLS)_|CERT|^UNABLE_TO_VERIFY_LEAF_SIGNATURE$/;

/** What pg and pg-pool throw without a code of their own. */
const DRIVER_MESSAGES =
  /^(The server does not support SSL connections|There was an error establishing an SSL connection|Connection terminated|timeout exceeded when trying to connect|timeout expired|Client has encountered a connection error|Client was closed and is not queryable|Cannot use a pool after calling end on the pool)/;

/**
 * Whether the connection failed rather than the statement. The statement may still have been carried
 * out: only what is idempotent may be tried again because of it.
 */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = stringField(error, 'code');
  if (code === null) return DRIVER_MESSAGES.test(error.message);
  if (SYSTEM_CODES.has(code) || SESSION_STATES.has(code)) return true;
  if (code === 'ENOENT') return stringField(error, 'syscall') === 'connect';
  return /^08[0-9A-Z]{3}$/.test(code) || TLS_CODES.test(code);
}

/** Whether the error is the refusal of this constraint (SQLSTATE class 23). */
export function isViolationOf(error: unknown, constraintName: string): boolean {
  return (
    (stringField(error, 'code')?.startsWith('23') ?? false) &&
    stringField(error, 'constraint') === constraintName
  );
}

/** Whether the whole transaction may simply be run again: serialization failure (40001) or deadlock (40P01). */
export function isRetryable(error: unknown): boolean {
  const code = stringField(error, 'code');
  return code === '40001' || code === '40P01';
}

/**
 * Whether PostgreSQL is there and works for nobody until a person sees to it: it is out of disk or memory, cannot use
 * its files, or takes no writes (SQLSTATE classes 53 and 58, and 25006).
 */
export const isOutOfOrder = (error: unknown): boolean =>
  /^(?:(?:53|58)[0-9A-Z]{3}|25006)$/.test(codeOf(error) ?? '');

/**
 * Whether the server could not do now what it may do later: it is out of something, is stopped, was told to give up, or
 * does not write at the moment (SQLSTATE classes 25, 40, 53, 55, 57, 58, XX).
 */
export const isOfCircumstance = (error: unknown): boolean =>
  isConnectionError(error) || /^(?:25|40|53|55|57|58|XX)[0-9A-Z]{3}$/.test(codeOf(error) ?? '');

/** The error's SQLSTATE or system code, null when it has none. */
export function codeOf(error: unknown): string | null {
  return stringField(error, 'code');
}

function stringField(error: unknown, name: string): string | null {
  if (typeof error !== 'object' || error === null || !(name in error)) return null;
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' ? value : null;
}
