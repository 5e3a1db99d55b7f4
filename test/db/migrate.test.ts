import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { APP_ROLE, openDatabase } from '../../src/db/database.ts';
import { migrate, pendingMigrations } from '../../src/db/migrate.ts';
import { cloneDatabase, emptyDatabase } from '../support/database.ts';
import { migrationFolder, writeMigrations } from './migration-folder.ts';

const VENUE = `create table venue (id int primary key, name text);\ngrant select on venue to ${APP_ROLE};`;
const MACHINE = 'create table machine (id int primary key, venue_id int not null references venue);';

async function queryOf(connection: string, text: string): Promise<unknown[]> {
  await using owner = openDatabase({ connection, poolSize: 1, applicationName: 'check' });
  return (await owner.pool.query(text)).rows;
}

describe('a new database', async () => {
  const { connection, floor } = await emptyDatabase();
  const dir = await migrationFolder({
    '0002-machine.sql': MACHINE,
    '0001-venue.sql': VENUE,
    'README.md': 'no SQL',
  });

  test('has everything pending, and asking changes nothing', async () => {
    expect(await pendingMigrations(connection, dir)).toEqual(['0001-venue', '0002-machine']);
    expect(await queryOf(connection, "select to_regclass('schema_migration') as found")).toEqual([
      { found: null },
    ]);
  });

  test('gets every migration in order, and none twice', async () => {
    expect(await migrate(connection, dir)).toEqual({ applied: ['0001-venue', '0002-machine'] });
    expect(await migrate(connection, dir)).toEqual({ applied: [] });
    expect(await pendingMigrations(connection, dir)).toEqual([]);
  });

  test('remembers version, name and checksum of what was run', async () => {
    const rows = await queryOf(
      connection,
      "select version, name, checksum ~ '^[0-9a-f]{64}$' as sum, applied_at <= now() as past from schema_migration",
    );
    expect(rows).toEqual([
      { version: 1, name: '0001-venue', sum: true, past: true },
      { version: 2, name: '0002-machine', sum: true, past: true },
    ]);
  });

  test('grants to the application what the migrations grant, and the book to read', async () => {
    expect((await floor.pool.query('select * from venue')).rows).toEqual([]);
    expect((await floor.pool.query('select name from schema_migration')).rowCount).toBe(2);
    await expect(floor.pool.query('select * from machine')).rejects.toMatchObject({ code: '42501' });
    await expect(floor.pool.query('delete from schema_migration')).rejects.toMatchObject({ code: '42501' });
  });

  test('gets what is added later', async () => {
    await writeMigrations(dir, { '0003-hall.sql': 'create table hall ();' });
    expect(await pendingMigrations(connection, dir)).toEqual(['0003-hall']);
    expect(await migrate(connection, dir)).toEqual({ applied: ['0003-hall'] });
  });
});

describe('a database whose folder has changed', async () => {
  const { connection } = await emptyDatabase();
  const dir = await migrationFolder({ '0001-venue.sql': VENUE, '0003-machine.sql': MACHINE });
  await migrate(connection, dir);
  const refusal = async (message: RegExp) => {
    await expect(migrate(connection, dir)).rejects.toThrow(message);
    await expect(pendingMigrations(connection, dir)).rejects.toThrow(message);
  };

  test('refuses an edited migration', async () => {
    await writeMigrations(dir, { '0001-venue.sql': `${VENUE} -- kinder` });
    await refusal(/0001-venue was edited after it was run/);
  });

  test('takes other line ends for no edit', async () => {
    await writeMigrations(dir, { '0001-venue.sql': VENUE.replaceAll('\n', '\r\n') });
    expect(await migrate(connection, dir)).toEqual({ applied: [] });
  });

  test('refuses a migration that comes before one already run', async () => {
    await writeMigrations(dir, { '0002-late.sql': 'select 1;' });
    await refusal(/0002-late comes before .* above 3/);
    await rm(join(dir, '0002-late.sql'));
  });

  test('refuses two migrations of one number', async () => {
    await writeMigrations(dir, { '0003-other.sql': 'select 1;' });
    await refusal(/0003-machine and 0003-other have the same number/);
    await rm(join(dir, '0003-other.sql'));
  });

  test('refuses a name it does not understand', async () => {
    await writeMigrations(dir, { '4-Hall.sql': 'select 1;' });
    await refusal(/4-Hall\.sql is not named NNNN-name\.sql/);
    await rm(join(dir, '4-Hall.sql'));
  });

  test('refuses to go on without a file it has run', async () => {
    await rm(join(dir, '0001-venue.sql'));
    await refusal(/0001-venue was run on this database and its file is missing/);
    await writeMigrations(dir, { '0001-venue.sql': VENUE });
  });

  test('refuses code that is older than itself', async () => {
    await rm(join(dir, '0003-machine.sql'));
    await refusal(/newer than this floorwire: it has migration 0003-machine. Start the newer one/);
  });
});

describe('a migration that fails', async () => {
  const { connection } = await emptyDatabase();

  test('leaves nothing of itself, keeps the ones before it, and names its line', async () => {
    const dir = await migrationFolder({
      '0001-venue.sql': VENUE,
      '0002-bad.sql': 'create table half ();\n\nselect nonsense from venue;',
    });
    await expect(migrate(connection, dir)).rejects.toThrow(
      /0002-bad, line 3 failed: column "nonsense" does not exist/,
    );
    const found = "select to_regclass('venue') is not null as venue, to_regclass('half') is not null as half";
    expect(await queryOf(connection, found)).toEqual([{ venue: true, half: false }]);
    await writeMigrations(dir, { '0002-bad.sql': 'create table whole ();' });
    expect(await migrate(connection, dir)).toEqual({ applied: ['0002-bad'] });
  });

  test('may not end its transaction itself', async () => {
    const dir = await migrationFolder({
      '0001-venue.sql': VENUE,
      '0002-bad.sql': 'create table whole ();',
      '0003-sly.sql': 'commit; begin;',
    });
    await expect(migrate(connection, dir)).rejects.toThrow(/0003-sly ends its transaction itself/);
    expect(await pendingMigrations(connection, dir)).toEqual(['0003-sly']);
  });
});

describe('a user who may not make roles', async () => {
  const { connection, name } = await emptyDatabase();
  const dir = await migrationFolder({ '0001-venue.sql': VENUE });
  const user = `${name}_owner`;
  const password = 'of-a-test';
  const url = new URL(connection);
  url.username = user;
  url.password = password;

  test('is told what to ask an administrator for, and migrates once it is done', async () => {
    await queryOf(connection, `create role ${user} login password '${password}'`);
    await queryOf(connection, `grant create on schema public to ${user}`);
    try {
      await expect(migrate(url.href, dir)).rejects.toThrow(new RegExp(`grant ${APP_ROLE} to this user`));
      await queryOf(connection, `grant ${APP_ROLE} to ${user}`);
      expect(await migrate(url.href, dir)).toEqual({ applied: ['0001-venue'] });
      await using floor = openDatabase({
        connection: url.href,
        poolSize: 1,
        applicationName: 'app',
        role: APP_ROLE,
      });
      const { rows } = await floor.pool.query(
        'select current_user as role, count(*)::int as venues from venue',
      );
      expect(rows).toEqual([{ role: APP_ROLE, venues: 0 }]);
    } finally {
      await queryOf(connection, `grant ${user} to current_user; drop owned by ${user}; drop role ${user}`);
    }
  });
});

describe('runners that start at once', async () => {
  const one = await emptyDatabase();
  const other = await emptyDatabase();
  const dir = await migrationFolder({
    '0001-venue.sql': VENUE,
    '0002-slow.sql': 'select pg_sleep(0.3);',
    '0003-machine.sql': MACHINE,
  });

  test('on one database run each migration once between them', async () => {
    const runs = await Promise.all([1, 2, 3, 4].map(() => migrate(one.connection, dir)));
    const applied = runs.map((run) => run.applied).filter((names) => names.length > 0);
    expect(applied).toEqual([['0001-venue', '0002-slow', '0003-machine']]);
  });

  test('on two databases do not stumble over the role they share', async () => {
    const runs = await Promise.allSettled([migrate(other.connection, dir), migrate(one.connection, dir)]);
    expect(runs.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
  });
});

describe("the project's own migrations", async () => {
  const { connection } = await cloneDatabase();

  test('are all in the template the tests clone', async () => {
    const dir = new URL('../../migrations', import.meta.url).pathname;
    expect(await pendingMigrations(connection, dir)).toEqual([]);
    expect(await migrate(connection, dir)).toEqual({ applied: [] });
  });
});
