/** Takes a request with whatever else waits, and answers it. */
export type Batched<Request, Answer> = (request: Request) => Promise<Answer>;

export interface BatchingOptions<Request, Answer> {
  /** Takes them all, and answers each in its place: an error refuses that one alone. What it throws befalls all of them. */
  readonly take: (requests: readonly Request[]) => Promise<readonly (Answer | Error)[]>;
  /** How large a batch is at most, so that its transaction stays short; a request that is larger goes alone. */
  readonly maxSize: number;
  /** How much of `maxSize` a request is: 1 unless this says otherwise. */
  readonly sizeOf?: (request: Request) => number;
  /** At least so much time between the beginnings of two batches. */
  readonly paceMs?: number;
}

/**
 * Many small works become few: a request is taken alone when nothing is under way, together with all that waited
 * otherwise, in the order they came. One that makes the work itself fail takes no other with it.
 */
export function createBatching<Request, Answer>({
  take,
  maxSize,
  sizeOf = () => 1,
  paceMs = 0,
}: BatchingOptions<Request, Answer>): Batched<Request, Answer> {
  interface Waiting {
    readonly request: Request;
    readonly resolve: (answer: Answer) => void;
    readonly reject: (error: unknown) => void;
  }
  const waiting: Waiting[] = [];
  let isBusy = false;

  async function work(): Promise<void> {
    isBusy = true;
    try {
      while (waiting.length > 0) {
        const startedMs = performance.now();
        await takeTogether(next());
        if (paceMs > 0) await pause(startedMs + paceMs - performance.now());
      }
    } finally {
      isBusy = false;
    }
  }

  function next(): readonly Waiting[] {
    let count = 0;
    let size = 0;
    for (const { request } of waiting) {
      size += sizeOf(request);
      if (count > 0 && size > maxSize) break;
      count += 1;
    }
    return waiting.splice(0, count);
  }

  async function takeTogether(batch: readonly Waiting[]): Promise<void> {
    try {
      const answers = await take(batch.map(({ request }) => request));
      for (const [at, { resolve, reject }] of batch.entries()) {
        const answer = answers[at];
        if (answer instanceof Error) reject(answer);
        else resolve(answer as Answer);
      }
    } catch (error) {
      if (batch.length === 1) batch[0]?.reject(error);
      else for (const each of batch) await takeTogether([each]);
    }
  }

  return (request) =>
    new Promise((resolve, reject) => {
      waiting.push({ request, resolve, reject });
      if (!isBusy) void work();
    });
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
