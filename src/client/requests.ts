import type { Credentials } from './credentials.ts';
import { asSignedOut, isStale, RefusedError } from './errors.ts';
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
  /** Nothing was done where a token is not taken, which is found before anything else: once more with another. */
  async function ask(request: OperationRequest, isAgain = false): Promise<Result> {
    const token = await credentials.forRequest();
    const result = await http.result(request, { token });
    if (result.data || !result.errors) return result;
    const error = new RefusedError(result.errors);
    if (isStale(error) && !isAgain) {
      credentials.refuse(token);
      return await ask(request, true);
    }
    const signedOut = asSignedOut(error);
    if (signedOut) throw signedOut;
    return result;
  }
  return {
    ask: (request) => ask(request),
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
