import type { DomainError, ErrorCode } from '../lib/errors.ts';

/** What a client does about an error. */
export type ErrorAction = 'LOGIN' | 'REFRESH' | 'RETRY' | 'FIX_INPUT' | 'WAIT' | 'CONTACT';

export interface CatalogEntry {
  readonly title: string;
  /** The status of an HTTP answer that is nothing but this error. */
  readonly httpStatus: number;
  /** The code a WebSocket closes with because of it, null when it ends an operation at most. */
  readonly closeCode: number | null;
  /** Whether the same request may succeed when it is sent again unchanged, unless the answer to it is kept. */
  readonly retryable: boolean;
  readonly action: ErrorAction;
}

const entry = (
  title: string,
  httpStatus: number,
  action: ErrorAction,
  { retryable = false, closeCode = null }: { retryable?: boolean; closeCode?: number | null } = {},
): CatalogEntry => ({ title, httpStatus, closeCode, retryable, action });

/** Every code a caller can meet (SCHEMA: error codes; close codes as REALTIME lists them). */
export const ERROR_CATALOG: Readonly<Record<ErrorCode, CatalogEntry>> = {
  AUTH_001: entry('Not signed in, or the credentials are wrong', 401, 'LOGIN'),
  AUTH_002: entry('The access token has expired', 401, 'REFRESH'),
  AUTH_003: entry('The token is not valid, or of the wrong kind', 401, 'LOGIN'),
  AUTH_004: entry('The caller lacks the scope for this', 403, 'CONTACT'),
  AUTH_005: entry('Too many wrong sign-ins, or locked by an administrator', 423, 'WAIT'),
  AUTH_006: entry('A second factor is needed', 401, 'FIX_INPUT'),
  AUTH_007: entry('The second factor is wrong', 401, 'FIX_INPUT'),
  AUTH_008: entry('The e-mail address is not verified', 403, 'FIX_INPUT'),
  AUTH_009: entry('The refresh token was used before, and its session is over', 401, 'LOGIN'),
  AUTH_010: entry('The e-mail address is already registered', 409, 'FIX_INPUT'),
  AUTH_011: entry('The password is too weak', 422, 'FIX_INPUT'),
  AUTH_012: entry('The session is over', 401, 'LOGIN'),
  AUTH_013: entry('The password must be changed first', 403, 'FIX_INPUT'),
  SAS_001: entry('The serial port of the line is not available, or nobody drives it', 503, 'CONTACT', {
    retryable: true,
  }),
  SAS_002: entry('The machine does not answer', 504, 'RETRY', { retryable: true }),
  SAS_003: entry('The answers of the machine arrive damaged', 502, 'CONTACT', { retryable: true }),
  SAS_004: entry('The machine refused, or is busy', 409, 'RETRY', { retryable: true }),
  SAS_005: entry('The machine does not support this', 422, 'CONTACT'),
  SAS_006: entry('The machine rejected the transfer', 409, 'CONTACT'),
  SAS_007: entry('Nobody knows yet what became of a transfer', 409, 'CONTACT'),
  SAS_008: entry('The machine is not locked for the transfer', 409, 'CONTACT'),
  SAS_009: entry('It is more than the machine takes', 422, 'FIX_INPUT'),
  API_001: entry('The request is not valid', 400, 'FIX_INPUT'),
  API_002: entry('There is no such thing', 404, 'FIX_INPUT'),
  API_003: entry('Somebody else changed it meanwhile', 409, 'FIX_INPUT'),
  API_004: entry('The idempotency key was used for something else', 409, 'FIX_INPUT'),
  API_005: entry('Too many requests', 429, 'WAIT', { retryable: true }),
  API_006: entry('The operation is too complex', 400, 'FIX_INPUT'),
  API_010: entry('The slot is taken', 409, 'FIX_INPUT'),
  API_011: entry('It belongs to someone else', 403, 'FIX_INPUT'),
  API_012: entry('A limit of bookings or reservations is reached', 409, 'WAIT'),
  API_013: entry('The hold has ended', 409, 'FIX_INPUT'),
  API_014: entry('Slots of a series cannot be had', 409, 'FIX_INPUT'),
  API_020: entry('Not enough money', 409, 'FIX_INPUT'),
  API_021: entry('It is of another currency', 409, 'FIX_INPUT'),
  API_022: entry('The wallet is frozen or closed', 409, 'CONTACT'),
  API_030: entry('The parking lot has no place left', 409, 'FIX_INPUT'),
  API_031: entry('The parking space is taken for that time', 409, 'FIX_INPUT'),
  API_040: entry('The device is offline', 409, 'WAIT', { retryable: true }),
  API_041: entry('The upload was rejected', 422, 'FIX_INPUT'),
  SYS_001: entry('Internal error', 500, 'CONTACT'),
  SYS_002: entry('The database is unavailable', 503, 'WAIT', { retryable: true, closeCode: 1013 }),
  SYS_003: entry('It took too long, or lost against concurrent work', 504, 'RETRY', { retryable: true }),
  SYS_004: entry('The server is shutting down', 503, 'RETRY', { retryable: true, closeCode: 1012 }),
  WS_001: entry('An operation came before connection_init, or that came too late', 401, 'RETRY', {
    retryable: true,
    closeCode: 4408,
  }),
  WS_002: entry('The token of the socket was refused, or has expired', 401, 'REFRESH', { closeCode: 4403 }),
  WS_003: entry('The cursor is not retained, or not of this log', 410, 'FIX_INPUT'),
  WS_004: entry('The stream was read too slowly', 429, 'RETRY', { retryable: true, closeCode: 4491 }),
  WS_005: entry('A connection limit is reached', 429, 'WAIT', { retryable: true, closeCode: 4492 }),
  WS_006: entry('The session of the connection is over, or an operator closed it', 401, 'LOGIN', {
    closeCode: 4493,
  }),
  WS_007: entry('There is no such channel for the caller', 404, 'FIX_INPUT'),
};

export const ERROR_CODES: readonly ErrorCode[] = (Object.keys(ERROR_CATALOG) as ErrorCode[]).sort();

/** Whether the very request that this answers may succeed when it is sent again. */
export const isRetryable = ({ code, isKept }: DomainError): boolean =>
  ERROR_CATALOG[code].retryable && !isKept;

/** `AUTH` of `AUTH_001`. */
export const familyOf = (code: ErrorCode): string => code.slice(0, code.indexOf('_'));
