import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { type Connection, closeClient, connectClient } from '../../src/db/database.ts';
import { startEmbedded } from '../../src/db/embedded.ts';
import { migrate } from '../../src/db/migrate.ts';
import { compileInto, makeBuild } from './build.ts';
import { connectionTo } from './database-url.ts';
import { makeRunFolder } from './run-folder.ts';

/** What every test file is told of the run's cluster. */
export type TestCluster =
  | {
      readonly ready: true;
      /** Leads to a database of nobody's, as a user who may create databases and roles. */
      readonly admin: Connection;
      /** What the names of this run's databases begin with. */
      readonly prefix: string;
      /** The migrated database that is cloned, or why there is none. */
      readonly template: string | { readonly failure: string };
    }
  /** Files that ask for a database fail with this reason, the others run. */
  | { readonly ready: false; readonly failure: string };

/** Where floorwire was built for the run, or why files that start it as a process fail. */
export type TestBuild = { readonly folder: string } | { readonly failure: string };

declare module 'vitest' {
  interface ProvidedContext {
    readonly testCluster: TestCluster;
    readonly testBuild: TestBuild;
  }
}

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));

/**
 * One folder for the run, which goes afterwards. In it floorwire as the tests start it, their temporary files, and one
 * cluster: an embedded one without fsync, unless `TEST_DATABASE_URL` names another.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await makeRunFolder();
  const { TMPDIR } = process.env;
  process.env.TMPDIR = folder;
  const cleanups: (() => Promise<unknown>)[] = [
    async () => {
      if (TMPDIR === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = TMPDIR;
      await rm(folder, { recursive: true, force: true });
    },
  ];
  const [testBuild, testCluster] = await Promise.all([
    build(join(folder, 'build')),
    prepareCluster(join(folder, 'cluster'), cleanups),
  ]);
  project.provide('testBuild', testBuild);
  project.provide('testCluster', testCluster);
  if ('folder' in testBuild) project.onTestsRerun(() => compileInto(testBuild.folder));
  return async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
  };
}

async function build(folder: string): Promise<TestBuild> {
  try {
    await makeBuild(folder);
    return { folder };
  } catch (error) {
    return { failure: String(error) };
  }
}

/** The cluster, and in it the template that `cloneDatabase` copies. */
async function prepareCluster(dataDir: string, cleanups: (() => Promise<unknown>)[]): Promise<TestCluster> {
  try {
    const admin = process.env.TEST_DATABASE_URL ?? (await startCluster(dataDir, cleanups));
    const prefix = `floorwire_test_${randomBytes(4).toString('hex')}`;
    cleanups.push(() => dropDatabases(admin, prefix));
    return { ready: true, admin, prefix, template: await makeTemplate(admin, prefix) };
  } catch (error) {
    return { ready: false, failure: String(error) };
  }
}

async function makeTemplate(admin: Connection, prefix: string): Promise<string | { failure: string }> {
  const template = `${prefix}_template`;
  await execute(admin, `create database ${template}`);
  try {
    await migrate(connectionTo(admin, template), MIGRATIONS);
    return template;
  } catch (error) {
    return { failure: String(error) };
  }
}

async function startCluster(dataDir: string, cleanups: (() => Promise<unknown>)[]): Promise<Connection> {
  const server = await startEmbedded({ dataDir, fsync: false });
  cleanups.push(() => server[Symbol.asyncDispose]());
  const admin = connectionTo(server.connection, 'postgres');
  // No database lives long enough to need it.
  await execute(admin, 'alter system set autovacuum = off');
  // Nobody cuts its power; each database that is made or dropped is a checkpoint, behind which every page would be logged whole.
  await execute(admin, 'alter system set full_page_writes = off');
  await execute(admin, 'select pg_reload_conf()');
  return admin;
}

/** Also what files that were killed have left. */
async function dropDatabases(admin: Connection, prefix: string): Promise<void> {
  const client = await connectClient(admin, { applicationName: 'floorwire tests' });
  try {
    const { rows } = await client.query<{ datname: string }>(
      'select datname from pg_database where datname ^@ $1',
      [prefix],
    );
    for (const { datname } of rows) await client.query(`drop database ${datname} with (force)`);
  } finally {
    await closeClient(client);
  }
}

async function execute(connection: Connection, sql: string): Promise<void> {
  const client = await connectClient(connection, { applicationName: 'floorwire tests' });
  try {
    await client.query(sql);
  } finally {
    await closeClient(client);
  }
}
