import { DomainError, ValidationError } from '../lib/errors.ts';

/** A request that is not one of GraphQL over HTTP. It has an HTTP status of its own. */
export class RequestRefusedError extends ValidationError {
  readonly status: number;
  /** Of 405: the methods by which it can be had. */
  readonly allow: string;
  constructor(
    status: number,
    message: string,
    { allow = 'GET, POST', ...options }: ErrorOptions & { readonly allow?: string } = {},
  ) {
    super(message, options);
    this.status = status;
    this.allow = allow;
  }
}

/**
 * No document is known by this hash: send its text with it. Apollo Client and urql go by the message, which is theirs,
 * and do so by themselves.
 */
export class PersistedQueryNotFoundError extends DomainError {
  readonly code = 'API_002';
  constructor(options?: ErrorOptions) {
    super('PersistedQueryNotFound', options);
  }
}

/** The text that came with a hash has another. */
export class HashMismatchError extends ValidationError {
  constructor(options?: ErrorOptions) {
    super('The hash is not that of the text.', options);
  }
}

/** This server runs the documents of a list, and this is none of them. */
export class UnlistedDocumentError extends ValidationError {
  constructor(options?: ErrorOptions) {
    super('This server runs only documents of its list, and this is none of them.', options);
  }
}

/** It came over plain http from another machine, and whatever it carried may have been read on the way. */
export class HttpsRequiredError extends RequestRefusedError {
  constructor(options?: ErrorOptions) {
    super(403, 'This server answers over https and wss only.', options);
  }
}

/** As many as may be are open, running or made already. The message ends with when to come back, where that is known. */
export class ConnectionLimitError extends DomainError {
  readonly code = 'WS_005';
  readonly retryAfterMs: number | null;
  constructor(
    message: string,
    { retryAfterMs, ...options }: ErrorOptions & { readonly retryAfterMs?: number } = {},
  ) {
    const hint = retryAfterMs === undefined ? '' : ` Try again in ${Math.ceil(retryAfterMs / 1_000)} s.`;
    super(`${message}${hint}`, options);
    this.retryAfterMs = retryAfterMs ?? null;
  }
}

/** The session or API key on whose behalf a socket or stream was open has ended. */
export class AccessRevokedError extends DomainError {
  readonly code = 'WS_006';
  constructor(options?: ErrorOptions) {
    super('The session or API key was ended.', options);
  }
}

/** What a connection may be shown from now on could not be found out, so it is shown nothing. */
export class RightsUnknownError extends DomainError {
  readonly code = 'SYS_002';
  constructor(options?: ErrorOptions) {
    super('What you may see now could not be found out. Connect again.', options);
  }
}

/** Somebody who may do so closed a connection; its holder may connect again. */
export class DisconnectedError extends DomainError {
  readonly code = 'WS_006';
  constructor(reason: string, options?: ErrorOptions) {
    super(`An operator closed this connection: ${reason}`, options);
  }
}

/** Whoever reads the metrics from another machine did not show the token for it. */
export class MetricsTokenError extends DomainError {
  readonly code = 'AUTH_003';
  constructor(options?: ErrorOptions) {
    super('Show the token of METRICS_TOKEN as a bearer token.', options);
  }
}

/** The address to listen on cannot be had; a person has to choose another, or stop what has it. */
export class AddressRefusedError extends Error {
  override readonly name = 'AddressRefusedError';
}
