import { expect, test } from 'vitest';
import { decodeCursor } from '../../src/events/cursor.ts';
import { readLog } from '../../src/events/log.ts';
import { aFloorApp } from '../support/app.ts';
import { eventually } from '../support/deadline.ts';
import { startLoad } from '../support/load.ts';
import { isSoak, report } from '../support/soak.ts';
import { connect } from '../support/socket-client.ts';

const SOCKETS = 4;
const STREAMS_PER_SOCKET = 5;
const OVER_MS = 60_000;
/** Measured where nothing else runs. */
const OVER_IN_SOAK_MS = 1_000;

const floor = await aFloorApp({ machines: 1, settings: { databasePoolSize: 24 } });
await floor.online();

interface Stream {
  /** Positions of what it was told. */
  readonly positions: bigint[];
  /** With which code it was refused, and when. */
  over: { readonly code: string; readonly at: number } | null;
}

test('of twenty streams in full flow none tells what was committed after the role was taken away', {
  timeout: 120_000,
}, async () => {
  const { db, runWork } = floor.app().services;
  const sockets = await Promise.all(Array.from({ length: SOCKETS }, followOnOneSocket));
  const streams = sockets.flatMap((socket) => socket.streams);
  const place = { venueId: floor.venueId, machineId: floor.machineIds[0] ?? '' };
  await using load = startLoad(runWork, { ...place, writers: 4, heldEvery: 10, heldMs: 50 });
  await eventually(() => streams.every(({ positions }) => positions.length > 20), { deadlineMs: OVER_MS });

  const answered = await takeRole();
  await eventually(() => streams.every(({ over }) => over !== null), { deadlineMs: OVER_MS });
  await load.stop();
  const [taken] = await readLog(db, { after: 0n, limit: 1, types: ['auth.roles-changed'] });
  if (!taken) throw new Error('No role was taken away.');

  expect(streams.map(({ over }) => over?.code)).toEqual(streams.map(() => 'AUTH_004'));
  for (const { positions } of streams) {
    expect(positions.filter((position) => position > taken.position)).toEqual([]);
    // In full flow until then.
    expect(positions.length).toBeGreaterThan(20);
  }
  const later = await readLog(db, { after: taken.position, limit: 1, types: ['machine.event-raised'] });
  expect(later, 'what happened after it').toHaveLength(1);
  for (const { rolesNow } of sockets) expect(await rolesNow()).toEqual(['PLAYER']);
  const slowestMs = Math.max(...streams.map(({ over }) => (over?.at ?? Number.NaN) - answered));
  report(`${streams.length} streams were over ${Math.round(slowestMs)} ms after the answer`);
  if (isSoak) expect(slowestMs).toBeLessThan(OVER_IN_SOAK_MS);
});

async function followOnOneSocket() {
  const accessToken = await floor.token('OPERATOR');
  const client = await connect({ port: Number(new URL(floor.app().url).port) });
  const streams = Array.from({ length: STREAMS_PER_SOCKET }, (): Stream => ({ positions: [], over: null }));
  await client.init({ accessToken });
  client.socket.on('message', (data) => {
    const { id, type, payload } = JSON.parse(String(data));
    const stream = streams[Number(id)];
    if (!stream) return;
    if (type === 'next') stream.positions.push(decodeCursor(payload.data.machineEvents.cursor).position);
    if (type === 'error') stream.over = { code: payload[0].extensions.code, at: performance.now() };
  });
  streams.forEach((_, at) => {
    client.subscribe(String(at), 'subscription { machineEvents { cursor } }');
  });
  return {
    streams,
    /** Asked on the socket, which stays open. */
    async rolesNow() {
      client.subscribe('after', '{ viewer { roles } }');
      const { payload } = await client.message('after', 'next');
      client.socket.close();
      return payload.data.viewer.roles;
    },
  };
}

/** Makes a player of the operator, and answers when it was told that it is so. */
async function takeRole(): Promise<number> {
  const { data } = await floor.ask('{ viewer { user { id } } }');
  const input = { userId: data.viewer.user.id, roles: ['PLAYER'] };
  const answer = await floor.ask(
    'mutation ($input: SetUserRolesInput!) { setUserRoles(input: $input) { __typename } }',
    { as: 'ADMIN', variables: { input } },
  );
  expect(answer.data.setUserRoles.__typename).toBe('SetUserRolesSuccess');
  return performance.now();
}
