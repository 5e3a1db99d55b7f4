/** How soon a subscriber sees what a machine says: through the line, the host, PostgreSQL and a socket. */
import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { exceptionCode } from '../src/sas/codec/exceptions.ts';
import { createEgm, type Egm } from '../src/sas/simulator/egm.ts';
import { createSimulatedLine } from '../src/sas/simulator/floor.ts';
import { type BenchApp, startBenchApp } from './bench-app.ts';
import { percentile } from './percentile.ts';
import { atMost } from './verdict.ts';

const MACHINES = 8;
const TIMES = 500;
/** Longer than a machine waits for its next poll, so that each begins somewhere else between two. */
const LONGEST_PAUSE_MS = 60;
const SUBSCRIBING_MS = 1_000;
const PATIENCE_MS = 10_000;
const GOAL_MS = 500;
/** Nothing is read from a machine because of it, and it holds up no game. */
const BILL_REJECTED = exceptionCode('BILL_REJECTED');

/** From the instant something happens at a machine to its frame at a stock graphql-ws client. */
export async function measureLatency(): Promise<void> {
  await using bench = await startBenchApp((folder) => [{ port: `${folder}/line`, machines: MACHINES }]);
  const { db } = bench.app.services;
  const { port } = await db.selectFrom('sas_line').select('port').executeTakeFirstOrThrow();
  const egms = Array.from({ length: MACHINES }, (_, at) => createEgm({ address: at + 1 }));
  await using _ = await createSimulatedLine({ egms, transport: { kind: 'PTY', path: port } });

  // A floor in service: every machine has been identified and read once.
  const countRead = async () =>
    (await db.selectFrom('machine_meter_reading').select('machine_id').execute()).length;
  while ((await countRead()) < MACHINES) await pause(50);

  await measure(bench, egms, EXCEPTIONS);
  for (const egm of egms) while (egm.insertBill(100n) !== null) await pause(50);
  await measure(bench, egms, METERS);
}

/** Something that happens at machines again and again, and how it is told. */
interface Happening {
  readonly title: string;
  readonly subscription: string;
  /** Has it happen, for the `time`th time at this machine; tells what its frame will say. */
  cause(egm: Egm, time: number): string;
  /** What a frame says; null when it is about something else. */
  said(frame: Frame): string | null;
}

interface Frame {
  readonly machineEvents?: { readonly type: string; readonly machine: { readonly address: number } };
  readonly meters?: {
    readonly machine: { readonly address: number };
    readonly values: readonly { readonly value: string }[];
  };
}

const EXCEPTIONS: Happening = {
  title: 'exception → subscriber of machineEvents',
  subscription: 'subscription { machineEvents { type machine { address } } }',
  cause(egm) {
    egm.raise(BILL_REJECTED);
    return `${egm.address}`;
  },
  said: ({ machineEvents: event }) => (event?.type === 'BILL_REJECTED' ? `${event.machine.address}` : null),
};

const METERS: Happening = {
  title: 'meter change → subscriber of meters',
  subscription: 'subscription { meters(codes: [GAMES_PLAYED]) { machine { address } values { value } } }',
  cause(egm, time) {
    const refusal = egm.play({ wager: 1n, win: 1n });
    if (refusal !== null) throw new Error(`play refused: ${refusal}`);
    return `${egm.address}: ${time}`;
  },
  said: ({ meters }) => (meters ? `${meters.machine.address}: ${meters.values[0]?.value}` : null),
};

async function measure(
  { app, token }: BenchApp,
  egms: readonly Egm[],
  { title, subscription, cause, said }: Happening,
): Promise<void> {
  const client = createClient({
    url: app.services.info.webSocketUrl,
    webSocketImpl: WebSocket,
    connectionParams: { accessToken: token },
  });
  const waiting = new Map<string, () => void>();
  const frames = client.iterate<Frame>({ query: subscription });
  const reading = (async () => {
    for await (const { data, errors } of frames) {
      if (errors) throw new Error(JSON.stringify(errors));
      const frame = data ? said(data) : null;
      if (frame !== null) waiting.get(frame)?.();
    }
  })();

  await pause(SUBSCRIBING_MS);

  const tookMs: number[] = [];
  for (let count = 0; count < TIMES; count += 1) {
    const egm = egms[count % egms.length];
    if (egm === undefined) throw new Error('no machine');
    await pause(Math.random() * LONGEST_PAUSE_MS);
    const startMs = performance.now();
    const frame = cause(egm, Math.floor(count / egms.length) + 1);
    const isSeen = new Promise<true>((resolve) => waiting.set(frame, () => resolve(true)));
    if (!(await Promise.race([isSeen, pause(PATIENCE_MS, false)]))) throw new Error(`nobody saw ${frame}`);
    tookMs.push(performance.now() - startMs);
  }
  await frames.return?.();
  await reading;
  await client.dispose();
  const [p50, p99] = [percentile(tookMs, 0.5), percentile(tookMs, 0.99)];
  console.log(`${title}: through line, PostgreSQL and graphql-ws, ${TIMES} times on ${egms.length} machines`);
  console.log(
    `  p50 ${p50.toFixed(0)} ms   p99 ${p99.toFixed(0)} ms ${atMost(p99, GOAL_MS, 'ms')}   worst ${Math.max(...tookMs).toFixed(0)} ms`,
  );
}
