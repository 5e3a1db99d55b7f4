import { RefusedError } from '../../client/errors.ts';
import { createHttp, type Fetch, type Http, resultIn } from '../../client/http.ts';
import type { OperationRequest } from '../../client/operation.ts';
import { SYSTEM_TIMERS } from '../../client/timers.ts';
import { CheckError } from './likely-cause.ts';

/** What checks ask over HTTP. */
export interface Requests {
  readonly http: Http;
  /** @throws CheckError, RefusedError; TypeError when the server cannot be reached */
  ask<Data>(request: OperationRequest, token: string | null): Promise<Data>;
  /** A resource beside the endpoint. @throws CheckError; TypeError when the server cannot be reached */
  get(path: string): Promise<{ readonly status: number; readonly text: string }>;
}

/** @param signal what is still open ends with it */
export function createRequests(endpoint: string, signal: AbortSignal): Requests {
  const fetch: Fetch = async (url, init) => {
    const signals = init.signal ? [signal, init.signal] : [signal];
    const response = await globalThis.fetch(url, {
      ...init,
      // A POST that is redirected comes out as a GET, and clients would not follow either.
      redirect: 'manual',
      signal: AbortSignal.any(signals),
    });
    const location = response.headers.get('location');
    if (response.status < 300 || response.status >= 400 || location === null) return response;
    const { origin, pathname } = new URL(location, url);
    throw new CheckError(`it is answered ${response.status} and sent to ${origin}${pathname}: ask there`);
  };
  const http = createHttp(endpoint, { fetch, timers: SYSTEM_TIMERS });
  return {
    http,
    async ask<Data>(request: OperationRequest, token: string | null) {
      const response = await http.post(request, { token });
      const { data, errors } = readResult(await response.text(), response.status);
      if (errors || !data) throw new RefusedError(errors ?? []);
      return data as Data;
    },
    async get(path) {
      const response = await fetch(new URL(path, endpoint).href, { headers: { accept: 'application/json' } });
      return { status: response.status, text: await response.text() };
    },
  };
}

function readResult(text: string, status: number) {
  try {
    return resultIn(text, status);
  } catch (error) {
    throw new CheckError(notOurs(status), { cause: error });
  }
}

/** What it means when something else than floorwire answers. */
export const notOurs = (status: number): string =>
  [502, 503, 504].includes(status)
    ? `a proxy answered ${status} in its place: no process of floorwire takes its connections`
    : `the answer is ${status} and not floorwire’s: the address or its path is wrong, or something in front answers instead`;
