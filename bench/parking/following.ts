import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const PARKING = `subscription ($lotIds: [ID!]) { parking(lotIds: $lotIds) { occupied free capacity reserved } }`;
const DEADLINE_MS = 10_000;

/** Somebody who follows a lot. */
export interface Follower extends AsyncDisposable {
  /** How many frames he was shown. */
  count(): number;
  /** How long it takes until he is shown so many cars, in milliseconds. @throws Error when he is not */
  until(occupied: number): Promise<number>;
}

interface Frame {
  readonly parking: {
    readonly occupied: number;
    readonly free: number;
    readonly capacity: number;
    readonly reserved: number;
  };
}

/** Begins when the first frame is there. */
export async function follow({
  port,
  token,
  lotId,
}: {
  readonly port: number;
  readonly token: string;
  readonly lotId: string;
}): Promise<Follower> {
  const client = createClient({
    url: `ws://127.0.0.1:${port}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { accessToken: token },
    retryAttempts: 0,
  });
  let frames = 0;
  let last: Frame['parking'] | null = null;
  let failure: unknown = null;
  let onFrame: () => void = () => {};
  const heard = () => new Promise<void>((resolve) => (onFrame = resolve));
  const first = heard();
  client.subscribe<Frame>(
    { query: PARKING, variables: { lotIds: [lotId] } },
    {
      next({ data }) {
        frames += 1;
        last = data?.parking ?? null;
        if (last && last.free !== last.capacity - last.occupied - last.reserved) failure = last;
        onFrame();
      },
      error(error) {
        failure = error;
        onFrame();
      },
      complete() {},
    },
  );
  await first;
  return {
    count: () => frames,
    async until(occupied) {
      const started = performance.now();
      while (last?.occupied !== occupied) {
        if (failure !== null) throw new Error(`a follower was shown ${JSON.stringify(failure)}`);
        const leftMs = started + DEADLINE_MS - performance.now();
        if (leftMs <= 0) throw new Error(`${occupied} cars stand there, shown are ${last?.occupied}`);
        await Promise.race([heard(), new Promise((resolve) => setTimeout(resolve, leftMs))]);
      }
      return performance.now() - started;
    },
    async [Symbol.asyncDispose]() {
      await client.dispose();
    },
  };
}
