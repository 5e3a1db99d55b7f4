import type { ErrorCode } from '../lib/errors.ts';

/** How a WebSocket ends, by the code it closes with (REALTIME: Sockets). */
export interface CloseCode {
  readonly code: number;
  readonly meaning: string;
  /** The error code that says the same, null where the protocol itself speaks. */
  readonly errorCode: ErrorCode | null;
  /** Whether connecting again, unchanged or after a wait, may help. */
  readonly reconnect: boolean;
}

export const CLOSE = {
  PROTOCOL_ERROR: 1002,
  NOT_UTF8: 1007,
  MESSAGE_TOO_BIG: 1009,
  DRAINING: 1012,
  TRY_AGAIN_LATER: 1013,
  BAD_MESSAGE: 4400,
  NOT_INITIALISED: 4401,
  TOKEN_REFUSED: 4403,
  SUBPROTOCOL: 4406,
  INIT_TIMEOUT: 4408,
  DUPLICATE_OPERATION: 4409,
  SECOND_INIT: 4429,
  SLOW_CONSUMER: 4491,
  LIMIT_REACHED: 4492,
  ACCESS_REVOKED: 4493,
} as const;

export const CLOSE_CODES: readonly CloseCode[] = [
  {
    code: CLOSE.PROTOCOL_ERROR,
    meaning: 'What came was no frame of a WebSocket.',
    errorCode: null,
    reconnect: false,
  },
  { code: CLOSE.NOT_UTF8, meaning: 'A message was not UTF-8.', errorCode: null, reconnect: false },
  {
    code: CLOSE.MESSAGE_TOO_BIG,
    meaning: 'A message was larger than the server takes.',
    errorCode: null,
    reconnect: false,
  },
  { code: CLOSE.DRAINING, meaning: 'The server is shutting down.', errorCode: 'SYS_004', reconnect: true },
  {
    code: CLOSE.TRY_AGAIN_LATER,
    meaning: 'The database is away, or the server cannot answer now.',
    errorCode: 'SYS_002',
    reconnect: true,
  },
  {
    code: CLOSE.BAD_MESSAGE,
    meaning: 'A message was not one of the protocol.',
    errorCode: null,
    reconnect: false,
  },
  {
    code: CLOSE.NOT_INITIALISED,
    meaning: 'An operation came before connection_init was acknowledged.',
    errorCode: 'WS_001',
    reconnect: false,
  },
  {
    code: CLOSE.TOKEN_REFUSED,
    meaning:
      'The token was refused, or has expired. Connect with another one; sign in where none is to be had.',
    errorCode: 'WS_002',
    reconnect: true,
  },
  {
    code: CLOSE.SUBPROTOCOL,
    meaning: 'The client does not speak graphql-transport-ws.',
    errorCode: null,
    reconnect: false,
  },
  {
    code: CLOSE.INIT_TIMEOUT,
    meaning: 'connection_init did not come in time.',
    errorCode: 'WS_001',
    reconnect: true,
  },
  {
    code: CLOSE.DUPLICATE_OPERATION,
    meaning: 'Two running operations had the same id.',
    errorCode: null,
    reconnect: false,
  },
  { code: CLOSE.SECOND_INIT, meaning: 'connection_init came twice.', errorCode: null, reconnect: false },
  {
    code: CLOSE.SLOW_CONSUMER,
    meaning: 'The socket was read too slowly. Resume after the last cursor.',
    errorCode: 'WS_004',
    reconnect: true,
  },
  {
    code: CLOSE.LIMIT_REACHED,
    meaning: 'A connection limit is reached. Wait before the next try.',
    errorCode: 'WS_005',
    reconnect: true,
  },
  {
    code: CLOSE.ACCESS_REVOKED,
    meaning:
      'The session or API key was ended, or an operator closed the connection; `reason` says which. Sign in again before the next try.',
    errorCode: 'WS_006',
    reconnect: false,
  },
];
