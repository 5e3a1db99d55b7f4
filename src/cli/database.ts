import { join } from 'node:path';
import { authSettingsOf } from '../app/auth-settings.ts';
import { createAuth } from '../auth/service.ts';
import type { Venue } from '../auth/venue.ts';
import { findDefaultVenue, findNamedVenue } from '../auth/venue-store.ts';
import type { Config, DatabaseConfig } from '../config.ts';
import { APP_ROLE, type Connection, type FloorDatabase, openDatabase } from '../db/database.ts';
import { startEmbedded } from '../db/embedded.ts';
import { hasCluster } from '../db/embedded-cluster.ts';
import { joinEmbedded } from '../db/embedded-join.ts';
import { DatabaseSetupError } from '../db/errors.ts';
import { migrate, pendingMigrations } from '../db/migrate.ts';
import { readMigrations } from '../db/migration-files.ts';
import { seedDemo } from '../demo/seed.ts';
import { DomainError } from '../lib/errors.ts';
import { PACKAGE_FOLDER } from '../lib/package-folder.ts';
import { createRunWork, type RunWork } from '../work.ts';
import { CommandError } from './command-error.ts';

const MIGRATIONS = join(PACKAGE_FOLDER, 'migrations');

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Brings the database up to date; with `dryRun` only says what is missing. */
export async function migrateCommand(
  config: DatabaseConfig,
  { dryRun }: { readonly dryRun: boolean },
): Promise<void> {
  const isMade = config.databaseUrl !== null || (await hasCluster(config.dataDir));
  if (dryRun && !isMade) {
    const files = await readMigrations(MIGRATIONS);
    say(
      `There is no database in ${config.dataDir} yet.\nMissing: ${files.map(({ name }) => name).join(', ')}`,
    );
    return;
  }
  await using database = await reach(config);
  if (dryRun) {
    const pending = await pendingMigrations(database.connection, MIGRATIONS);
    say(pending.length > 0 ? `Missing: ${pending.join(', ')}` : 'The database is up to date.');
    return;
  }
  const { applied } = await migrate(database.connection, MIGRATIONS);
  say(applied.length > 0 ? `Applied: ${applied.join(', ')}` : 'The database was up to date.');
}

/** Seeds the demo venue, unless there is a venue already. The machines on its lines play after a restart of a running server. */
export async function seedCommand(config: Config): Promise<void> {
  if (!config.demo) throw new CommandError('The demo venue is not for production: its passwords are public.');
  await using database = await reach(config);
  await migrate(database.connection, MIGRATIONS);
  await using floor = openDatabase({
    connection: database.connection,
    poolSize: 4,
    applicationName: 'floorwire seed',
    role: APP_ROLE,
  });
  const { db } = floor;
  const runWork = createRunWork({ db, onEvents: () => {} });
  const auth = await createAuth({
    ...authSettingsOf(config),
    db,
    runWork,
  });
  say(
    (await seedDemo({ db, runWork, auth }))
      ? 'The demo venue was seeded.'
      : 'There is a venue already: nothing was seeded.',
  );
}

/** The server of DATABASE_URL; else the embedded one, joined where it runs and started for the while where not. */
export async function reach({
  databaseUrl,
  dataDir,
}: DatabaseConfig): Promise<AsyncDisposable & { readonly connection: Connection }> {
  const connection = databaseUrl ?? (await joinEmbedded(dataDir));
  if (connection) return { connection, async [Symbol.asyncDispose]() {} };
  return await startEmbedded({ dataDir });
}

/**
 * The same, for commands that take every table there is. None is made: whoever is in the wrong folder would be told of
 * an empty database as if it were his.
 *
 * @throws DatabaseSetupError when there is none, or it is not up to date
 */
export async function reachMigrated(config: DatabaseConfig): ReturnType<typeof reach> {
  const { databaseUrl, dataDir } = config;
  if (databaseUrl === null && !(await hasCluster(dataDir)))
    throw new DatabaseSetupError(
      `There is no database in ${dataDir}: set DATA_DIR, or DATABASE_URL, as the server has it.`,
    );
  const database = await reach(config);
  if ((await pendingMigrations(database.connection, MIGRATIONS)).length === 0) return database;
  await database[Symbol.asyncDispose]();
  throw new DatabaseSetupError('The database is not up to date: run floorwire migrate first.');
}

/** What a command has that does what the API does. */
export interface Tools {
  readonly floor: FloorDatabase;
  readonly runWork: RunWork;
}

/**
 * Does one thing with the rights of the application, beside a server that may be running, and prints
 * what came of it.
 *
 * @throws CommandError also for what a service refuses
 */
export async function doInDatabase(
  config: DatabaseConfig,
  task: (tools: Tools) => Promise<string>,
): Promise<void> {
  await using database = await reachMigrated(config);
  const { connection } = database;
  await using floor = openDatabase({
    connection,
    poolSize: 2,
    applicationName: 'floorwire command',
    role: APP_ROLE,
  });
  const runWork = createRunWork({ db: floor.db, onEvents: () => {} });
  try {
    say(await task({ floor, runWork }));
  } catch (error) {
    if (error instanceof DomainError) throw new CommandError(error.message, { cause: error });
    throw error;
  }
}

/** The venue of that slug, the oldest without one. @throws CommandError */
export async function venueOf({ db }: FloorDatabase, slug: string | undefined): Promise<Venue> {
  const venue = await (slug === undefined ? findDefaultVenue(db) : findNamedVenue(db, slug));
  if (!venue)
    throw new CommandError(slug === undefined ? 'There is no venue yet.' : `There is no venue ${slug}.`);
  return venue;
}
