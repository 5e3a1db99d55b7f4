/**
 * The base of every error a caller may see, and the codes they carry (SCHEMA: error codes).
 *
 * A `DomainError` is an answer: expected, worded for a person, safe to show. Whatever is
 * thrown that is not one is a fault of ours and is masked where it leaves the server.
 */
export type ErrorCode =
  | 'AUTH_001'
  | 'AUTH_002'
  | 'AUTH_003'
  | 'AUTH_004'
  | 'AUTH_005'
  | 'AUTH_006'
  | 'AUTH_007'
  | 'AUTH_008'
  | 'AUTH_009'
  | 'AUTH_010'
  | 'AUTH_011'
  | 'AUTH_012'
  | 'AUTH_013'
  | 'SAS_001'
  | 'SAS_002'
  | 'SAS_003'
  | 'SAS_004'
  | 'SAS_005'
  | 'SAS_006'
  | 'SAS_007'
  | 'SAS_008'
  | 'SAS_009'
  | 'API_001'
  | 'API_002'
  | 'API_003'
  | 'API_004'
  | 'API_005'
  | 'API_006'
  | 'API_010'
  | 'API_011'
  | 'API_012'
  | 'API_013'
  | 'API_014'
  | 'API_020'
  | 'API_021'
  | 'API_022'
  | 'API_030'
  | 'API_031'
  | 'API_040'
  | 'API_041'
  | 'SYS_001'
  | 'SYS_002'
  | 'SYS_003'
  | 'SYS_004'
  | 'WS_001'
  | 'WS_002'
  | 'WS_003'
  | 'WS_004'
  | 'WS_005'
  | 'WS_006'
  | 'WS_007';

export interface DomainErrorOptions extends ErrorOptions {
  readonly isKept?: boolean;
}

export abstract class DomainError extends Error {
  abstract readonly code: ErrorCode;
  /** Whether it is the answer to this request for good, also where others of its code pass: its key keeps it. */
  readonly isKept: boolean;
  constructor(message: string, { isKept = false, ...options }: DomainErrorOptions = {}) {
    super(message, options);
    this.isKept = isKept;
  }
  override get name(): string {
    return this.constructor.name;
  }
}

/** The thing does not exist, belongs to another venue, or may not be seen by the caller: all alike. */
export class NotFoundError extends DomainError {
  readonly code = 'API_002';
  constructor(what: string, options?: ErrorOptions) {
    super(`No such ${what}.`, options);
  }
}

/** A member of the caller's input by its name in the API, or one within it: `['regions', 2, 'z']`. */
export type InputPath = string | readonly (string | number)[];

/** The caller's input is not what the operation takes. */
export class ValidationError extends DomainError {
  readonly code = 'API_001';
  /** The member of the input that is at fault, from the outermost inwards; empty when it is no single one. */
  readonly field: readonly string[];
  constructor(
    message: string,
    { field = [], ...options }: ErrorOptions & { readonly field?: InputPath } = {},
  ) {
    super(message, options);
    this.field = typeof field === 'string' ? [field] : field.map(String);
  }
}

/** For a member of the input that what is there already has, and what is new does not. @throws ValidationError */
export function neededForNew(field: string): never {
  throw new ValidationError(`${field} is needed for what is new.`, { field });
}

/** The caller is known but lacks the scope for what was asked. */
export class PermissionDeniedError extends DomainError {
  readonly code = 'AUTH_004';
  constructor(what: string, options?: ErrorOptions) {
    super(`You may not ${what}.`, options);
  }
}

/** Somebody else changed the thing since the caller read it. */
export class VersionConflictError extends DomainError {
  readonly code = 'API_003';
  /** What `expectedVersion` would have to be. */
  readonly currentVersion: number;
  constructor(currentVersion: number, options?: ErrorOptions) {
    super('Somebody else changed it meanwhile. Read it again, and decide anew.', options);
    this.currentVersion = currentVersion;
  }
}

/** The key was used before, for something else. */
export class IdempotencyMismatchError extends DomainError {
  readonly code = 'API_004';
  constructor(options?: ErrorOptions) {
    super('This idempotency key was used for something else. Take a new one.', options);
  }
}

/** The caller sees the thing, and it is not his to change. */
export class NotOwnerError extends DomainError {
  readonly code = 'API_011';
  constructor(what: string, options?: ErrorOptions) {
    super(`It is not yours to ${what}.`, options);
  }
}

/** PostgreSQL cannot be reached, or went away in the middle. */
export class DatabaseUnavailableError extends DomainError {
  readonly code = 'SYS_002';
  constructor(options?: ErrorOptions) {
    super('The database is unavailable. Try again shortly.', options);
  }
}

/** The work lost against concurrent work too often, or took too long. */
export class TimeoutError extends DomainError {
  readonly code = 'SYS_003';
}
