import { createHash } from 'node:crypto';
import { appendFile, cp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { takeBackup } from '../../src/backup/backup.ts';
import { openBackup } from '../../src/backup/opened-backup.ts';
import { restoreBackup } from '../../src/backup/restore.ts';
import { openDatabase } from '../../src/db/database.ts';
import { startEventLog } from '../../src/events/event-log.ts';
import { anAuth, runWorkOn, SECRET_KEY } from '../support/auth.ts';
import { aUser, aVenue, PASSWORD } from '../support/builders.ts';
import { cloneDatabase, emptyDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { appCode } from '../support/second-factor.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));
const source = await cloneDatabase();
const { id: venueId } = await aVenue(runWorkOn(source.floor));
await aUser(runWorkOn(source.floor), { venueId, username: 'rosa' });
// A key that signs is sealed, and so is a second factor.
const auth = await anAuth(source.floor);
const { accessToken } = await auth.login({ identifier: 'rosa', password: PASSWORD }, {});
const rosa = await auth.actorOf(accessToken);
const { secret } = await auth.secondFactors.enroll(rosa, PASSWORD, {});
await auth.secondFactors.confirm(rosa, appCode(secret), {});
const whole = await takeBackup(source.connection, await temporaryFolder());

/** A copy that may be damaged. */
async function aCopy(): Promise<string> {
  const folder = await temporaryFolder();
  const path = join(folder, basename(whole.path));
  await cp(whole.path, path);
  await cp(`${whole.path}.sha256`, `${path}.sha256`);
  return path;
}

async function restore(path: string, into: string, { secretKey = SECRET_KEY, isSecretLost = false } = {}) {
  await using backup = await openBackup(path, MIGRATIONS);
  const options = { migrations: MIGRATIONS, secretKeys: { secretKey }, isSecretLost };
  return await restoreBackup(into, backup, options);
}

async function sum(path: string): Promise<void> {
  const hash = createHash('sha256').update(await readFile(path));
  await writeFile(`${path}.sha256`, `${hash.digest('hex')}  ${basename(path)}\n`);
}

/** Writes its text anew, with a checksum to match. */
async function rewrite(path: string, change: (text: string) => string): Promise<void> {
  await writeFile(path, gzipSync(change(gunzipSync(await readFile(path)).toString())));
  await sum(path);
}

const NAME = basename(whole.path);
const DAMAGED = 'It is damaged or cut off: copy it again from where it was taken, or take another backup.';

test.each([
  ['that is not there', async (path: string) => await rm(path), /^There is no file \S+\.backup\.$/],
  [
    'with another byte',
    async (path: string) => await appendFile(path, 'x'),
    `${NAME} has another checksum than ${NAME}.sha256 says. ${DAMAGED}`,
  ],
  [
    'that is cut off',
    async (path: string) => await truncate(path, 1_000),
    `${NAME} has another checksum than ${NAME}.sha256 says. ${DAMAGED}`,
  ],
  [
    'that is empty',
    async (path: string) => await truncate(path, 0),
    `${NAME} has another checksum than ${NAME}.sha256 says. ${DAMAGED}`,
  ],
  [
    'with an empty checksum',
    async (path: string) => await writeFile(`${path}.sha256`, ''),
    `${NAME} has another checksum than ${NAME}.sha256 says. ${DAMAGED}`,
  ],
  [
    'without its checksum',
    async (path: string) => await rm(`${path}.sha256`),
    `There is no ${NAME}.sha256 beside ${NAME}, which says whether the file is whole: copy it too.`,
  ],
  [
    'that is something else',
    async (path: string) => {
      await writeFile(path, 'Dear diary');
      await rm(`${path}.sha256`);
    },
    `${NAME} is no backup of floorwire, whose names are floorwire-<when>.backup: name one of those.`,
  ],
  [
    'that is another archive',
    (path: string) => rewrite(path, () => 'Dear diary\n'),
    `${NAME} is no backup of floorwire, or is damaged.`,
  ],
  [
    'of JSON of somebody else',
    (path: string) => rewrite(path, () => '{"a":1}\n'),
    `${NAME} is no backup of floorwire.`,
  ],
  [
    'of a newer format',
    (path: string) => rewrite(path, (text) => text.replace('"format":1', '"format":2')),
    `${NAME} is of format 2, and this floorwire reads 1: restore it with the version that took it, or a newer one.`,
  ],
  [
    'of a newer floorwire',
    (path: string) =>
      rewrite(path, (text) =>
        text.replace(/\}\]\}\n/, '},{"version":9999,"name":"9999-robot","checksum":"0"}]}\n'),
      ),
    `${NAME} is of a newer floorwire, which has migration 9999-robot: restore it with that version, or a newer one.`,
  ],
  [
    'of another floorwire',
    (path: string) =>
      rewrite(path, (text) => text.replace(/"checksum":"[0-9a-f]{8}/, '"checksum":"00000000')),
    /^\S+ is of another floorwire, whose migration 0001-\S+ is not this one's: restore it with the version that took it\.$/,
  ],
])('a file %s is refused before a database is asked', async (_what, damage, message) => {
  const path = await aCopy();
  await damage(path);
  await expect(openBackup(path, MIGRATIONS)).rejects.toMatchObject({
    name: 'DatabaseSetupError',
    message: typeof message === 'string' ? message : expect.stringMatching(message),
  });
});

test('the checksum itself and what an interrupted backup left are named as what they are', async () => {
  const path = await aCopy();
  await expect(openBackup(`${path}.sha256`, MIGRATIONS)).rejects.toThrow(
    `${NAME}.sha256 is the checksum of a backup: name the file beside it, without .sha256.`,
  );
  await writeFile(`${path}.7.partial`, '');
  await expect(openBackup(`${path}.7.partial`, MIGRATIONS)).rejects.toThrow(
    `${NAME}.7.partial is what an interrupted backup left: name one that is whole.`,
  );
  await expect(openBackup(await temporaryFolder(), MIGRATIONS)).rejects.toThrow('cannot be read: EISDIR');
});

test.each([
  [
    'whose end was cut off before it was summed up',
    async (path: string) => {
      await truncate(path, whole.bytes - 100);
      await sum(path);
    },
    `${NAME} cannot be unpacked. ${DAMAGED}`,
  ],
  [
    'that lacks its last line',
    (path: string) => rewrite(path, (text) => text.slice(0, text.lastIndexOf('\n{') + 1)),
    `${NAME} ends too early. ${DAMAGED}`,
  ],
  [
    'that lacks a row',
    (path: string) => rewrite(path, (text) => text.replace(/("table":"signing_key",.*\n).*\n/, '$1')),
    `${NAME} is damaged: rows of signing_key are missing.`,
  ],
  [
    'with a row that is none',
    (path: string) => rewrite(path, (text) => text.replace(/("table":"venue",.*\n)/, '$1Venice\n')),
    /^\S+ has rows of venue that PostgreSQL refuses: /,
  ],
])('of a file %s nothing is restored, and a whole one can be afterwards', async (_what, damage, message) => {
  const path = await aCopy();
  await damage(path);
  const { connection, floor } = await emptyDatabase();
  await expect(restore(path, connection)).rejects.toMatchObject({
    name: 'DatabaseSetupError',
    message: typeof message === 'string' ? message : expect.stringMatching(message),
  });
  expect((await floor.pool.query('select from venue')).rowCount).toBe(0);
  expect((await restore(whole.path, connection)).rows).toBe(whole.rows);
  expect((await floor.pool.query('select from venue')).rowCount).toBe(1);
});

const INTO =
  'restore into an empty one: name another in DATABASE_URL, or in DATA_DIR a folder that is not there yet.';

test('nothing is restored over a venue, nor over the tables of another program', async () => {
  await expect(restore(whole.path, source.connection)).rejects.toThrow(
    `There is a venue in the database: ${INTO}`,
  );
  const { connection } = await emptyDatabase();
  await using other = openDatabase({ connection, poolSize: 1, applicationName: 'other' });
  await other.pool.query('create table diary as select 1 as page');
  await expect(restore(whole.path, connection)).rejects.toThrow(
    `The database holds tables of something else (diary): ${INTO}`,
  );
  expect((await other.pool.query('select * from diary')).rows).toEqual([{ page: 1 }]);
});

test('of two who restore into one database at once the second is refused', async () => {
  const { connection, floor } = await emptyDatabase();
  const outcomes = await Promise.allSettled([
    restore(whole.path, connection),
    restore(whole.path, connection),
  ]);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const refused = outcomes.find(({ status }) => status === 'rejected');
  expect(refused).toMatchObject({ reason: { name: 'DatabaseSetupError' } });
  expect((await floor.pool.query('select from venue')).rowCount).toBe(1);
});

const ANOTHER_KEY = 'an0therKeyOfTheSameStrength-01234';

test('a SECRET_KEY that is not the backup’s restores nothing', async () => {
  const { connection, floor } = await emptyDatabase();
  await expect(restore(whole.path, connection, { secretKey: ANOTHER_KEY })).rejects.toMatchObject({
    name: 'DatabaseSetupError',
    message:
      'SECRET_KEY does not open what is sealed in the backup. Set it to that of the server it was taken of, or copy the file secret of that DATA_DIR into this one; where nobody has it any more, restore with --without-secret.',
  });
  expect((await floor.pool.query('select from venue')).rowCount).toBe(0);
});

test('where nobody has the SECRET_KEY any more, what is sealed is left out, and a server goes on with another', async () => {
  const { connection, floor } = await emptyDatabase();
  const restored = await restore(whole.path, connection, { secretKey: ANOTHER_KEY, isSecretLost: true });
  expect(restored).toMatchObject({ rows: whole.rows, forgotten: { signing_key: 1, second_factor: 1 } });
  const auth = await anAuth(floor, { secretKey: ANOTHER_KEY });
  // He had a second factor, which is lost with the key.
  expect(await auth.login({ identifier: 'rosa', password: PASSWORD }, {})).toMatchObject({
    user: { username: 'rosa' },
  });

  const other = await emptyDatabase();
  expect(await restore(whole.path, other.connection, { isSecretLost: true })).toMatchObject({
    forgotten: {},
  });
});

test('nothing is restored under a server that runs, and after its end it is', async () => {
  const { floor, connection } = await cloneDatabase();
  {
    await using log = await startEventLog({ db: floor.db, connection, onError: () => {} });
    const listening = sql`select from pg_stat_activity
      where datname = current_database() and application_name = 'floorwire-listener'`;
    await eventually(async () => (await listening.execute(floor.db)).rows.length > 0);
    await expect(restore(whole.path, connection)).rejects.toThrow(
      'A server runs on this database: stop it, and restore then.',
    );
    expect(log.position()).toBe(0n);
  }
  expect(await restore(whole.path, connection)).toMatchObject({ rows: whole.rows });
});
