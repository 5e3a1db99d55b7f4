import { type GraphqlError, RefusedError } from '../../client/errors.ts';
import type { OperationRequest, Result } from '../../client/operation.ts';
import { CheckError } from './likely-cause.ts';

/** How operations reach the server, and frames come back. */
export interface Way {
  readonly name: string;
  /** Runs it until it ends or the signal does. */
  follow<Data>(request: OperationRequest, signal: AbortSignal): Stream<Data>;
}

/** One operation that runs, and all it has told. */
export interface Stream<Data> {
  readonly frames: readonly Data[];
  /** From then on it is told what happens. @throws what ended it */
  standing(): Promise<void>;
  /** Waits for more frames until this holds. @throws what ended it before */
  until(holds: () => boolean): Promise<void>;
}

export interface Sink {
  readonly stands: () => void;
  readonly next: (result: Result) => void;
  readonly ended: (errors: readonly GraphqlError[] | null) => void;
  readonly lost: (error: unknown) => void;
}

/** @param begin answers how to stop */
export function createStream<Data>(begin: (sink: Sink) => () => void, signal: AbortSignal): Stream<Data> {
  const frames: Data[] = [];
  let isStanding = false;
  let end: { readonly error: unknown } | null = null;
  let wake = () => {};
  const finish = (error: unknown) => {
    end ??= { error };
    wake();
  };
  const stop = begin({
    stands() {
      isStanding = true;
      wake();
    },
    next({ data, errors }) {
      if (errors) return finish(new RefusedError(errors));
      frames.push(data as Data);
      wake();
    },
    ended: (errors) =>
      finish(errors ? new RefusedError(errors) : new CheckError('the server ended the stream')),
    lost: finish,
  });
  signal.addEventListener('abort', stop, { once: true });
  async function until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (end) throw end.error;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
  return { frames, until, standing: () => until(() => isStanding) };
}
