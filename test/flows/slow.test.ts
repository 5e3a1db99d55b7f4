import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type CountingSocket, openCountingSockets } from '../support/counting-socket.ts';
import { aCrowdedFloor } from '../support/crowded-floor.ts';
import { eventually } from '../support/deadline.ts';
import { endGame } from '../support/load.ts';
import { isSoak, report, sized } from '../support/soak.ts';

const READERS = sized({ test: 20, soak: 970 });
const STALLED = sized({ test: 3, soak: 20 });
const MUTE = sized({ test: 2, soak: 10 });
const INTERVAL_MS = 50;
const PROBE_MS = 100;
const CALM_EVENTS = sized({ test: 10, soak: 400 });
const GONE_MS = 10_000;
const MUTE_GONE_MS = 60_000;
const GENEROUS_MS = 120_000;
const P99_MS = 250;
/** What a process keeps of a crowd that has left: code that became hot, pools, fragments. */
const KEPT_BYTES = 32 * 1024 * 1024;
const BUFFERED_BYTES = 1024 * 1024;

/** A reader takes little of an event; who never reads is sent all of it, many times over. */
const LIGHT = 'subscription { machineEvents { id } }';
const HEAVY = `subscription { machineEvents { ${Array.from({ length: 12 }, (_, at) => `d${at}: data`).join(' ')} } }`;
const BALLAST = 'x'.repeat(sized({ test: 16_384, soak: 4_096 }));

const floor = await aCrowdedFloor();

test('who never reads and who never answers is let go, and the others notice nothing', {
  timeout: 600_000,
}, async () => {
  const base = await memory();
  const readers = await openCrowd(READERS, LIGHT);
  const calm = await tell(readers, async (events) => events === CALM_EVENTS);

  const [twin] = await openCrowd(1, HEAVY);
  const stalled = await openCrowd(STALLED, HEAVY);
  const mute = await openCrowd(MUTE, LIGHT, { answersPings: false });
  const muted = performance.now();
  for (const { socket } of stalled) socket.stall();
  let fullAt = Number.NaN;
  const storm = await tell(readers, async () => {
    if (Number.isNaN(fullAt) && (twin?.socket.bytes ?? 0) > BUFFERED_BYTES) fullAt = performance.now();
    return (await slowClosed()) === STALLED;
  });
  const goneMs = performance.now() - fullAt;
  report(`p99 of ${READERS} readers: ${ms(calm.p99)}, with ${STALLED} that never read ${ms(storm.p99)}`);
  report(`these were closed ${ms(goneMs)} after a reader of the same had its first MiB`);
  if (isSoak) await expectMuteGone(mute, muted);

  expect(readers.filter(({ socket }) => socket.isOver)).toEqual([]);
  expect(readers.filter(({ arrivals }) => arrivals.length !== storm.events)).toEqual([]);
  if (isSoak) {
    expect(storm.p99).toBeLessThan(P99_MS);
    expect(storm.p99).toBeLessThan(2 * calm.p99);
    expect(goneMs).toBeLessThan(GONE_MS);
  }

  // Who never reads does not hear that it is over; the server ends the connection all the same.
  await eventually(async () => (await open()) === READERS + 1 + (isSoak ? 0 : MUTE), {
    deadlineMs: GENEROUS_MS,
  });
  for (const { socket } of [...readers, ...stalled, ...mute]) socket.destroy();
  twin?.socket.destroy();
  await eventually(async () => (await open()) === 0, { deadlineMs: GENEROUS_MS });
  await eventually(async () => (await memory()) < base + KEPT_BYTES, { deadlineMs: GENEROUS_MS });
  report(`memory: ${mib(base)} before the crowd, ${mib(await memory())} after it`);
});

interface Member {
  readonly socket: CountingSocket;
  /** When the frames of the present story came. */
  readonly arrivals: number[];
}

/** Sockets each of which has had a frame. */
async function openCrowd(
  count: number,
  query: string,
  { answersPings = true }: { readonly answersPings?: boolean } = {},
): Promise<readonly Member[]> {
  const arrivals = Array.from({ length: count }, (): number[] => []);
  const sockets = await openCountingSockets(count, (at) => ({
    port: floor.port,
    hello: floor.hello(query),
    answersPings,
    onFrame: () => void arrivals[at]?.push(performance.now()),
  }));
  await eventually(
    async () => {
      await endGame(floor.runWork, floor.place);
      await pause(PROBE_MS);
      return sockets.every(({ frames }) => frames > 0);
    },
    { deadlineMs: GENEROUS_MS },
  );
  return sockets.map((socket, at) => ({ socket, arrivals: arrivals[at] ?? [] }));
}

/** Lets one event after the other happen until `isOver` says so, and waits until the members have them all. */
async function tell(
  members: readonly Member[],
  isOver: (events: number) => Promise<boolean>,
): Promise<{ readonly events: number; readonly p99: number }> {
  await settled(members);
  for (const { arrivals } of members) arrivals.length = 0;
  const sentAt: number[] = [];
  while (!(await isOver(sentAt.length))) {
    sentAt.push(performance.now());
    await endGame(floor.runWork, floor.place, { data: { ballast: BALLAST } });
    await pause(Math.max(0, INTERVAL_MS - (performance.now() - (sentAt.at(-1) ?? 0))));
  }
  const { length: events } = sentAt;
  await eventually(() => members.every(({ arrivals }) => arrivals.length >= events), {
    deadlineMs: GENEROUS_MS,
  });
  const latencies = members.flatMap(({ arrivals }) =>
    arrivals.map((at, event) => at - (sentAt[event] ?? at)),
  );
  latencies.sort((a, b) => a - b);
  return { events, p99: latencies[Math.floor(latencies.length * 0.99)] ?? Number.NaN };
}

/** Nothing is on its way to them any more. */
async function settled(members: readonly Member[]): Promise<void> {
  const frames = () => members.reduce((sum, { socket }) => sum + socket.frames, 0);
  for (let before = -1; before !== frames(); await pause(PROBE_MS * 5)) before = frames();
}

async function expectMuteGone(mute: readonly Member[], since: number): Promise<void> {
  await eventually(() => mute.every(({ socket }) => socket.isOver), { deadlineMs: GENEROUS_MS });
  const afterMs = performance.now() - since;
  report(`${mute.length} that answered no ping were gone ${ms(afterMs)} after they had opened`);
  expect(afterMs).toBeLessThan(MUTE_GONE_MS);
}

const open = () => floor.metric('floorwire_sockets');
const slowClosed = () => floor.metric('floorwire_socket_closes_total', '{code="4491"}');
const memory = async () =>
  (await floor.metric('nodejs_heap_size_used_bytes')) + (await floor.metric('nodejs_external_memory_bytes'));
const ms = (figure: number) => `${figure.toFixed(0)} ms`;
const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
