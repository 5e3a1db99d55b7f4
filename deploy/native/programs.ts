import { access, constants, readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { OLDEST_POSTGRES } from '../../src/db/database.ts';
import { type Binaries, findBinaries } from '../../src/db/embedded-binaries.ts';
import { PartError } from './part.ts';

/** Where the programs are that floorwire runs with. */
export interface Programs {
  readonly nginx: string;
  readonly redis: string;
  readonly postgres: Binaries;
}

/** Debian keeps servers where an ordinary user's PATH does not lead. */
const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
const PACKAGES = { nginx: 'nginx-light', 'redis-server': 'redis-server' } as const;
const DEBIAN_POSTGRES = '/usr/lib/postgresql';

/** PostgreSQL is Debian's newest, or the one npm brought. @throws PartError that says what to install */
export async function findPrograms(): Promise<Programs> {
  const [nginx, redis, postgres] = await Promise.all([
    find('nginx'),
    find('redis-server'),
    findDebianPostgres().then((found) => found ?? findBinaries()),
  ]);
  if (nginx && redis) return { nginx, redis, postgres };
  const missing = [nginx ? [] : PACKAGES.nginx, redis ? [] : PACKAGES['redis-server']].flat();
  throw new PartError(
    `${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} not installed: apt-get install --no-install-recommends ${missing.join(' ')}`,
  );
}

async function find(program: keyof typeof PACKAGES): Promise<string | null> {
  for (const folder of FOLDERS) {
    const path = join(folder, program);
    if (await isExecutable(path)) return path;
  }
  return null;
}

async function findDebianPostgres(): Promise<Binaries | null> {
  const versions = (await readdir(DEBIAN_POSTGRES).catch(() => []))
    .map(Number)
    .filter((major) => major >= OLDEST_POSTGRES)
    .sort((a, b) => b - a);
  for (const major of versions) {
    const folder = join(DEBIAN_POSTGRES, String(major));
    const programs = ['postgres', 'initdb'].map((name) => isExecutable(join(folder, 'bin', name)));
    if ((await Promise.all(programs)).every(Boolean))
      return { folder, major, packageVersion: `debian-${major}` };
  }
  return null;
}

async function isExecutable(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
