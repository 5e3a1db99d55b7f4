import type { ExecutionResult, GraphQLError } from 'graphql';
import { ERROR_CATALOG } from '../graphql/error-catalog.ts';
import { type ErrorScope, type PublicError, publicError } from '../graphql/errors.ts';
import { isWritten, type WrittenResult } from '../graphql/written-result.ts';
import { weightsOf } from './accepted-weights.ts';
import { PersistedQueryNotFoundError, RequestRefusedError } from './errors.ts';

/** A result as it leaves the server, on any transport. */
export interface PublicResult {
  readonly data?: unknown;
  readonly errors?: readonly PublicError[];
  readonly extensions?: unknown;
}

export function publicResult(result: ExecutionResult, scope: ErrorScope): PublicResult {
  const { errors, data, extensions } = result;
  return {
    ...(errors && { errors: errors.map((error) => publicError(error, scope)) }),
    ...(data !== undefined && { data }),
    ...(extensions && { extensions }),
  };
}

const TOO_MANY = 429;

type MediaType = 'application/json' | 'application/graphql-response+json' | 'text/event-stream';

/** A whole HTTP answer, as text. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A result as an HTTP answer in the form the client takes. */
export function answerWith(result: ExecutionResult, accept: string | null, scope: ErrorScope): Answer {
  const mediaType = mediaTypeFor(accept);
  if (isWritten(result)) return answerOf(writtenJson(result), { mediaType, status: 200 });
  const answer = publicResult(result, scope);
  const stated = statusOf(result, answer, mediaType);
  // Events are 200 whatever they say, but for what both proxies and clients should hear: come later.
  const status = mediaType === 'text/event-stream' && stated !== TOO_MANY ? 200 : stated;
  return answerOf(JSON.stringify(answer), {
    mediaType,
    status,
    ...retryAfter(answer),
    ...(status === 405 && { allow: allowedBy(result) }),
  });
}

/** A result that is written already, as it leaves the server. */
export const writtenJson = ({ dataText, extensions }: WrittenResult): string =>
  `{"data":${dataText},"extensions":${JSON.stringify(extensions)}}`;

function answerOf(
  json: string,
  {
    mediaType,
    status,
    ...headers
  }: { mediaType: MediaType; status: number; 'retry-after'?: string; allow?: string },
): Answer {
  return {
    status,
    headers: {
      'content-type': `${mediaType}; charset=utf-8`,
      'cache-control': 'no-store',
      ...(status === 401 && { 'www-authenticate': 'Bearer' }),
      ...headers,
    },
    body: mediaType === 'text/event-stream' ? `${nextEvent(json)}${COMPLETE_EVENT}` : json,
  };
}

/** The methods of what was asked for by another. */
function allowedBy({ errors }: ExecutionResult): string {
  const [error] = errors ?? [];
  return error?.originalError instanceof RequestRefusedError ? error.originalError.allow : 'GET, POST';
}

/** When to come back, in whole seconds, where a refusal says it. */
function retryAfter({ errors }: PublicResult): { readonly 'retry-after'?: string } {
  const waits = (errors ?? []).map(({ extensions }) => extensions.details.retryAfterMs);
  const longestMs = Math.max(0, ...waits.filter((ms) => typeof ms === 'number'));
  return longestMs > 0 ? { 'retry-after': String(Math.ceil(longestMs / 1_000)) } : {};
}

/** Server-sent events as GraphQL over SSE names them. */
export const nextEvent = (json: string): string => `event: next\ndata: ${json}\n\n`;
export const COMPLETE_EVENT = 'event: complete\ndata:\n\n';

/** In what form a single result is answered: JSON unless nothing but a stream of events is taken. */
function mediaTypeFor(accept: string | null): MediaType {
  const weights = weightsOf(accept ?? ANYTHING);
  const own = weights.get('application/graphql-response+json') ?? 0;
  const plain = weightOf('application/json', weights);
  if (own > 0 && own >= plain) return 'application/graphql-response+json';
  return plain === 0 && weights.get('text/event-stream') ? 'text/event-stream' : 'application/json';
}

export const takesEventStream = (accept: string | null): boolean =>
  weightOf('text/event-stream', weightsOf(accept ?? ANYTHING)) > 0;

/** No header means that. */
const ANYTHING = '*/*';

/** As the range says that fits it most closely. */
const weightOf = (type: string, weights: ReadonlyMap<string, number>): number =>
  weights.get(type) ?? weights.get(type.replace(/\/.*/, '/*')) ?? weights.get(ANYTHING) ?? 0;

/**
 * The HTTP status of a result. What ran is 200, whatever came of it. A document that was refused
 * is 200 too for those who ask for plain `application/json` (GraphQL over HTTP, 6.4.1).
 */
function statusOf(result: ExecutionResult, { errors }: PublicResult, mediaType: MediaType): number {
  const [thrown] = result.errors ?? [];
  const [answered] = errors ?? [];
  if (result.data !== undefined || !thrown || !answered) return 200;
  const stated = statedStatus(thrown);
  if (stated !== null) return stated;
  const { code } = answered.extensions;
  const isUnknown = thrown.originalError instanceof PersistedQueryNotFoundError;
  const isOfDocument = code === 'API_001' || code === 'API_006' || isUnknown;
  return isOfDocument && mediaType === 'application/json' ? 200 : ERROR_CATALOG[code].httpStatus;
}

/** The status a refusal of ours or of Yoga's has of its own, null when it leaves it to the code. */
function statedStatus(error: GraphQLError): number | null {
  if (error.originalError instanceof RequestRefusedError) return error.originalError.status;
  const http: unknown = error.extensions.http;
  if (typeof http !== 'object' || http === null || 'spec' in http || !('status' in http)) return null;
  return typeof http.status === 'number' ? http.status : null;
}
