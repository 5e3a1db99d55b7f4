import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, expect, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { lockKey } from '../../src/db/advisory-lock.ts';
import { type FloorDatabase, openDatabase } from '../../src/db/database.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { explanationOf } from '../../src/start-failure.ts';
import { createRunWork } from '../../src/work.ts';
import { aVenue } from '../support/builders.ts';
import { cloneDatabase, emptyDatabase } from '../support/database.ts';
import { eventually, withDeadline } from '../support/deadline.ts';
import { aLine } from '../support/floor.ts';
import { aFreePort } from '../support/free-port.ts';
import { lockWaits } from '../support/lock-waits.ts';
import { startS3Server } from '../support/s3-server.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const running: ServerProcess[] = [];
const taken: Server[] = [];
afterAll(() => {
  for (const { process } of running) process.kill('SIGKILL');
  for (const server of taken) server.close();
});

/** What a server says that does not start. */
async function refusalOf(environment: Record<string, string>): Promise<string> {
  const server = await startServerProcess(environment);
  running.push(server);
  expect(await withDeadline(server.exited, 60_000, 'the end of the server')).toEqual({
    code: 1,
    signal: null,
  });
  return server.stderr();
}

/** The same of one that would start in this process. */
async function refusalHere(environment: Record<string, string>): Promise<readonly string[]> {
  const config = readConfig({ PORT: '0', DEMO: '0', ...environment });
  const starting = createApp(config, createLogger('silent'));
  return explanationOf(
    await starting.then(
      () => 'it started',
      (error) => error,
    ),
  );
}

async function takePort(port: number): Promise<number> {
  const server = createServer().listen(port, '127.0.0.1');
  taken.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const inUse = (port: number) =>
  `floorwire: 127.0.0.1:${port} is already in use. Stop what listens there, or set PORT.\n`;

test('whose port is taken touches no database', async () => {
  const { connection, floor } = await emptyDatabase();
  const port = await takePort(0);
  const DATA_DIR = await temporaryFolder();
  expect(await refusalOf({ DATA_DIR, DATABASE_URL: connection, PORT: String(port) })).toBe(inUse(port));
  const { rows } = await sql`select from pg_tables where schemaname = 'public'`.execute(floor.db);
  expect(rows).toEqual([]);
});

test('whose port is taken while it starts has driven no line', async () => {
  const { connection, floor } = await cloneDatabase();
  const runWork = createRunWork({ db: floor.db, onEvents: () => {} });
  const { id: venueId } = await aVenue(runWork);
  await aLine(runWork, { venueId });
  await using owner = openDatabase({ connection, poolSize: 1, applicationName: 'another' });
  const migrating = await owner.pool.connect();
  await migrating.query('select pg_advisory_lock($1)', [lockKey('floorwire migrate')]);

  const port = await aFreePort();
  const said = refusalOf({
    DATA_DIR: await temporaryFolder(),
    DATABASE_URL: connection,
    PORT: String(port),
  });
  await eventually(async () => (await lockWaits(floor)) > 0);
  await takePort(port);
  await migrating.query('select pg_advisory_unlock_all()');
  migrating.release();

  expect(await said).toBe(inUse(port));
  const leases = await floor.db.selectFrom('sas_line_lease').select('epoch').execute();
  expect(leases.filter(({ epoch }) => epoch > 0n)).toEqual([]);
});

test('a folder that cannot be written or a scanner that cannot be run is told by its setting, all of them at once', async () => {
  const { connection } = await emptyDatabase();
  const DATA_DIR = await temporaryFolder();
  const file = join(DATA_DIR, 'file');
  await writeFile(file, '', { mode: 0o600 });
  const settings = { DATA_DIR, DATABASE_URL: connection, UPLOAD_DIR: file, STORAGE_DIR: join(file, 'below') };
  const said = await refusalOf({ ...settings, UPLOAD_SCANNER: '/nowhere/clamdscan --fdpass' });
  expect(said.trimEnd().split('\n')).toEqual([
    expect.stringMatching(`^floorwire: UPLOAD_DIR: ${file} cannot be written: EEXIST: `),
    expect.stringMatching(`^floorwire: STORAGE_DIR: ${file}/below cannot be written: EEXIST: `),
    expect.stringMatching('^floorwire: UPLOAD_SCANNER: /nowhere/clamdscan cannot be run: ENOENT: '),
  ]);
});

test.each([
  ['is no program', async (folder: string) => await mkdir(join(folder, 'scanner')), /is no program$/],
  [
    'may not be run',
    async (folder: string) => await writeFile(join(folder, 'scanner'), '#!/bin/sh\n', { mode: 0o600 }),
    /cannot be run: EACCES: /,
  ],
])('a scanner that %s ends the start', async (_what, make, message) => {
  const { connection } = await emptyDatabase();
  const DATA_DIR = await temporaryFolder();
  await make(DATA_DIR);
  const UPLOAD_SCANNER = join(DATA_DIR, 'scanner');
  const said = await refusalHere({ DATA_DIR, DATABASE_URL: connection, UPLOAD_SCANNER });
  expect(said).toEqual([expect.stringMatching(message)]);
  expect(said).toEqual([expect.stringMatching(/^floorwire: UPLOAD_SCANNER: /)]);
});

const S3 = {
  STORAGE: 's3',
  S3_BUCKET: 'floor',
  S3_ACCESS_KEY_ID: 'AKIAEXAMPLE',
  S3_SECRET_ACCESS_KEY: 'not-it',
};
/** Without what the client of S3 says of versions of Node. */
const reasonsIn = (said: string) => said.split('\n').filter((line) => line.startsWith('floorwire: '));

test.each([
  ['NoSuchBucket', 'S3_BUCKET: floor'],
  ['InvalidAccessKeyId', 'S3_ACCESS_KEY_ID: floor'],
  ['ExpiredToken', 'S3_ACCESS_KEY_ID: floor'],
  ['AccessDenied', 'S3_ACCESS_KEY_ID: floor'],
] as const)(
  'a bucket that refuses with %s ends the start before the database is touched',
  async (code, told) => {
    await using s3 = await startS3Server();
    s3.refuseWith(code);
    const { connection, floor } = await emptyDatabase();
    const DATA_DIR = await temporaryFolder();
    const said = await refusalHere({ DATA_DIR, DATABASE_URL: connection, ...S3, S3_ENDPOINT: s3.url });
    expect(said).toEqual([`floorwire: ${told} cannot be written: ${code}`]);
    const { rows } = await sql`select from pg_tables where schemaname = 'public'`.execute(floor.db);
    expect(rows).toEqual([]);
  },
);

test('a bucket without credentials for it ends the start', async () => {
  const { connection } = await emptyDatabase();
  const DATA_DIR = await temporaryFolder();
  const { STORAGE, S3_BUCKET } = S3;
  const nowhere = { AWS_EC2_METADATA_DISABLED: 'true', AWS_CONFIG_FILE: '', AWS_SHARED_CREDENTIALS_FILE: '' };
  const said = await refusalOf({ DATA_DIR, DATABASE_URL: connection, STORAGE, S3_BUCKET, ...nowhere });
  expect(reasonsIn(said)).toEqual([
    expect.stringMatching(/^floorwire: S3_ACCESS_KEY_ID: floor cannot be written: .*credentials/i),
  ]);
});

test('a bucket that is away is said and keeps nobody from starting, and one that is there keeps nothing of the trial', async () => {
  await using s3 = await startS3Server();
  const { connection } = await cloneDatabase();
  const DATA_DIR = await temporaryFolder();
  for (const code of ['ServiceUnavailable', 'RequestTimeout', null] as const) {
    s3.refuseWith(code);
    const server = await startServerProcess({
      DATA_DIR,
      DATABASE_URL: connection,
      ...S3,
      S3_ENDPOINT: s3.url,
    });
    running.push(server);
    expect(server.url).not.toBe('');
    if (code === null) {
      await eventually(() => s3.requests.some(({ method }) => method === 'DELETE'));
      expect(server.stdout()).not.toContain('the bucket does not answer');
    } else await eventually(() => server.stdout().includes('the bucket does not answer'));
    server.process.kill('SIGTERM');
    await server.exited;
  }
  expect(s3.objects.size).toBe(0);
});

/** Whether a server has come as far as its database, which is after it has tried its places. */
async function isConnected({ pool }: FloorDatabase): Promise<boolean> {
  const { rows } = await pool.query(
    `select from pg_stat_activity where datname = current_database() and application_name ^@ 'floorwire'`,
  );
  return rows.length > 0;
}

test.each([
  ['still says nothing', null, 'the bucket does not answer'],
  ['refuses', 'NoSuchBucket', 'S3_BUCKET: floor cannot be written: NoSuchBucket'],
] as const)(
  'a bucket that says nothing holds up no start, and that it %s later is in the log',
  async (_what, code, told) => {
    await using s3 = await startS3Server();
    s3.beSilent(true);
    const { connection, floor } = await cloneDatabase();
    const DATA_DIR = await temporaryFolder();
    const starting = startServerProcess({
      DATA_DIR,
      DATABASE_URL: connection,
      ...S3,
      S3_ENDPOINT: s3.url,
    });
    starting.then(
      (server) => running.push(server),
      () => {},
    );
    // The start has gone on, and the bucket is still asked; what follows may take longer than that.
    await eventually(() => isConnected(floor));
    expect(s3.unanswered).toBeGreaterThan(0);
    if (code !== null) {
      s3.refuseWith(code);
      s3.beSilent(false);
    }
    const server = await starting;
    expect(server.url).not.toBe('');
    await eventually(() => server.stdout().includes(told));
    server.process.kill('SIGTERM');
    expect(await server.exited).toEqual({ code: 0, signal: null });
  },
);

test('a DATA_DIR for the embedded PostgreSQL that cannot be written ends the start before there is one', async () => {
  const file = join(await temporaryFolder(), 'file');
  await writeFile(file, '');
  const said = await refusalOf({ DATA_DIR: file, SECRET_KEY: 'k3eP7his0ut0fTheLogsAndTheRepo!!' });
  expect(said).toMatch(/^floorwire: DATA_DIR: \S+file cannot be written: EEXIST: .*\n$/);
});

test.runIf(existsSync('/proc'))('folders of /proc are refused, and do not hang', async () => {
  const { connection } = await emptyDatabase();
  const DATA_DIR = await temporaryFolder();
  expect(await refusalOf({ DATA_DIR, DATABASE_URL: connection, STORAGE_DIR: '/proc/x' })).toMatch(
    /^floorwire: STORAGE_DIR: \/proc\/x cannot be written: ENOENT: .*\n$/,
  );
  expect(await refusalOf({ DATA_DIR: '/proc/x' })).toMatch(
    /^floorwire: DATA_DIR: \/proc\/x cannot be used: ENOENT: .*\n$/,
  );
});

test('what is tried at the start leaves nothing behind', async () => {
  const DATA_DIR = await temporaryFolder();
  const { connection } = await cloneDatabase();
  const server = await startServerProcess({ DATA_DIR, DATABASE_URL: connection });
  running.push(server);
  expect(server.url).not.toBe('');
  for (const folder of ['uploads', 'files']) expect(await readdir(join(DATA_DIR, folder))).toEqual([]);
  server.process.kill('SIGTERM');
  expect(await server.exited).toEqual({ code: 0, signal: null });
});
