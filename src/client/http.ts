import { RefusedError } from './errors.ts';
import { memberOf } from './member.ts';
import type { OperationRequest, Result } from './operation.ts';
import type { Timers } from './timers.ts';

export interface AskOptions {
  /** Null for nobody. */
  readonly token: string | null;
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
  /** Given up after so many milliseconds: a connection that is dead takes a request and never answers it. Null: never. */
  readonly withinMs?: number | null;
}

/** Asks the server over HTTP. */
export interface Http {
  /** @throws TypeError when it cannot be reached */
  post(request: OperationRequest, options: AskOptions): Promise<Response>;
  /** The answer as it came, errors and all. @throws TypeError when there is none, or none in time */
  result(request: OperationRequest, options: AskOptions): Promise<Result>;
  /** The data of an answer that has to come soon. @throws RefusedError when it has errors; TypeError when there is none */
  ask<Data>(request: OperationRequest, options: AskOptions): Promise<Data>;
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** How soon the server answers what a client asks by itself, or the connection is taken as dead. */
export const ANSWER_MS = 20_000;

/** @param url of the GraphQL endpoint */
export function createHttp(
  url: string,
  { fetch, timers }: { readonly fetch: Fetch; readonly timers: Timers },
): Http {
  const http: Http = {
    post: ({ query, variables, operationName }, { token, signal, headers }) =>
      fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          ...(token !== null && { authorization: `Bearer ${token}` }),
          ...headers,
        },
        body: JSON.stringify({ query, variables, operationName }),
        ...(signal && { signal }),
      }),
    async result(request, { withinMs = null, signal, ...options }) {
      const abort = new AbortController();
      const giveUp = () => abort.abort(new TypeError('The server does not answer.'));
      const cancel = withinMs === null ? () => {} : timers.after(withinMs, giveUp);
      const leave = () => abort.abort(signal?.reason);
      signal?.addEventListener('abort', leave, { once: true });
      if (signal?.aborted) leave();
      try {
        const response = await http.post(request, { ...options, signal: abort.signal });
        return resultIn(await response.text(), response.status);
      } finally {
        cancel();
        signal?.removeEventListener('abort', leave);
      }
    },
    async ask<Data>(request: OperationRequest, options: AskOptions) {
      const { data, errors } = await http.result(request, { withinMs: ANSWER_MS, ...options });
      if (errors || !data) throw new RefusedError(errors ?? []);
      return data as Data;
    },
  };
  return http;
}

/** @throws TypeError when something else than floorwire answered */
export function resultIn(text: string, status: number): Result {
  const answer = parseJson(text);
  if (memberOf(answer, 'data') !== undefined || Array.isArray(memberOf(answer, 'errors')))
    return answer as Result;
  throw new TypeError(`The server answered ${status}, and no GraphQL.`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
