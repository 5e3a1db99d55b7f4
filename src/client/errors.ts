/** An error of a GraphQL answer, as floorwire words it. */
export interface GraphqlError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: {
    readonly code?: string;
    readonly retryable?: boolean;
    readonly details?: Readonly<Record<string, unknown>>;
    readonly [name: string]: unknown;
  };
}

/** The operation would lose events at the first cut: it is not begun. */
export class NotResumableError extends Error {
  override readonly name = 'NotResumableError';
}

/** The server refused an operation, or ended it. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly errors: readonly GraphqlError[];
  /** Of `errorCatalog`; null when the server gave none. */
  readonly code: string | null;
  constructor(errors: readonly GraphqlError[]) {
    super(errors[0]?.message ?? 'The server refused the operation.');
    this.errors = errors;
    this.code = errors[0]?.extensions?.code ?? null;
  }
  /** Whether the same request may succeed later. */
  get isRetryable(): boolean {
    return this.errors[0]?.extensions?.retryable ?? false;
  }
  /** How long to wait before that at least; 0 when the server does not say. */
  get retryAfterMs(): number {
    return Number(this.errors[0]?.extensions?.details?.retryAfterMs ?? 0);
  }
}

/** Nothing can be asked in the caller's name any more: he has to sign in again. */
export class SignedOutError extends Error {
  override readonly name = 'SignedOutError';
  /** Of `errorCatalog`, where the server said why. */
  readonly code: string | null;
  constructor(message: string, { code = null, ...options }: ErrorOptions & { code?: string | null } = {}) {
    super(message, options);
    this.code = code;
  }
}

/** Codes after which only a new sign-in helps. */
const SIGNED_OUT = ['AUTH_003', 'AUTH_009', 'AUTH_012', 'AUTH_013', 'WS_006'];

/** What it means for the caller's session; null when it goes on. */
export function asSignedOut(error: unknown): SignedOutError | null {
  if (error instanceof SignedOutError) return error;
  if (!(error instanceof RefusedError) || !SIGNED_OUT.includes(error.code ?? '')) return null;
  return new SignedOutError(error.message, { code: error.code, cause: error });
}

/**
 * Whether another access token may be taken: this one has ended (AUTH_002), or cannot be verified any more (AUTH_003), as
 * when the key was revoked that signed it, and the session may be as good as before (RFC 6750, 3.1).
 */
export const isStale = (error: unknown): boolean =>
  error instanceof RefusedError && /^AUTH_00[23]$/.test(error.code ?? '');

/** Whether asking again would be answered the same. */
export const isFinal = (error: unknown): boolean =>
  error instanceof SignedOutError || (error instanceof RefusedError && !error.isRetryable);

/** The connection is gone, and the client does not bring it back by itself: with 4493 an operator closed it. */
export class ConnectionClosedError extends Error {
  override readonly name = 'ConnectionClosedError';
  readonly code: number;
  readonly reason: string;
  constructor({ code, reason }: { readonly code: number; readonly reason: string }) {
    super(`The server closed the socket: ${code} ${reason}`);
    this.code = code;
    this.reason = reason;
  }
}
