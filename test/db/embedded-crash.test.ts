import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { closeClient, connectClient } from '../../src/db/database.ts';
import { isConnectionError } from '../../src/db/errors.ts';
import { eventually } from '../support/deadline.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { isAlive, rowsOf, spawnOwner, start } from './embedded-fixture.ts';

const WRITERS = 4;
const ROWS_BEFORE_THE_CRASH = 400;

/** Inserts one row after the other until the connection breaks, counting what was acknowledged. */
async function writeUntilCrash(
  connection: string,
  table: string,
  acknowledged: bigint[],
  writer: number,
): Promise<unknown> {
  const client = await connectClient(connection, { applicationName: `writer ${writer}` });
  try {
    for (let n = BigInt(writer); ; n += BigInt(WRITERS)) {
      await client.query(`insert into ${table} values ($1)`, [n]);
      acknowledged.push(n);
    }
  } catch (error) {
    return error;
  } finally {
    await closeClient(client);
  }
}

describe('an owner killed in the middle of its work', async () => {
  const dataDir = await temporaryFolder();

  test.each([
    ['alone', 'written_alone', false],
    ['together with its server', 'written_together', true],
  ])('%s loses no acknowledged row, and the next one starts', async (_how, table, serverToo) => {
    const owner = spawnOwner(dataDir);
    const { connection, serverPid } = await owner.answer;
    await rowsOf(connection, `create table ${table} (n int8 primary key)`);
    const acknowledged: bigint[] = [];
    const writers = Array.from({ length: WRITERS }, (_, writer) =>
      writeUntilCrash(connection, table, acknowledged, writer),
    );
    await eventually(() => acknowledged.length >= ROWS_BEFORE_THE_CRASH);
    if (serverToo) process.kill(serverPid, 'SIGKILL');
    await owner.kill('SIGKILL');

    await using server = await start(dataDir);
    expect(await isAlive(serverPid)).toBe(false);
    for (const error of await Promise.all(writers)) expect(isConnectionError(error)).toBe(true);
    const rows = await rowsOf<{ n: bigint }>(server.connection, `select n from ${table}`);
    const kept = new Set(rows.map(({ n }) => n));
    expect(acknowledged.filter((n) => !kept.has(n))).toEqual([]);
    expect(acknowledged.length).toBeGreaterThanOrEqual(ROWS_BEFORE_THE_CRASH);
  });

  test('takes its server with it', async () => {
    const owner = spawnOwner(dataDir);
    const { serverPid } = await owner.answer;
    await owner.kill('SIGKILL');
    await eventually(async () => !(await isAlive(serverPid)));
    await (await start(dataDir))[Symbol.asyncDispose]();
  });
});

test('a first start killed in the middle is made good by the next', async () => {
  const dataDir = await temporaryFolder();
  const owner = spawnOwner(dataDir);
  await eventually(async () => (await readdir(dataDir)).some((name) => name.startsWith('postgres.init-')));
  await owner.kill('SIGKILL');
  expect(await readdir(dataDir)).not.toContain('postgres');
  await using server = await start(dataDir);
  expect(await rowsOf(server.connection, 'select current_database() as name')).toEqual([
    { name: 'floorwire' },
  ]);
  expect((await readdir(dataDir)).sort()).toEqual(['postgres', 'postgres.owner', 'postgres.password']);
});

describe('what a killed owner left', async () => {
  const dataDir = await temporaryFolder();
  await (await start(dataDir))[Symbol.asyncDispose]();

  test.each([
    ['of this process', JSON.stringify({ pid: process.pid, start: 'another time' })],
    ['of no process', JSON.stringify({ pid: 2 ** 30, start: 'once' })],
    ['without sense', '{"pid":'],
    ['without anything', ''],
  ])('as a claim %s does not stop the next', async (_what, claim) => {
    await writeFile(join(dataDir, 'postgres.owner'), claim);
    await using server = await start(dataDir);
    expect(await rowsOf(server.connection, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('as a pid another program has now does not stop the next', async () => {
    const left = [process.pid, join(dataDir, 'postgres'), 1, 5432, join(dataDir, 'sockets'), '', 1, 'ready'];
    await writeFile(join(dataDir, 'postgres', 'postmaster.pid'), `${left.join('\n')}\n`);
    await using server = await start(dataDir);
    expect(await rowsOf(server.connection, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test.runIf(process.platform === 'linux')(
    'as a server nobody has buried does not stop the next',
    async () => {
      const owner = spawnOwner(dataDir);
      const { serverPid } = await owner.answer;
      // A stopped parent does not take note of its child's death.
      process.kill(owner.pid, 'SIGSTOP');
      process.kill(serverPid, 'SIGKILL');
      await eventually(async () => !(await isAlive(serverPid)));
      const claim = JSON.parse(await readFile(join(dataDir, 'postgres.owner'), 'utf8'));
      await writeFile(join(dataDir, 'postgres.owner'), JSON.stringify({ ...claim, start: 'forgotten' }));
      try {
        await using server = await start(dataDir);
        expect(await rowsOf(server.connection, 'select 1 as one')).toEqual([{ one: 1 }]);
      } finally {
        await owner.kill('SIGKILL');
      }
    },
  );

  test('as drafts is swept away', async () => {
    await mkdir(join(dataDir, 'postgres.init-abcdef', 'data'), { recursive: true });
    await using _server = await start(dataDir);
    expect(await readdir(dataDir)).not.toContain('postgres.init-abcdef');
  });
});
