import type pg from 'pg';
import { inject } from 'vitest';
import {
  APP_ROLE,
  type Connection,
  closeClient,
  connectClient,
  type FloorDatabase,
  openDatabase,
} from '../../src/db/database.ts';
import { connectionTo } from './database-url.ts';
import { eventually, withDeadline } from './deadline.ts';
import { afterEachFile } from './each-file.ts';
import type { TestCluster } from './global-setup.ts';

/** A migrated database that only this test file knows. */
export interface TestDatabase {
  readonly name: string;
  /** As the user who owns the tables; the application takes `role: APP_ROLE` on it. */
  readonly connection: Connection;
  /** A pool as the application has it, closed by itself at the end of the file. */
  readonly floor: FloorDatabase;
}

/** Those who race in a test all have one: who waits for a connection races with nobody, and under load is refused in the end. */
const POOL_SIZE = 16;
/** A closed connection's process on the server takes a moment to go. */
const CLOSING_MS = 60_000;

let databases: Promise<TestDatabase>[] = [];
/** Made by this process so far. */
let count = 0;

/**
 * A migrated database of the file's own, dropped when the file is done. Whatever the file opened on it
 * must be closed by then: a connection left open fails the file.
 */
export function cloneDatabase(): Promise<TestDatabase> {
  const { template } = theCluster();
  if (typeof template !== 'string')
    throw new Error(`No migrated database for the tests: ${template.failure}`);
  return makeDatabase(template);
}

/** A copy of a database that nobody is connected to. */
export const copyDatabase = ({ name }: TestDatabase): Promise<TestDatabase> => makeDatabase(name);

/** As `cloneDatabase`, without the migrations. */
export const emptyDatabase = (): Promise<TestDatabase> => makeDatabase('template0');

afterEachFile(async () => {
  const ended = databases;
  databases = [];
  const outcomes = await Promise.allSettled(ended.map(async (database) => await drop(await database)));
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
});

function makeDatabase(template: string): Promise<TestDatabase> {
  const { admin, prefix } = theCluster();
  const name = `${prefix}_${process.pid}_${count}`;
  count += 1;
  const connection = connectionTo(admin, name);
  const created = asAdmin(async (client) => {
    await client.query(`create database ${name} template ${template} strategy file_copy`);
    const floor = openDatabase({ connection, poolSize: POOL_SIZE, applicationName: 'test', role: APP_ROLE });
    return { name, connection, floor };
  });
  databases.push(created);
  return created;
}

function theCluster(): TestCluster & { readonly ready: true } {
  const cluster = inject('testCluster');
  if (!cluster.ready) throw new Error(`No database for the tests: ${cluster.failure}`);
  return cluster;
}

async function drop({ name, floor }: TestDatabase): Promise<void> {
  await asAdmin(async (admin) => {
    try {
      await withDeadline(floor[Symbol.asyncDispose](), CLOSING_MS, 'a client of `floor` was not released');
      const left = await openConnections(admin, name);
      if (left.length > 0) throw new Error(`The file left connections open:\n${left.join('\n')}`);
    } finally {
      await admin.query(`drop database ${name} with (force)`);
    }
  });
}

/** Those that are still there after the time a closed connection's process takes to go. */
async function openConnections(admin: pg.Client, name: string): Promise<string[]> {
  const look = async () => {
    const { rows } = await admin.query<{ line: string }>(
      `select format('%s (%s): %s', application_name, state, query) as line
       from pg_stat_activity where datname = $1 and backend_type = 'client backend'`,
      [name],
    );
    return rows.map(({ line }) => line);
  };
  await eventually(async () => (await look()).length === 0, { deadlineMs: CLOSING_MS }).catch(() => {});
  return await look();
}

async function asAdmin<Result>(work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const { admin } = theCluster();
  const client = await connectClient(admin, {
    applicationName: 'floorwire tests',
    statementTimeoutMs: 60_000,
  });
  try {
    return await work(client);
  } finally {
    await closeClient(client);
  }
}
