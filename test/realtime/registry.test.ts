import { sql } from 'kysely';
import { afterEach, expect, test } from 'vitest';
import { newId } from '../../src/lib/ids.ts';
import type { Wakeable } from '../../src/lib/wakeable.ts';
import type { OpenNow, RealtimeConnection } from '../../src/realtime/connection.ts';
import { countConnections, listConnections } from '../../src/realtime/connection-store.ts';
import { countRealtime, LEASE_SECONDS } from '../../src/realtime/process-store.ts';
import { startRegistry } from '../../src/realtime/registry.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';

const { floor } = await cloneDatabase();
const { db } = floor;
const VENUE = newId();

const running: Wakeable[] = [];
afterEach(async () => {
  for (const registry of running.splice(0)) await registry[Symbol.asyncDispose]();
});

const aConnection = (overrides: Partial<RealtimeConnection> = {}): RealtimeConnection => ({
  id: newId(),
  venueId: VENUE,
  transport: 'WEBSOCKET',
  holder: { kind: 'user', id: newId() },
  credentialId: newId(),
  address: '192.0.2.7',
  userAgent: null,
  connectedAt: new Date(),
  expiresAt: new Date(Date.now() + 3_600_000),
  operations: 1,
  subscriptions: 1,
  channels: [],
  ...overrides,
});

/** A process that has these open, and sockets of nobody besides. */
function aProcess(connections: RealtimeConnection[], ofNobody = 0) {
  const id = newId();
  const openNow = (): OpenNow => ({
    sockets: connections.length + ofNobody,
    streams: 0,
    operations: connections.reduce((sum, { operations }) => sum + operations, 0),
    connections,
  });
  running.push(startRegistry({ db, processId: id, openNow, onError: (error) => console.error(error) }));
  return id;
}

const listed = async () =>
  await listConnections(db, VENUE, {
    holder: null,
    range: { after: null, before: null, limit: 100, backward: false },
  });

test('what is open in every process is listed, newest first, and summed', async () => {
  const older = aConnection({ connectedAt: new Date('2026-01-02T03:04:05.006Z'), expiresAt: null });
  const newer = aConnection({ transport: 'SSE', operations: 3 });
  aProcess([older]);
  aProcess([newer], 2);
  aProcess([aConnection({ venueId: newId() })]);
  await eventually(async () => (await countRealtime(db)).sockets === 5);
  expect(await listed()).toEqual([newer, older]);
  expect(await countRealtime(db)).toEqual({ processes: 3, sockets: 5, streams: 0, operations: 5 });
  expect(await countConnections(db, VENUE, newer.holder)).toBe(1);
  expect(await countConnections(db, VENUE, { kind: 'device', id: newer.holder.id })).toBe(0);
});

test('a connection that closes goes, and one that changes is written anew', async () => {
  const [first, second] = [aConnection(), aConnection()];
  const open = [first, second];
  aProcess(open);
  await eventually(async () => (await listed()).length === 2);
  const busy = { ...second, operations: 7, expiresAt: new Date('2030-01-01T00:00:00Z') };
  open.splice(0, 2, busy);
  await eventually(async () => (await listed()).length === 1);
  expect(await listed()).toEqual([busy]);
});

test('a process that stops takes its connections off the record at once', async () => {
  aProcess([aConnection()]);
  await eventually(async () => (await listed()).length === 1);
  await running.pop()?.[Symbol.asyncDispose]();
  expect(await listed()).toEqual([]);
  expect((await countRealtime(db)).processes).toBe(0);
});

test('the connections of a dead process are not listed after its lease, and then deleted', async () => {
  const dead = newId();
  await db
    .insertInto('realtime_process')
    .values({ id: dead, sockets: 4, streams: 0, operations: 0 })
    .execute();
  const { id } = aConnection();
  await sql`insert into realtime_connection
    values (${id}, ${dead}, ${VENUE}, 'SSE', 'user', ${newId()}, ${newId()}, null, null, now(), null, 1)`.execute(
    db,
  );
  expect((await listed()).map((connection) => connection.id)).toEqual([id]);

  await db
    .updateTable('realtime_process')
    .set({ seen_at: sql`now() - make_interval(secs => ${LEASE_SECONDS})` })
    .where('id', '=', dead)
    .execute();
  expect(await listed()).toEqual([]);
  expect((await countRealtime(db)).sockets).toBe(0);
  aProcess([]);
  await eventually(
    async () =>
      !(await db.selectFrom('realtime_connection').select('id').where('id', '=', id).executeTakeFirst()),
  );
});

test('a process that was taken for dead, or whose rows a crash emptied, writes all of its own anew', async () => {
  const open = [aConnection(), aConnection()];
  aProcess(open);
  await eventually(async () => (await listed()).length === 2);
  await db.deleteFrom('realtime_process').execute();
  expect(await listed()).toEqual([]);
  await eventually(async () => (await listed()).length === 2);
});

test('thousands that connect at once are written in a few statements', async () => {
  const open: RealtimeConnection[] = [];
  const id = aProcess(open);
  await eventually(async () => (await countRealtime(db)).processes === 1);
  const writes = async () => {
    const { rows } = await sql<{ xid: string }>`
      select distinct xmin::text as xid from realtime_connection where process_id = ${id}`.execute(db);
    return rows.length;
  };
  open.push(...Array.from({ length: 5_000 }, () => aConnection()));
  await eventually(async () => (await countConnections(db, VENUE, null)) === 5_000);
  expect(await writes()).toBe(1);
});
