import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { type Connection, closeClient, connectClient } from '../../src/db/database.ts';
import { startEmbedded } from '../../src/db/embedded.ts';
import { migrate } from '../../src/db/migrate.ts';
import { connectionTo } from './database-url.ts';

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

declare module 'vitest' {
  interface ProvidedContext {
    readonly testCluster: TestCluster;
  }
}

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));

/**
 * One cluster for the run: that of `TEST_DATABASE_URL`, or an embedded one without fsync in a folder
 * that goes afterwards; in it the template that `cloneDatabase` copies.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const cleanups: (() => Promise<unknown>)[] = [];
  const cleanUp = async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
  };
  try {
    const admin = process.env.TEST_DATABASE_URL ?? (await startCluster(cleanups));
    const prefix = `floorwire_test_${randomBytes(4).toString('hex')}`;
    cleanups.push(() => dropDatabases(admin, prefix));
    project.provide('testCluster', {
      ready: true,
      admin,
      prefix,
      template: await makeTemplate(admin, prefix),
    });
  } catch (error) {
    project.provide('testCluster', { ready: false, failure: String(error) });
  }
  return cleanUp;
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

async function startCluster(cleanups: (() => Promise<unknown>)[]): Promise<Connection> {
  const dataDir = await mkdtemp(join(tmpdir(), 'floorwire-tests-'));
  cleanups.push(() => rm(dataDir, { recursive: true, force: true }));
  const server = await startEmbedded({ dataDir, fsync: false });
  cleanups.push(() => server[Symbol.asyncDispose]());
  return connectionTo(server.connection, 'postgres');
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
