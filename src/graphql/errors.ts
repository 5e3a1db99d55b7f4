import { PothosValidationError } from '@pothos/core';
import { type AuthFailure, AuthScopeFailureType, type ForbiddenResult } from '@pothos/plugin-scope-auth';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { PasswordChangeRequiredError } from '../auth/errors.ts';
import { DomainError, type ErrorCode, PermissionDeniedError, ValidationError } from '../lib/errors.ts';
import { UploadRejectedError } from '../signage/errors.ts';
import type { Context } from './context.ts';
import { familyOf, isRetryable } from './error-catalog.ts';
import { RateLimitedError } from './rate-limits.ts';
import { withoutValue } from './request-message.ts';
import { microsecondTimestamp } from './timestamp.ts';

/** Nobody is signed in, and the field is not for everybody. */
export class NotSignedInError extends DomainError {
  readonly code = 'AUTH_001';
  constructor(options?: ErrorOptions) {
    super('Sign in first.', options);
  }
}

/** The operation asks for more than one request may: too deep, too many aliases, too costly. */
export class OperationTooComplexError extends DomainError {
  readonly code = 'API_006';
}

/** What an operation costs as Pothos counts: one for a field, times the entries of each list or page it is in. */
export interface OperationCost {
  readonly requested: number;
  /** What one operation may. */
  readonly maximum: number;
}

/** The operation costs more than one may. */
export class CostLimitError extends OperationTooComplexError {
  readonly cost: OperationCost;
  constructor(cost: OperationCost, options?: ErrorOptions) {
    super(`The operation costs ${cost.requested}; ${cost.maximum} are allowed.`, options);
    this.cost = cost;
  }
}

/** The server is about to end. Another one, or the next one, will answer. */
export class ShuttingDownError extends DomainError {
  readonly code = 'SYS_004';
  readonly retryAfterMs: number;
  constructor(retryAfterMs: number, options?: ErrorOptions) {
    super('The server is shutting down. Try again shortly.', options);
    this.retryAfterMs = retryAfterMs;
  }
}

/** One thing that is wrong with the arguments of a field. */
export interface InputIssue {
  /** From the outermost argument inwards. */
  readonly path: readonly string[];
  readonly message: string;
}

/** An id that was never given out, or that of a thing of another type. No result lists it: it is not an answer to the user. */
export class InvalidIdError extends DomainError {
  readonly code = 'API_001';
  /** What was given for an id. */
  readonly text: string;
  readonly issues: readonly InputIssue[];
  constructor(
    message: string,
    { text, issues = [], ...options }: ErrorOptions & { text: string; issues?: readonly InputIssue[] },
  ) {
    super(message, options);
    this.text = text;
    this.issues = issues;
  }
}

/** A ValidationError of a domain, and to the caller no other one, of which is known where the arguments are wrong. */
export class InvalidInputError extends ValidationError {
  readonly issues: readonly InputIssue[];
  constructor(message: string, path: readonly string[], options?: ErrorOptions) {
    super(message, { ...options, field: path });
    this.issues = [{ path, message }];
  }
  override get name(): string {
    return ValidationError.name;
  }
}

/** What is wrong with the arguments, as far as an error or its extensions say it of single ones. */
export const issuesOf = (error: object): readonly InputIssue[] =>
  'issues' in error ? (error as InvalidInputError).issues : [];

/** The refusal of a field whose scopes the caller does not have. */
export function unauthorized({ rights }: Context, { failure }: ForbiddenResult): DomainError {
  if (rights.kind === 'anonymous') return new NotSignedInError();
  if (rights.kind === 'user' && rights.mustChangePassword) return new PasswordChangeRequiredError();
  return new PermissionDeniedError(`use this field${needOf(failure)}`);
}

/** The scope that is not there: the description of each field names its own to everybody. */
function needOf(failure: AuthFailure): string {
  switch (failure.kind) {
    case AuthScopeFailureType.AllAuthScopes:
    case AuthScopeFailureType.AnyAuthScopes:
      return failure.failures.map(needOf).find((need) => need !== '') ?? '';
    case AuthScopeFailureType.AuthScope:
      if (failure.scope === 'scope') return `: it needs the scope ${failure.parameter}`;
      return failure.scope === 'anyScope' && Array.isArray(failure.parameter)
        ? `: it needs one of the scopes ${failure.parameter.join(', ')}`
        : '';
    default:
      return '';
  }
}

/** What the mapper knows of the request whose errors it maps. */
export interface ErrorScope {
  readonly requestId: string;
  /** Told the code of every error that is answered: as it is mapped, or as a member of a result. */
  onCode(code: ErrorCode): void;
  /** Given every fault that is not an answer, as it was thrown. */
  onFault(fault: unknown): void;
  /** Names a foreign error that means something to a caller: a lost connection to the database. */
  translate?(fault: unknown): DomainError | null;
}

export interface ErrorExtensions {
  readonly [key: string]: unknown;
  readonly code: ErrorCode;
  readonly family: string;
  readonly timestamp: string;
  readonly requestId: string;
  readonly retryable: boolean;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface PublicError extends GraphQLFormattedError {
  readonly extensions: ErrorExtensions;
}

const MAX_MESSAGE_LENGTH = 300;

/**
 * The one place where an error becomes what a caller sees, on HTTP, SSE and sockets. It has a code
 * of the catalog and never anything internal: a fault of ours is handed to the scope and masked.
 */
export function publicError(error: unknown, scope: ErrorScope): PublicError {
  const answer = answerOf(error, scope);
  scope.onCode(answer.code);
  return {
    message: shortened(answer.message),
    ...placeOf(error),
    extensions: {
      code: answer.code,
      family: familyOf(answer.code),
      timestamp: microsecondTimestamp(),
      requestId: scope.requestId,
      retryable: answer.retryable,
      details: answer.details,
    },
  };
}

interface Answer {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  readonly details: Readonly<Record<string, unknown>>;
}

const MASKED: Answer = {
  code: 'SYS_001',
  message: 'Unexpected error.',
  retryable: false,
  details: { reason: 'InternalError' },
};

function answerOf(error: unknown, scope: ErrorScope): Answer {
  const cause = innermost(error);
  if (cause instanceof DomainError) return domainAnswer(cause);
  if (isRequestError(error, cause)) return requestAnswer(error);
  const translated = scope.translate?.(cause);
  if (translated) return domainAnswer(translated);
  scope.onFault(cause);
  return MASKED;
}

function requestAnswer({ message, extensions }: GraphQLError): Answer {
  const issues = issuesOf(extensions).map(({ path, message: reason }) => ({
    path: path.map(shortened),
    message: shortened(withoutValue(reason)),
  }));
  return {
    code: 'API_001',
    message: withoutValue(message),
    retryable: false,
    details: { reason: 'ValidationError', issues },
  };
}

function domainAnswer(error: DomainError): Answer {
  const details: Record<string, unknown> = { reason: error.name };
  if (error.code === 'API_001') details.issues = issuesOf(error);
  if (error instanceof CostLimitError) details.cost = error.cost;
  if (error instanceof RateLimitedError) details.bucket = error.bucket;
  if (error instanceof UploadRejectedError) details.rejection = error.rejection;
  if ('retryAfterMs' in error && typeof error.retryAfterMs === 'number')
    details.retryAfterMs = error.retryAfterMs;
  return { code: error.code, message: error.message, retryable: isRetryable(error), details };
}

/**
 * Whether the request is at fault: what graphql-js and Yoga say of a document or its variables
 * before anything runs (no path yet), and what they and Pothos say of an argument (which they
 * name by its node). A value of ours that a scalar cannot express has a path and no node.
 */
function isRequestError(error: unknown, cause: unknown): error is GraphQLError {
  if (!(error instanceof GraphQLError)) return false;
  if (cause instanceof PothosValidationError) return true;
  if (error.path === undefined) return cause instanceof GraphQLError || error.nodes !== undefined;
  return error.originalError instanceof GraphQLError && error.originalError.nodes !== undefined;
}

/** The error that was thrown, without the layers graphql-js and Yoga put around it. */
export function innermost(error: unknown): unknown {
  let inner = error;
  while (inner instanceof GraphQLError && inner.originalError) inner = inner.originalError;
  return inner;
}

function placeOf(error: unknown): Pick<GraphQLFormattedError, 'locations' | 'path'> {
  if (!(error instanceof GraphQLError)) return {};
  return {
    ...(error.locations ? { locations: error.locations } : {}),
    ...(error.path ? { path: error.path } : {}),
  };
}

/** Messages of graphql-js repeat names of the caller's document, of any size. */
function shortened(message: string): string {
  return message.length <= MAX_MESSAGE_LENGTH ? message : `${message.slice(0, MAX_MESSAGE_LENGTH)}…`;
}
