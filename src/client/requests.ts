import type { Credentials } from './credentials.ts';
import { asSignedOut, RefusedError } from './errors.ts';
import type { Http } from './http.ts';
import type { Listener, OperationRequest, Result } from './operation.ts';

/** Queries and mutations, over HTTP. */
export interface Requests {
  /** @throws SignedOutError; TypeError when the server cannot be reached */
  ask(request: OperationRequest): Promise<Result>;
  /** Tells the answer and that this was all. Answers how not to hear it. */
  run(request: OperationRequest, listener: Listener): () => void;
}

export function createRequests({
  http,
  credentials,
}: {
  readonly http: Http;
  readonly credentials: Credentials;
}): Requests {
  async function ask(request: OperationRequest): Promise<Result> {
    const token = await credentials.forRequest();
    const result = await http.result(request, { token });
    if (result.data || !result.errors) return result;
    const error = new RefusedError(result.errors);
    const signedOut = asSignedOut(error);
    if (signedOut) throw signedOut;
    if (error.code !== 'AUTH_002') return result;
    // Nothing was done: a token that has ended is found before anything else.
    credentials.refuse(token);
    return await http.result(request, { token: await credentials.forRequest() });
  }
  return {
    ask,
    run(request, listener) {
      let isOver = false;
      ask(request).then(
        (result) => {
          if (!isOver) listener.next(result);
          if (!isOver) listener.complete?.();
        },
        (error) => void (isOver || listener.error?.(error)),
      );
      return () => {
        isOver = true;
      };
    },
  };
}
