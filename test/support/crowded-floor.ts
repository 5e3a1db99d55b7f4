import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import { afterAll } from 'vitest';
import type { Database } from '../../src/db/schema.ts';
import { startSequencer } from '../../src/events/sequencer.ts';
import { createRunWork, type RunWork } from '../../src/work.ts';
import { aUser, aVenue, PASSWORD } from './builders.ts';
import { cloneDatabase } from './database.ts';
import { aLine } from './floor.ts';
import { signInOver } from './http-client.ts';
import type { Place } from './load.ts';
import { ROOM_FOR_A_CROWD } from './room.ts';
import { startServerProcess } from './server-process.ts';

/**
 * A server in a process of its own: one that plays a crowd must not serve it too. What happens on the
 * floor is written by the test, as another server of the floor would, and reaches the crowd through the log.
 */
export interface CrowdedFloor {
  readonly db: Kysely<Database>;
  readonly runWork: RunWork;
  readonly port: number;
  readonly webSocketUrl: string;
  /** Of an operator. */
  readonly accessToken: string;
  readonly place: Place;
  /** What a socket says to follow this. */
  hello(query: string, variables?: Readonly<Record<string, unknown>>): readonly string[];
  /** A number of the server's `/metrics`, with its labels as they are written there; 0 before it is told. */
  metric(name: string, labels?: string): Promise<number>;
}

export async function aCrowdedFloor(settings: Readonly<Record<string, string>> = {}): Promise<CrowdedFloor> {
  const { connection, floor } = await cloneDatabase();
  const { db } = floor;
  const sequencer = startSequencer({ db, onMoved: () => {}, onError: console.error });
  const runWork = createRunWork({ db, onEvents: sequencer.wake });
  const folder = await mkdtemp(join(tmpdir(), 'floorwire-crowd-'));
  const { id: venueId } = await aVenue(runWork);
  await aUser(runWork, { venueId, roles: ['OPERATOR'], username: 'operator' });
  const server = await startServerProcess({
    DATABASE_URL: connection,
    DATA_DIR: folder,
    ...ROOM_FOR_A_CROWD,
    ...settings,
  });
  if (!server.url) throw new Error(`The server did not start: ${server.stderr()}`);
  // The server drives the lines it found when it started.
  const { machines } = await aLine(runWork, { venueId });
  const machineId = Buffer.from(`Machine:${machines[0]?.id}`).toString('base64url');
  const accessToken = await signInOver(server.url, { identifier: 'operator', password: PASSWORD });

  afterAll(async () => {
    server.process.kill('SIGTERM');
    await server.exited;
    await sequencer[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  return {
    db,
    runWork,
    port: Number(new URL(server.url).port),
    webSocketUrl: `${server.url.replace(/^http/, 'ws')}/graphql`,
    accessToken,
    place: { venueId, machineId },
    hello: (query, variables = {}) => [
      JSON.stringify({ type: 'connection_init', payload: { accessToken } }),
      JSON.stringify({ id: '1', type: 'subscribe', payload: { query, variables } }),
    ],
    async metric(name, labels = '') {
      const text = await (await fetch(`${server.url}/metrics`)).text();
      if (!text.includes(`# TYPE ${name} `)) throw new Error(`There is no metric ${name}.`);
      const line = text.split('\n').find((each) => each.startsWith(`${name}${labels} `));
      return line === undefined ? 0 : Number(line.slice(line.lastIndexOf(' ') + 1));
    },
  };
}
