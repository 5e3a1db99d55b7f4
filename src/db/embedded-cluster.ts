import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, mkdtemp, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Binaries } from './embedded-binaries.ts';
import { writeOnce } from './embedded-owner.ts';
import type { Launcher } from './embedded-privileges.ts';
import { codeOf, DatabaseSetupError } from './errors.ts';

/** The cluster's superuser and the application's database. */
export const OWNER_ROLE = 'floorwire';
export const DATABASE_NAME = 'floorwire';

const DRAFT_PREFIX = 'postgres.init-';

export interface ClusterPlan {
  readonly dataDir: string;
  readonly binaries: Binaries;
  /** Where the programs are run from: the package's own folder or a copy. */
  readonly programs: string;
  readonly launcher: Launcher;
  readonly fsync: boolean;
}

export const clusterDirOf = (dataDir: string): string => join(dataDir, 'postgres');
const passwordFileOf = (dataDir: string): string => join(dataDir, 'postgres.password');

/** The owner role's password, null when the folder has none yet. */
export async function readPassword(dataDir: string): Promise<string | null> {
  try {
    return await readFile(passwordFileOf(dataDir), 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/**
 * Makes the cluster and the application's database where there are none, and answers the password. A
 * cluster appears whole or not at all: what an interrupted start left is thrown away.
 *
 * @throws DatabaseSetupError for a cluster of another major version, or one whose password is lost.
 */
export async function ensureCluster(plan: ClusterPlan): Promise<string> {
  await removeDrafts(plan.dataDir);
  const exists = await checkExisting(plan);
  const password = await readPassword(plan.dataDir);
  if (exists) {
    if (password) return password;
    const file = passwordFileOf(plan.dataDir);
    throw new DatabaseSetupError(
      `${file} is missing: without it the database beside it cannot be opened. Put it back.`,
    );
  }
  await writeOnce(passwordFileOf(plan.dataDir), randomBytes(32).toString('base64url'), 0o600);
  const made = await readPassword(plan.dataDir);
  if (!made) throw new DatabaseSetupError(`${passwordFileOf(plan.dataDir)} is empty: remove it.`);
  await createCluster(plan, made);
  return made;
}

/** Whether an embedded server has been made on this data folder, of whatever version. */
export const hasCluster = async (dataDir: string): Promise<boolean> =>
  (await versionOf(clusterDirOf(dataDir))) !== null;

const versionOf = (clusterDir: string): Promise<string | null> =>
  readFile(join(clusterDir, 'PG_VERSION'), 'utf8').catch(() => null);

/** Whether there is a cluster this version can open. */
async function checkExisting({ dataDir, binaries }: ClusterPlan): Promise<boolean> {
  const clusterDir = clusterDirOf(dataDir);
  const version = await versionOf(clusterDir);
  if (version === null) {
    try {
      await rmdir(clusterDir);
      return false;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return false;
      throw new DatabaseSetupError(`${clusterDir} is not a PostgreSQL data folder: move it away.`, {
        cause: error,
      });
    }
  }
  if (Number.parseInt(version, 10) === binaries.major) return true;
  throw new DatabaseSetupError(
    `${clusterDir} was written by PostgreSQL ${version.trim()}, this floorwire brings ${binaries.major}: ` +
      `dump it with the older floorwire's PostgreSQL (pg_dump), move the folder away, start, and restore the dump; ` +
      `or serve it with PostgreSQL ${version.trim()} and set DATABASE_URL.`,
  );
}

async function createCluster(plan: ClusterPlan, password: string): Promise<void> {
  const { dataDir, launcher } = plan;
  const draft = await mkdtemp(join(dataDir, DRAFT_PREFIX));
  const data = join(draft, 'data');
  const passwordFile = join(draft, 'password');
  await mkdir(data, { mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (launcher.uid !== process.getuid?.()) {
    for (const path of [draft, data, passwordFile]) await chown(path, launcher.uid, launcher.gid);
  }
  const sync = plan.fsync ? [] : ['--no-sync'];
  await run(plan, 'initdb', [
    `--pgdata=${data}`,
    `--pwfile=${passwordFile}`,
    ...initdbOptions(plan.binaries.major),
    ...sync,
  ]);
  const single = [
    '--single',
    '-D',
    data,
    '-c',
    'log_min_messages=fatal',
    '-c',
    `fsync=${plan.fsync}`,
    'postgres',
  ];
  await run(plan, 'postgres', single, `create database ${DATABASE_NAME}\n`);
  await rename(data, clusterDirOf(dataDir));
  await rm(draft, { recursive: true, force: true });
}

/** From 17 on it sorts and upper-cases text itself; before, the system's library does. */
const BUILTIN_LOCALE_SINCE = 17;

/** Text sorts by code point and upper-cases by Unicode, on every machine alike. */
const initdbOptions = (major: number): readonly string[] => [
  `--username=${OWNER_ROLE}`,
  '--auth=scram-sha-256',
  '--encoding=UTF8',
  ...(major >= BUILTIN_LOCALE_SINCE
    ? ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
    : ['--locale=C.UTF-8']),
  '--no-instructions',
];

async function removeDrafts(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir)) {
    if (!name.startsWith(DRAFT_PREFIX)) continue;
    // An initdb whose parent was killed may still be writing for a moment.
    await rm(join(dataDir, name), { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** Runs one of PostgreSQL's programs to its end. */
async function run(plan: ClusterPlan, program: string, args: readonly string[], input = ''): Promise<void> {
  const [command = '', ...rest] = [...plan.launcher.prefix, join(plan.programs, 'bin', program), ...args];
  const child = spawn(command, rest, { env: serverEnvironment(), cwd: plan.dataDir, stdio: 'pipe' });
  const exit = new Promise<number | string>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  // A program that ends before it reads is told by its exit code, not by the broken pipe.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [code, output, errors] = await Promise.all([exit, text(child.stdout), text(child.stderr)]);
  if (code === 0) return;
  const reason = (errors.trim() || output.trim()).split('\n').slice(-3).join(' ');
  throw new DatabaseSetupError(`The embedded PostgreSQL cannot be set up (${program}: ${code}): ${reason}`);
}

/** None of the caller's `PG…` settings reach the server; where its libraries are may. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const { PATH, TMPDIR, LD_LIBRARY_PATH } = process.env;
  return {
    LC_ALL: 'C',
    TZ: 'UTC',
    ...(PATH && { PATH }),
    ...(TMPDIR && { TMPDIR }),
    ...(LD_LIBRARY_PATH && { LD_LIBRARY_PATH }),
  };
}
