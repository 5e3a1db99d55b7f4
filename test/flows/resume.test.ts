import { expect, test } from 'vitest';
import { type CountingSocket, openCountingSockets } from '../support/counting-socket.ts';
import { aCrowdedFloor } from '../support/crowded-floor.ts';
import { eventually } from '../support/deadline.ts';
import { endGame } from '../support/load.ts';
import { headOfLog } from '../support/logged-events.ts';
import { startResumingReader } from '../support/resuming-reader.ts';
import { report, sized } from '../support/soak.ts';

const READERS = sized({ test: 200, soak: 5_000 });
const EVENTS = 20;
const MISSED = 30;
const ARRIVAL_MS = 120_000;
const PROBE_MS = 5_000;

/** Whatever it resumes behind, it is the same operation. */
const QUERY = 'subscription ($after: Cursor) { machineEvents(after: $after) { id cursor } }';

const floor = await aCrowdedFloor();

test('however many follow one operation, and wherever they resume, an event is executed once', {
  timeout: 600_000,
}, async () => {
  const { cursor: after } = await headOfLog(floor.db);
  const token = floor.accessToken;
  const scribe = startResumingReader({ url: () => floor.webSocketUrl, token, query: QUERY, after });
  const first = await openAll(() => ({}));
  await untilLive(first);
  const executed = await executionsOf(() => happen(first, EVENTS));
  expect(executed).toBe(EVENTS);

  const cursors = scribe.received.map(({ cursor }) => cursor).slice(-EVENTS);
  expect(cursors).toHaveLength(EVENTS);
  await scribe.end();
  for (const socket of first) socket.destroy();
  await eventually(async () => (await floor.metric('floorwire_sockets')) === 0, { deadlineMs: ARRIVAL_MS });
  for (let at = 0; at < MISSED; at += 1) await endGame(floor.runWork, floor.place);

  const started = performance.now();
  const catchingUp = await executions();
  const again = await openAll((at) => ({ after: cursors[at % EVENTS] }));
  const missed = (at: number) => EVENTS - 1 - (at % EVENTS) + MISSED;
  await eventually(() => again.every(({ frames }, at) => frames >= missed(at)), { deadlineMs: ARRIVAL_MS });
  report(
    `${READERS} came back with ${EVENTS} cursors and caught up in ${Math.round(performance.now() - started)} ms, with ${(await executions()) - catchingUp} executions`,
  );
  const settling = await untilLive(again);
  expect(await executionsOf(() => happen(again, EVENTS))).toBe(EVENTS);
  expect(again.filter(({ frames }, at) => frames !== missed(at) + settling + EVENTS)).toEqual([]);
  for (const socket of again) socket.destroy();
});

const executions = () => floor.metric('floorwire_executions_total');

async function executionsOf(story: () => Promise<void>): Promise<number> {
  const before = await executions();
  await story();
  return (await executions()) - before;
}

const openAll = (variablesOf: (at: number) => Readonly<Record<string, unknown>>) =>
  openCountingSockets(READERS, (at) => ({ port: floor.port, hello: floor.hello(QUERY, variablesOf(at)) }));

/** Lets events happen, one after the other, and waits until everybody has been told of each. */
async function happen(sockets: readonly CountingSocket[], events: number): Promise<void> {
  const due = sockets.map(({ frames }) => frames + events);
  for (let at = 0; at < events; at += 1) await endGame(floor.runWork, floor.place);
  await eventually(() => sockets.every(({ frames }, at) => frames >= (due[at] ?? 0)), {
    deadlineMs: ARRIVAL_MS,
  });
}

/** Lets events happen until one of them was told to everybody by one execution, and answers how many it took. */
async function untilLive(sockets: readonly CountingSocket[]): Promise<number> {
  for (let events = 1; ; events += 1) {
    const before = sockets.map(({ frames }) => frames);
    const arrived = () => sockets.every(({ frames }, at) => frames > (before[at] ?? 0));
    const executed = await executionsOf(async () => {
      await endGame(floor.runWork, floor.place);
      await eventually(arrived, { deadlineMs: PROBE_MS }).catch(() => {});
    });
    if (arrived() && executed === 1) return events;
  }
}
