import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/db/database.ts';
import { joinEmbedded } from '../../src/db/embedded-join.ts';
import { DatabaseSetupError, isConnectionError } from '../../src/db/errors.ts';
import { eventually, withDeadline } from '../support/deadline.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { isAlive, rowsOf, spawnOwner, start } from './embedded-fixture.ts';

const socketFolderOf = (connection: string): string => decodeURIComponent(new URL(connection).hostname);

describe('a fresh data folder', async () => {
  const dataDir = join(await temporaryFolder(), 'not', 'there', 'yet');

  test('gets a server that keeps its rows from one start to the next', async () => {
    const first = await start(dataDir);
    const version = join(dataDir, 'postgres', 'PG_VERSION');
    const { ino, mtimeMs } = await stat(version);
    await rowsOf(first.connection, 'create table kept (n int8); insert into kept values (7);');
    await first[Symbol.asyncDispose]();
    await expect(rowsOf(first.connection, 'select 1')).rejects.toSatisfy(isConnectionError);

    await using second = await start(dataDir);
    expect(await rowsOf(second.connection, 'select n from kept')).toEqual([{ n: 7n }]);
    // It makes nothing anew.
    expect(await stat(version)).toMatchObject({ ino, mtimeMs });
  });

  test('is served on a private unix socket, by password, on no network address', async () => {
    await using server = await start(dataDir);
    const [settings] = await rowsOf(
      server.connection,
      `select current_setting('listen_addresses') as addresses, current_setting('data_checksums') as checksums,
        current_setting('server_encoding') as encoding, current_setting('TimeZone') as zone, version() ~ '^PostgreSQL 18' as is_18,
        (select array_agg(distinct auth_method) from pg_hba_file_rules) as methods, upper('é') as upper`,
    );
    expect(settings).toEqual({
      addresses: '',
      checksums: 'on',
      encoding: 'UTF8',
      zone: 'UTC',
      is_18: true,
      methods: ['scram-sha-256'],
      upper: 'É',
    });
    expect((await stat(socketFolderOf(server.connection))).mode & 0o777).toBe(0o700);
    expect((await stat(join(dataDir, 'postgres.password'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(dataDir, 'postgres'))).mode & 0o777).toBe(0o700);

    const password = new URL(server.connection).password;
    expect(password).toMatch(/^[\w-]{43}$/);
    const wrong = server.connection.replace(password, 'wrong');
    await expect(rowsOf(wrong, 'select 1')).rejects.toMatchObject({ code: '28P01' });
  });

  test('leaves neither a socket nor a process behind when it is closed', async () => {
    const server = await start(dataDir);
    const pid = server.pid ?? 0;
    await using busy = openDatabase({ connection: server.connection, poolSize: 1, applicationName: 'busy' });
    const sleeping = busy.pool.query('select pg_sleep(60)').catch((error: unknown) => error);
    await eventually(async () => (await rowsOf(server.connection, ACTIVE)).length === 1);
    await Promise.all([server[Symbol.asyncDispose](), server[Symbol.asyncDispose]()]);
    expect(await isAlive(pid)).toBe(false);
    expect(isConnectionError(await sleeping)).toBe(true);
    await expect(stat(socketFolderOf(server.connection))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test.runIf(process.platform === 'linux')('is served out of reach of the terminal', async () => {
    await using server = await start(dataDir);
    const groupOf = async (pid: number | undefined) =>
      (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ')[2];
    expect(await groupOf(server.pid)).toBe(String(server.pid));
    expect(await groupOf(process.pid)).not.toBe(String(server.pid));
  });
});

describe('a data folder with an owner', async () => {
  const dataDir = await temporaryFolder();

  test('refuses a second one and names the first, in one process and from another', async () => {
    await using _server = await start(dataDir);
    const refusal = new RegExp(`in use by process ${process.pid} .*stop it first`);
    await expect(start(dataDir)).rejects.toThrow(refusal);
    await using other = spawnOwner(dataDir);
    expect((await other.answer).error).toMatch(refusal);
  });

  test('takes one of two that come at once', async () => {
    const starts = await Promise.allSettled([start(dataDir), start(dataDir), start(dataDir)]);
    const running = starts.filter((outcome) => outcome.status === 'fulfilled');
    const refused = starts.filter((outcome) => outcome.status === 'rejected');
    for (const { value } of running) await value[Symbol.asyncDispose]();
    expect(running).toHaveLength(1);
    for (const { reason } of refused) expect(reason).toBeInstanceOf(DatabaseSetupError);
  });

  test('lets others join, and stays when they leave', async () => {
    expect(await joinEmbedded(join(dataDir, 'missing'))).toBeNull();
    expect(await joinEmbedded(dataDir)).toBeNull();
    const owner = spawnOwner(dataDir);
    const { connection } = await owner.answer;
    expect(await joinEmbedded(dataDir)).toBe(connection);
    expect(await rowsOf(connection, 'select 1 as one')).toEqual([{ one: 1 }]);
    await owner.kill('SIGTERM');
    expect(await joinEmbedded(dataDir)).toBeNull();
  });

  test('is found by who joins while it is still starting', async () => {
    await using owner = spawnOwner(dataDir);
    const connection = await eventually(() => joinEmbedded(dataDir));
    expect(connection).toBe((await owner.answer).connection);
  });
});

test('a data folder with a very long path still gets a socket with a short one', async () => {
  const dataDir = join(await temporaryFolder(), 'long'.repeat(50));
  await using server = await start(dataDir);
  const socket = join(socketFolderOf(server.connection), '.s.PGSQL.5432');
  expect(Buffer.byteLength(socket)).toBeLessThanOrEqual(103);
  expect((await stat(socket)).isSocket()).toBe(true);
});

describe('a server that dies by itself', async () => {
  const dataDir = await temporaryFolder();

  test('is told of and started again with what it acknowledged, and pools survive it', async () => {
    const events: string[] = [];
    const onDown = (reason: string) => events.push(reason);
    await using server = await start(dataDir, { onDown, onUp: () => events.push('up') });
    await using floor = openDatabase({
      connection: server.connection,
      poolSize: 3,
      applicationName: 'survivor',
    });
    await floor.pool.query('create table kept as select 1 as n');
    const pid = server.pid ?? 0;
    process.kill(pid, 'SIGKILL');
    await eventually(() => events.length === 2);
    expect(events[0]).toMatch(/ended \(SIGKILL\); starting it again/);
    expect(server.pid).not.toBe(pid);
    expect((await floor.pool.query('select n from kept')).rows).toEqual([{ n: 1 }]);
  });

  test('stays closed when it is closed while it starts again', async () => {
    const down: string[] = [];
    const server = await start(dataDir, { onDown: (reason) => down.push(reason) });
    process.kill(server.pid ?? 0, 'SIGKILL');
    await eventually(() => down.length === 1);
    await withDeadline(server[Symbol.asyncDispose](), 60_000, 'closing');
    expect(await isAlive(server.pid ?? 0)).toBe(false);
  });
});

const ACTIVE = `select from pg_stat_activity where application_name = 'busy' and state = 'active'`;
